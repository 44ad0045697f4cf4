//! What images promise: the terms of a contract file, and which images each part is about.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A contract file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contract {
    /// Its parts, the most general first: images, then stages, then targets.
    pub(crate) sections: Vec<Section>,
}

/// The terms for some images.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// What its name is that of.
    pub(crate) scope: Scope,
    /// The name or pattern, as written.
    pub(crate) name: String,
    /// What the name matches.
    pub(crate) pattern: Regex,
    /// The line of the name, from 1.
    pub(crate) line: usize,
    /// What is promised.
    pub(crate) terms: Terms,
}

/// What a section's name is that of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// An image, by one of its tags.
    Image,
    /// The stage that became the image.
    Stage,
    /// The target that made the image.
    Target,
}

impl Scope {
    /// The key of its sections in a contract file.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Image => "images",
            Self::Stage => "stages",
            Self::Target => "targets",
        }
    }
}

/// What an image promises. `None` everywhere promises what holds for any image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    /// What it runs as.
    pub(crate) user: Option<UserTerm>,
    /// Whether there is a shell.
    pub(crate) shell: Option<Presence>,
    /// Whether there is a package manager.
    pub(crate) package_manager: Option<Presence>,
    /// Whether there is a health check.
    pub(crate) health_check: Option<Presence>,
    /// The labels, and their values where these are promised too.
    pub(crate) labels: Option<BTreeMap<String, Option<String>>>,
    /// The ports that it exposes, such as `8080/tcp`.
    pub(crate) ports: Option<BTreeSet<String>>,
    /// The most bytes that it has.
    pub(crate) size_bytes_max: Option<u64>,
    /// The files that may have setuid or setgid.
    pub(crate) setuid: Option<BTreeSet<String>>,
    /// How it starts.
    pub(crate) start: Option<StartTerm>,
    /// How long it may take to start.
    pub(crate) start_timeout: Option<Duration>,
    /// The network that it is started in.
    pub(crate) network: Option<String>,
}

/// What an image runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UserTerm {
    /// Anyone but root.
    NonRoot,
    /// This name or id.
    Is(String),
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It has to be.
    Required,
    /// It must not be.
    Forbidden,
}

/// How an image starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StartTerm {
    /// It goes on running, and passes its health check if it has one; or it ends well.
    #[default]
    Start,
    /// It does its work and ends well.
    ExitZero,
    /// It is not meant to be started.
    Never,
}

impl Terms {
    /// These terms, with those of a more special part in the place of its own.
    pub(crate) fn overridden_by(self, other: Self) -> Self {
        Self {
            user: other.user.or(self.user),
            shell: other.shell.or(self.shell),
            package_manager: other.package_manager.or(self.package_manager),
            health_check: other.health_check.or(self.health_check),
            labels: other.labels.or(self.labels),
            ports: other.ports.or(self.ports),
            size_bytes_max: other.size_bytes_max.or(self.size_bytes_max),
            setuid: other.setuid.or(self.setuid),
            start: other.start.or(self.start),
            start_timeout: other.start_timeout.or(self.start_timeout),
            network: other.network.or(self.network),
        }
    }
}
