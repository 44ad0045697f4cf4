//! What is going to be built, with real values: secrets are taken out when a report is made.

use common::dockerfile::Dockerfile;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The targets of one build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The targets, each after those that it depends on.
    pub(crate) targets: Vec<Target>,
    /// The names of the targets that were asked for; the others are there because one of them
    /// depends on them. Empty means that all were.
    pub(crate) asked: Vec<String>,
}

impl Plan {
    /// Whether a target was asked for by itself.
    pub(crate) fn is_asked(&self, name: &str) -> bool {
        self.asked.is_empty() || self.asked.iter().any(|asked| asked == name)
    }
}

/// One image to build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// The compose service, the bake target, or what a lone Dockerfile's target is called.
    pub(crate) name: String,
    /// The folder that is offered to the builder.
    pub(crate) context_dir: PathBuf,
    /// The Dockerfile, as a path that can be opened from the working directory. The file that holds
    /// the text when it is written inline.
    pub(crate) dockerfile_path: PathBuf,
    /// The Dockerfile's text when it is written inside another file. `None` when it is a file.
    pub(crate) dockerfile_inline: Option<String>,
    /// The stage to build. `None` builds the last one.
    pub(crate) stage: Option<String>,
    /// The platform asked for, such as `linux/amd64`, several separated by commas. `None` leaves it
    /// to the builder.
    pub(crate) platform: Option<String>,
    /// The names that the image gets.
    pub(crate) tags: Vec<String>,
    /// Build arguments by name.
    pub(crate) build_args: BTreeMap<String, String>,
    /// Labels that the image gets beside those of the Dockerfile.
    pub(crate) labels: BTreeMap<String, String>,
    /// Annotations of the image's manifest, as `[TYPE:]KEY=VALUE`.
    pub(crate) annotations: Vec<String>,
    /// What names in `FROM` and `--from` mean, before they are looked for among stages and images.
    pub(crate) named_contexts: BTreeMap<String, NamedContext>,
    /// The secrets that `RUN --mount=type=secret` may read.
    pub(crate) secrets: Vec<Secret>,
    /// The agents that `RUN --mount=type=ssh` may use.
    pub(crate) ssh: Vec<SshAgent>,
    /// Caches that are read beside the Engine's own.
    pub(crate) cache_from: Vec<Attributes>,
    /// Where the cache is written to beside the Engine's own.
    pub(crate) cache_to: Vec<Attributes>,
    /// What becomes of the result. Empty means an image in the Engine.
    pub(crate) outputs: Vec<Attributes>,
    /// The network of `RUN` steps: `default`, `host` or `none`. `None` leaves it to the builder.
    pub(crate) network: Option<String>,
    /// Bytes of `/dev/shm` in `RUN` steps. `None` leaves it to the builder.
    pub(crate) shm_size_bytes: Option<u64>,
    /// Limits of `RUN` steps, as `NAME=SOFT[:HARD]`.
    pub(crate) ulimits: Vec<String>,
    /// Names that `RUN` steps can resolve, as `NAME=ADDRESS`.
    pub(crate) extra_hosts: Vec<String>,
    /// What the build may do beyond the ordinary, such as `network.host`.
    pub(crate) entitlements: Vec<String>,
    /// Attestations asked for, such as `type=provenance,mode=max`.
    pub(crate) attestations: Vec<Attributes>,
    /// Whether this target's steps run again, whatever the cache holds.
    pub(crate) no_cache: bool,
    /// The stages whose steps run again, whatever the cache holds.
    pub(crate) no_cache_stages: Vec<String>,
    /// Whether images are looked up in their registries although the Engine has them.
    pub(crate) pull: bool,
    /// Names of the targets that have to be built before this one, sorted.
    pub(crate) depends_on: Vec<String>,
    /// The Dockerfile's content.
    pub(crate) dockerfile: Dockerfile,
    /// Where the Dockerfile uses named contexts, as far as the target needs it.
    pub(crate) context_uses: Vec<ContextUse>,
    /// The paths that the Dockerfile takes from the build context. `None` when that cannot be said.
    pub(crate) context_paths: Option<Vec<String>>,
    /// The images that it starts from or copies from and that no target of the plan makes, sorted.
    pub(crate) images: Vec<String>,
}

/// A place of a Dockerfile that uses a named context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContextUse {
    /// The name, as in the target's `named_contexts`.
    pub(crate) name: String,
    /// What is written there, with variables.
    pub(crate) written: String,
    /// The first line of the instruction in the Dockerfile's own text, from 1.
    pub(crate) line: u32,
    /// What kind of place it is.
    pub(crate) place: UsePlace,
}

/// The kinds of places that use a named context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UsePlace {
    /// The base of a `FROM`.
    Base,
    /// A stage that the context stands for as a whole: its base, and no instruction of it.
    Stage {
        /// The first and last lines of its instructions.
        instructions: Vec<(u32, u32)>,
    },
    /// The `--from` of a `COPY`, or the `from` of a `RUN`'s mounts.
    Files,
}

/// What a name in `FROM` or `--from` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamedContext {
    /// The result of another target of the plan.
    Target(String),
    /// An image.
    Image(String),
    /// A folder, as a path that can be opened from the working directory.
    Folder(PathBuf),
    /// A git repository or archive that the builder fetches.
    Remote(String),
}

/// A secret and where its value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    /// What the Dockerfile calls it.
    pub(crate) id: String,
    /// Where its value is.
    pub(crate) source: SecretSource,
}

/// Where a secret's value is. It is read when the build asks for it, and never earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretSource {
    /// In a file.
    File(PathBuf),
    /// In an environment variable.
    Variable(String),
}

/// An ssh agent, or keys that are offered like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SshAgent {
    /// What the Dockerfile calls it; `default` when it does not say.
    pub(crate) id: String,
    /// The agent's socket, or private key files. Empty means the socket in `SSH_AUTH_SOCK`.
    pub(crate) paths: Vec<PathBuf>,
}

/// A kind and its options, as in `type=registry,ref=r.example/app`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// The kind, such as `registry`.
    pub(crate) kind: String,
    /// Its options by name, without `type`.
    pub(crate) values: BTreeMap<String, String>,
}

#[cfg(test)]
impl Target {
    /// A target that tests change to what they need.
    pub(crate) fn sample(name: &str, dockerfile: &str) -> Self {
        Self {
            name: name.to_owned(),
            context_dir: ".".into(),
            dockerfile_path: "Dockerfile".into(),
            dockerfile: common::dockerfile::parse(dockerfile).expect("the sample is a Dockerfile"),
            ..Self::default()
        }
    }

    /// The target with these build arguments.
    pub(crate) fn with_args(mut self, args: &[(&str, &str)]) -> Self {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        self.build_args = args.iter().map(owned).collect();
        self
    }
}
