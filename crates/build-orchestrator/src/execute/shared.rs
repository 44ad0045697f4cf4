//! A build context that several targets use, as one source for all of them.
//!
//! Left alone, each target's frontend asks for its own part of the context, and BuildKit keeps each
//! part for itself: the same files are sent once per target. Given one and the same source,
//! BuildKit reads it once, also for solves that run at the same time.
//!
//! Newer versions read it from the session that the source names, BuildKit 0.8 from that of any
//! target that waits for it. So all of them have the same key and offer the same.

use bollard_buildkit_proto::pb::op::Op as Kind;
use bollard_buildkit_proto::pb::{Definition, Input, Op, OpMetadata, SourceOp};
use common::engine::Engine;
use common::report::sha256_hex;
use prost::Message;
use std::collections::BTreeMap;
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
    /// The key of all sessions that offer it.
    pub(super) key: String,
    /// What of it is offered. Empty means everything.
    pub(super) paths: Vec<String>,
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
            paths: paths.clone(),
            dockerfile_path: PathBuf::from("Dockerfile"),
            dockerfile_text: Some("".into()),
            sent_bytes: sent_bytes.clone(),
        });
        let session = session::open(&mut client, &id, &key, services).await?;
        Ok(Self {
            definition: local("context", &id, "context", None, STEP_NAME.to_owned()),
            key,
            paths,
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

/// A folder of a session, as BuildKit's low-level language has it: of the folder `name`, only
/// `file` if one is given. `hint` tells it from folders of the same name and the same shared key.
///
/// Source: solver/pb/ops.proto and attr.go of github.com/moby/buildkit
fn local(name: &str, session: &str, hint: &str, file: Option<&str>, step: String) -> Definition {
    let mut attrs = BTreeMap::from([
        ("local.session".to_owned(), session.to_owned()),
        ("local.sharedkeyhint".to_owned(), hint.to_owned()),
    ]);
    if let Some(file) = file {
        let files = serde_json::json!([file]).to_string();
        attrs.insert("local.followpaths".to_owned(), files);
    }
    let source = Op {
        op: Some(Kind::Source(SourceOp {
            identifier: format!("local://{name}"),
            attrs,
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
    let metadata = OpMetadata {
        description: [("llb.customname".to_owned(), step)].into(),
        ..OpMetadata::default()
    };
    Definition {
        def: vec![source, result.encode_to_vec()],
        metadata: [(digest, metadata)].into(),
        source: None,
    }
}

/// The Dockerfile of a target whose context is shared. The targets' sessions have one shared key,
/// so that the Engine has to be told whose Dockerfile it is.
pub(super) fn dockerfile(target: &Target, session: &str, name: &str) -> Definition {
    let step = format!("[internal] load build definition from {name}");
    let path = &target.dockerfile_path;
    let path = fs_err::canonicalize(path).unwrap_or_else(|_| path.clone());
    let hint = format!("{}\n{}", target.name, path.display());
    local("dockerfile", session, &hint, Some(name), step)
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
