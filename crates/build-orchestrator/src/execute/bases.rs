//! Asks the Engine for the images that stages start from: their ids and environments.
//!
//! An image that BuildKit fetched is in its own store, which the Engine does not tell of.

use common::engine::Engine;
use std::collections::BTreeMap;

use crate::model::outcome::{BaseImage, TargetOutcome};

/// Puts into each outcome the images that its steps name and that the Engine has.
pub(super) async fn record(engine: &Engine, outcomes: &mut [TargetOutcome]) {
    let mut known: BTreeMap<String, Option<BaseImage>> = BTreeMap::new();
    for outcome in outcomes {
        for vertex in &outcome.vertexes {
            let Some((_, name)) = vertex.name.split_once("] FROM ") else {
                continue;
            };
            if !known.contains_key(name) {
                known.insert(name.to_owned(), inspect(engine, name).await);
            }
            if let Some(image) = &known[name] {
                outcome.bases.insert(name.to_owned(), image.clone());
            }
        }
    }
}

/// `None` also when the Engine went away: what it does not say is not known.
async fn inspect(engine: &Engine, name: &str) -> Option<BaseImage> {
    let image = engine.api.inspect_image(name).await.ok()?;
    let env = image.config.and_then(|config| config.env);
    let variable = |text: String| {
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    Some(BaseImage {
        id: image.id?,
        env: env.into_iter().flatten().filter_map(variable).collect(),
    })
}
