//! The findings about what is in an image and should not ship.

use common::report::{Finding, ImageLayers, Location, Saving, Severity};
use common::units::{format_bytes, format_count};
use std::collections::BTreeMap;

use super::numbers::Unwanted;
use crate::analysis::configuration::{Exposed, exposed};
use crate::analysis::rules::{Rule, Weight};
use crate::analysis::unwanted::files::Group;
use crate::analysis::unwanted::secrets::Telltale;
use crate::model::image::Image;
use crate::model::path;
use crate::model::secret::Secret;

/// How many files that tell secrets are findings of their own, for each rule and layer.
///
/// Chosen: more than a person reads; what a hostile image has more of is counted.
const TELLTALE_COUNT_MAX: usize = 20;

/// The rule that does not apply to images that are there to build with.
const BUILD_TOOL_RULE: &str = "build-tool";

/// Words in the names of stages and images that are there to build or test.
const BUILD_WORDS: [&str; 12] = [
    "build",
    "builder",
    "compile",
    "compiler",
    "dev",
    "devel",
    "development",
    "sdk",
    "test",
    "tests",
    "toolchain",
    "tools",
];

/// What should not be in `image`, whose report is `told`: the files that were found, and what the
/// configuration exposes.
pub(super) fn unwanted(image: &Image, told: &ImageLayers, unwanted: &Unwanted) -> Vec<Finding> {
    let place = Place { image: told };
    let is_for_building = is_for_building(told);
    let groups = unwanted.groups.iter();
    let groups = groups.filter(|group| !(is_for_building && group.rule.id == BUILD_TOOL_RULE));
    let mut findings: Vec<Finding> = groups.map(|group| place.group(group)).collect();
    findings.extend(place.telltales(&unwanted.telltales));
    findings.extend(exposed(image).iter().map(|exposed| place.exposed(exposed)));
    findings
}

/// Whether the image is there to build or test with, as its stage, target or names say.
fn is_for_building(image: &ImageLayers) -> bool {
    let stage = image.layers.last().and_then(|layer| layer.stage.as_ref());
    let names = image.tags.iter().chain([&image.name]);
    let mut names = names.chain(stage).chain(&image.target);
    let is_word = |word: &str| BUILD_WORDS.contains(&word.to_ascii_lowercase().as_str());
    names.any(|name| {
        name.split(|c: char| !c.is_ascii_alphanumeric())
            .any(is_word)
    })
}

/// Where findings are.
struct Place<'a> {
    image: &'a ImageLayers,
}

impl Place<'_> {
    fn finding(&self, rule: &Rule, weight: Weight, layer: Option<u32>, message: String) -> Finding {
        Finding {
            rule: rule.id.to_owned(),
            severity: severity(weight),
            message,
            advice: Some(rule.advice.to_owned()),
            location: layer.and_then(|layer| self.location(layer)),
            subject: Some(self.image.name.clone()),
            saving: None,
        }
    }

    fn location(&self, layer: u32) -> Option<Location> {
        self.image.layers.get(layer as usize)?.location.clone()
    }

    fn group(&self, group: &Group) -> Finding {
        let examples: Vec<String> = group.examples.iter().copied().map(quoted).collect();
        let fate = group.fate.told(group.file_count, group.layer);
        let message = format!(
            "layer {} has {}: {} with {}, such as {}{fate}",
            group.layer,
            group.rule.what,
            format_count(group.file_count, "file"),
            format_bytes(group.size_bytes),
            examples.join(", "),
        );
        Finding {
            saving: Some(Saving {
                duration_ms: None,
                size_bytes: Some(group.size_bytes),
            }),
            ..self.finding(group.rule, group.weight, Some(group.layer), message)
        }
    }

    fn telltales(&self, telltales: &[Telltale]) -> Vec<Finding> {
        let mut alike: BTreeMap<(u32, &str), Vec<&Telltale>> = BTreeMap::new();
        for telltale in telltales {
            let key = (telltale.layer, telltale.rule.id);
            alike.entry(key).or_default().push(telltale);
        }
        let mut findings = Vec::new();
        for ((layer, _), mut alike) in alike {
            alike.sort_by_key(|telltale| telltale.weight);
            let rest = alike.split_off(alike.len().min(TELLTALE_COUNT_MAX));
            findings.extend(alike.into_iter().map(|telltale| self.telltale(telltale)));
            if let Some(first) = rest.first() {
                let files = format_count(rest.len() as u64, "more file");
                let message = format!("{files} in layer {layer} like these");
                findings.push(self.finding(first.rule, first.weight, Some(layer), message));
            }
        }
        findings
    }

    fn telltale(&self, telltale: &Telltale) -> Finding {
        let (path, layer) = (quoted(telltale.path), telltale.layer);
        let fate = telltale.fate.told(1, layer);
        let message = match telltale.secrets.split_first() {
            None => format!("{path} in layer {layer} is {}{fate}", telltale.rule.what),
            Some((first, rest)) => {
                let Secret {
                    what,
                    line,
                    excerpt,
                    ..
                } = first;
                let more = match rest.len() {
                    0 => String::new(),
                    count => format!(", and {count} more"),
                };
                format!(
                    "{path} in layer {layer} holds {what} ({excerpt}) in line {line}{more}{fate}"
                )
            }
        };
        self.finding(telltale.rule, telltale.weight, Some(layer), message)
    }

    fn exposed(&self, exposed: &Exposed) -> Finding {
        let message = format!("{} is {}", exposed.place, exposed.what);
        self.finding(exposed.rule, exposed.weight, exposed.layer, message)
    }
}

fn quoted(path: &[u8]) -> String {
    format!("`{}`", path::to_text(path))
}

/// How reports call a weight.
fn severity(weight: Weight) -> Severity {
    match weight {
        Weight::Error => Severity::Error,
        Weight::Warning => Severity::Warning,
        Weight::Note => Severity::Note,
    }
}
