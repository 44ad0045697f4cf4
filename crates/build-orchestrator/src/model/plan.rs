//! What is going to be built, with real values: secrets are taken out when a report is made.

use common::dockerfile::Dockerfile;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The targets of one build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The targets, each after those that it depends on.
    pub(crate) targets: Vec<Target>,
}

/// One image to build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The compose service, or what a lone Dockerfile's target is called.
    pub(crate) name: String,
    /// The folder that is offered to the builder.
    pub(crate) context_dir: PathBuf,
    /// The Dockerfile, as a path that can be opened from the working directory.
    pub(crate) dockerfile_path: PathBuf,
    /// The stage to build. `None` builds the last one.
    pub(crate) stage: Option<String>,
    /// The platform asked for, such as `linux/amd64`. `None` leaves it to the builder.
    pub(crate) platform: Option<String>,
    /// The names that the image gets.
    pub(crate) tags: Vec<String>,
    /// Build arguments by name.
    pub(crate) build_args: BTreeMap<String, String>,
    /// Labels that the image gets beside those of the Dockerfile.
    pub(crate) labels: BTreeMap<String, String>,
    /// Names of the targets that have to be built before this one, sorted.
    pub(crate) depends_on: Vec<String>,
    /// The Dockerfile's content.
    pub(crate) dockerfile: Dockerfile,
}

#[cfg(test)]
impl Target {
    /// A target that tests change to what they need.
    pub(crate) fn sample(name: &str, dockerfile: &str) -> Self {
        Self {
            name: name.to_owned(),
            context_dir: ".".into(),
            dockerfile_path: "Dockerfile".into(),
            stage: None,
            platform: None,
            tags: Vec::new(),
            build_args: BTreeMap::new(),
            labels: BTreeMap::new(),
            depends_on: Vec::new(),
            dockerfile: common::dockerfile::parse(dockerfile).expect("the sample is a Dockerfile"),
        }
    }

    /// The target with these build arguments.
    pub(crate) fn with_args(mut self, args: &[(&str, &str)]) -> Self {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        self.build_args = args.iter().map(owned).collect();
        self
    }
}
