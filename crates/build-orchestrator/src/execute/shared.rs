//! A build context that several targets use, as one source for all of them.
//!
//! Left alone, each target's frontend asks for its own part of the context, and BuildKit keeps each
//! part for itself: the same files are sent once per target. Given one and the same source from one
//! and the same session, BuildKit reads it once, also for solves that run at the same time.

use bollard_buildkit_proto::pb::op::Op as Kind;
use bollard_buildkit_proto::pb::{Definition, Input, Op, OpMetadata, SourceOp};
use common::engine::Engine;
use common::report::sha256_hex;
use prost::Message;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::client;
use super::identity::{shared_key, unique_id};
use super::session::file_sync::FileSync;
use super::session::{self, Services, Session};
use crate::model::context::ContextScan;
use crate::model::outcome::TargetError;
use crate::model::plan::Target;

/// What the frontend itself calls the step.
const STEP_NAME: &str = "[internal] load build context";

/// A build context that is being offered.
pub(super) struct Shared {
    /// The source, as frontends take it.
    pub(super) definition: Definition,
    session: Session,
    sent_bytes: Arc<AtomicU64>,
}

impl Shared {
    /// Offers a context's `paths`, all if there are none.
    pub(super) async fn open(
        engine: &Engine,
        context: Arc<ContextScan>,
        paths: Vec<String>,
    ) -> Result<Self, TargetError> {
        let mut client = client::connect(&engine.endpoint).await?;
        let id = unique_id();
        // Builds that need other parts of it must not throw out what these targets need.
        let key = shared_key(&context.dir, &format!("shared\n{}", paths.join("\n")));
        let sent_bytes = Arc::new(AtomicU64::new(0));
        let services = Services::files(FileSync {
            context,
            paths,
            dockerfile_path: PathBuf::from("Dockerfile"),
            dockerfile_text: Some("".into()),
            sent_bytes: sent_bytes.clone(),
        });
        let session = session::open(&mut client, &id, &key, services).await?;
        Ok(Self {
            definition: definition(id),
            session,
            sent_bytes,
        })
    }

    /// Whether the Engine can still reach it.
    pub(super) fn is_open(&self) -> bool {
        self.session.is_open()
    }

    /// Bytes of file content that were asked for since the last call.
    pub(super) fn take_sent_bytes(&self) -> u64 {
        self.sent_bytes.swap(0, Ordering::Relaxed)
    }
}

/// The folder `context` of a session, as BuildKit's low-level language has it.
///
/// Source: solver/pb/ops.proto and attr.go of github.com/moby/buildkit
fn definition(session: String) -> Definition {
    let attrs = [
        ("local.session".to_owned(), session),
        ("local.sharedkeyhint".to_owned(), "context".to_owned()),
    ];
    let source = Op {
        op: Some(Kind::Source(SourceOp {
            identifier: "local://context".to_owned(),
            attrs: attrs.into(),
        })),
        ..Op::default()
    };
    let source = source.encode_to_vec();
    let digest = sha256_hex(&source);
    let result = Op {
        inputs: vec![Input {
            digest: digest.clone(),
            index: 0,
        }],
        ..Op::default()
    };
    let name = ("llb.customname".to_owned(), STEP_NAME.to_owned());
    let metadata = OpMetadata {
        description: [name].into(),
        ..OpMetadata::default()
    };
    Definition {
        def: vec![source, result.encode_to_vec()],
        metadata: [(digest, metadata)].into(),
        source: None,
    }
}

/// What of a context the targets that use it need. Empty means everything: where one of them does
/// not say, or starts from an image whose triggers may copy more.
pub(super) async fn paths(engine: &Engine, targets: &[&Target]) -> Vec<String> {
    let mut paths = Vec::new();
    for target in targets {
        let Some(own) = &target.context_paths else {
            return Vec::new();
        };
        paths.extend(own.iter().cloned());
        for image in &target.images {
            if may_have_triggers(engine, image).await {
                return Vec::new();
            }
        }
    }
    paths.sort();
    paths.dedup();
    paths
}

async fn may_have_triggers(engine: &Engine, image: &str) -> bool {
    let config = engine.api.inspect_image(image).await.ok();
    let config = config.and_then(|image| image.config);
    config.is_none_or(|config| config.on_build.is_some_and(|triggers| !triggers.is_empty()))
}
