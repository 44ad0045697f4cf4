//! Which targets are meant, and what of their files is overridden.

use clap::Args;
use std::path::PathBuf;

/// What to build.
#[derive(Args, Clone, Debug)]
pub(crate) struct ProjectArgs {
    /// The targets or groups, with those that they depend on [default: the bake group `default`,
    /// else all]
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// A compose file (`*.yml`, `*.yaml`), bake file (`*.hcl`, `*.json`) or Dockerfile; several
    /// compose or bake files are merged in order [default: whichever is there: bake files with
    /// their overrides, compose files with theirs, Dockerfile]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) file: Vec<PathBuf>,

    /// The variables of the compose file (can be repeated, later ones win) [default: `.env` beside
    /// it, if there]
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,

    /// Set a build argument of all targets (can be repeated; without VALUE it is taken from the
    /// environment)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) build_arg: Vec<String>,

    /// Build for a platform such as linux/amd64
    #[arg(long, value_name = "PLATFORM", env = "BUILD_PLATFORM")]
    pub(crate) platform: Option<String>,

    /// Add a label to all images (can be repeated)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) label: Vec<String>,

    /// Let a name in `FROM` and `--from` mean a folder, `docker-image://NAME` or `target:NAME` (can
    /// be repeated)
    #[arg(long, value_name = "NAME=SOURCE")]
    pub(crate) build_context: Vec<String>,

    /// Offer a secret to `RUN --mount=type=secret` (can be repeated)
    #[arg(long, value_name = "id=ID[,src=FILE|,env=NAME]")]
    pub(crate) secret: Vec<String>,

    /// Offer an ssh agent or keys to `RUN --mount=type=ssh` (can be repeated)
    #[arg(long, value_name = "default|ID[=SOCKET|=KEY,…]")]
    pub(crate) ssh: Vec<String>,

    /// Read a cache beside the Engine's own (can be repeated)
    #[arg(long, value_name = "NAME|type=KIND,…")]
    pub(crate) cache_from: Vec<String>,

    /// Write the cache somewhere beside the Engine's own (can be repeated)
    #[arg(long, value_name = "type=KIND,…")]
    pub(crate) cache_to: Vec<String>,

    /// What becomes of the result, instead of an image in the Engine (can be repeated)
    #[arg(long, short, value_name = "DIR|type=KIND,…")]
    pub(crate) output: Vec<String>,

    /// Look images up in their registries although the Engine has them
    #[arg(long)]
    pub(crate) pull: bool,

    /// Run the steps of a stage again, whatever the cache holds (can be repeated)
    #[arg(long, value_name = "STAGE")]
    pub(crate) no_cache_filter: Vec<String>,

    /// The network of `RUN` steps: default, host or none
    #[arg(long, value_name = "NETWORK")]
    pub(crate) network: Option<String>,

    /// Let `RUN` steps resolve a name (can be repeated)
    #[arg(long, value_name = "NAME=ADDRESS")]
    pub(crate) add_host: Vec<String>,

    /// Use the services of a profile too (can be repeated; `*` is all)
    #[arg(
        long,
        value_name = "NAME",
        env = "COMPOSE_PROFILES",
        value_delimiter = ',',
        help_heading = "Compose files"
    )]
    pub(crate) profile: Vec<String>,

    /// Override a target's attribute, as in `app.args.VERSION=2` (can be repeated; `*` in the name
    /// is any text)
    #[arg(long, value_name = "TARGET.KEY=VALUE", help_heading = "Bake files")]
    pub(crate) set: Vec<String>,

    /// The build context of a Dockerfile [default: the Dockerfile's folder]
    #[arg(long, value_name = "DIR", help_heading = "Dockerfile alone")]
    pub(crate) context: Option<PathBuf>,

    /// The stage of a Dockerfile to build [default: the last one]
    #[arg(long, value_name = "STAGE", help_heading = "Dockerfile alone")]
    pub(crate) target: Option<String>,

    /// Make a target of each stage of a Dockerfile
    #[arg(long, conflicts_with = "target", help_heading = "Dockerfile alone")]
    pub(crate) all_stages: bool,

    /// Name the image (can be repeated) [default: `REGISTRY/IMAGE_NAME:VERSION` of the environment,
    /// if `IMAGE_NAME` is set]
    #[arg(long, short, value_name = "NAME", help_heading = "Dockerfile alone")]
    pub(crate) tag: Vec<String>,
}
