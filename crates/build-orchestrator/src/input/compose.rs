//! Compose files, as far as they say what to build.
//!
//! Only what a build needs is read: a fault in the parts that only containers use does not keep an
//! image from being built. Source: <https://docs.docker.com/reference/compose-file/build/>

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::interpolate::interpolate;
use super::nearest::hint;
use super::project::{Project, Variables};
use super::yaml::{Entry, Fault, Node, Value, parse};
use crate::model::plan::Target;

/// Keys of `build` that are read.
const BUILD_KEYS: [&str; 7] = [
    "args",
    "context",
    "dockerfile",
    "labels",
    "platforms",
    "tags",
    "target",
];

/// Keys of `build` that change what is built, and are not supported yet.
const UNSUPPORTED_BUILD_KEYS: [&str; 8] = [
    "additional_contexts",
    "dockerfile_inline",
    "entitlements",
    "extra_hosts",
    "network",
    "privileged",
    "secrets",
    "ssh",
];

/// Keys of `build` that change how it is built, not what.
const PASSED_OVER_BUILD_KEYS: [&str; 9] = [
    "cache_from",
    "cache_to",
    "isolation",
    "no_cache",
    "provenance",
    "pull",
    "sbom",
    "shm_size",
    "ulimits",
];

/// What a compose file builds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ComposeProject {
    /// The services with a `build` section, by name.
    pub(crate) services: Vec<Service>,
    /// What the user should know, with file and line.
    pub(crate) warnings: Vec<String>,
}

/// One service with a `build` section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: String,
    /// The build context, as a path from the working directory.
    pub(crate) context_dir: PathBuf,
    /// The Dockerfile, as a path from the working directory.
    pub(crate) dockerfile_path: PathBuf,
    /// The stage to build. `None` builds the last one.
    pub(crate) stage: Option<String>,
    /// The platform to build for. `None` leaves it to the builder.
    pub(crate) platform: Option<String>,
    /// The names of the image.
    pub(crate) tags: Vec<String>,
    /// Build arguments; one without a value takes that of the variable of its name.
    pub(crate) build_args: BTreeMap<String, Option<String>>,
    /// Labels of the image.
    pub(crate) labels: BTreeMap<String, String>,
}

/// Why a compose file cannot be built from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComposeError {
    /// It cannot be read; the error names it.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// Something in it is wrong.
    #[error("{path}:{line}: {message}")]
    Fault {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// Reads compose files, merged in order, with the variables put in. Services without an active
/// profile are targets too, but no default ones.
///
/// # Errors
///
/// A file cannot be read, is not YAML, or says something that cannot be built.
pub(super) fn read(
    paths: &[PathBuf],
    variables: &Variables,
    _profiles: &[String],
) -> Result<Project, ComposeError> {
    let compose = read_compose(&paths[0], variables)?;
    let services = compose.services.into_iter();
    let targets: Vec<Target> = services.map(|service| target(service, variables)).collect();
    Ok(Project {
        default_targets: targets.iter().map(|target| target.name.clone()).collect(),
        targets,
        files: vec![("compose-file", paths[0].display().to_string())],
        warnings: compose.warnings,
        ..Project::default()
    })
}

fn target(service: Service, variables: &Variables) -> Target {
    let value = |(name, value): (String, Option<String>)| {
        let value = value.or_else(|| variables.get(&name).cloned())?;
        Some((name, value))
    };
    Target {
        name: service.name,
        context_dir: service.context_dir,
        dockerfile_path: service.dockerfile_path,
        stage: service.stage,
        platform: service.platform,
        tags: service.tags,
        build_args: service.build_args.into_iter().filter_map(value).collect(),
        labels: service.labels,
        ..Target::default()
    }
}

/// Reads a compose file with the variables put in.
///
/// # Errors
///
/// The file cannot be read, is not YAML, or says something that cannot be built.
pub(crate) fn read_compose(
    path: &Path,
    variables: &BTreeMap<String, String>,
) -> Result<ComposeProject, ComposeError> {
    let text = fs_err::read_to_string(path)?;
    let mut reader = Reader {
        path,
        variables,
        warnings: Vec::new(),
    };
    let services = parse(&text).and_then(|root| reader.services(&root));
    let services = services.map_err(|fault| ComposeError::Fault {
        path: path.to_owned(),
        line: fault.line,
        message: fault.message,
    })?;
    Ok(ComposeProject {
        services,
        warnings: reader.warnings,
    })
}

struct Reader<'a> {
    path: &'a Path,
    variables: &'a BTreeMap<String, String>,
    warnings: Vec<String>,
}

impl Reader<'_> {
    fn services(&mut self, root: &Node) -> Result<Vec<Service>, Fault> {
        if let Some(include) = root.get("include") {
            return Err(Fault::new(include.line, "`include` is not supported yet"));
        }
        let services = root
            .get("services")
            .ok_or_else(|| Fault::new(root.line, "there are no `services`"))?;
        let project = self.project_name(root)?;
        let mut read = Vec::new();
        for entry in entries(services, "services")? {
            read.extend(self.service(entry, &project)?);
        }
        read.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(read)
    }

    /// What images without a name are called after.
    fn project_name(&mut self, root: &Node) -> Result<String, Fault> {
        if let Some(name) = root.get("name") {
            return self.text(name, "name");
        }
        if let Some(name) = self.variables.get("COMPOSE_PROJECT_NAME") {
            return Ok(name.clone());
        }
        let full = fs_err::canonicalize(self.path).unwrap_or_else(|_| self.path.to_owned());
        let folder = full.parent().and_then(Path::file_name).unwrap_or_default();
        let folder = folder.to_string_lossy().to_lowercase();
        let is_allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        Ok(folder.chars().filter(is_allowed).collect())
    }

    fn service(&mut self, entry: &Entry, project: &str) -> Result<Option<Service>, Fault> {
        if let Some(extends) = entry.node.get("extends") {
            return Err(Fault::new(extends.line, "`extends` is not supported yet"));
        }
        let Some(build) = entry.node.get("build") else {
            return Ok(None);
        };
        let mut service = match &build.value {
            Value::Text(_) => self.located(build, None)?,
            Value::Map(keys) => {
                self.check_keys(keys)?;
                self.long_form(build)?
            }
            _ => return Err(Fault::new(build.line, "`build` takes a path or a mapping")),
        };
        service.name.clone_from(&entry.key);
        let image = match entry.node.get("image") {
            Some(image) => self.text(image, "image")?,
            None => format!("{project}-{}", entry.key),
        };
        service.tags.insert(0, image);
        if let Some(platform) = entry.node.get("platform") {
            service.platform = service.platform.or(Some(self.text(platform, "platform")?));
        }
        Ok(Some(service))
    }

    fn check_keys(&mut self, keys: &[Entry]) -> Result<(), Fault> {
        for Entry { key, line, .. } in keys {
            let name = key.as_str();
            if BUILD_KEYS.contains(&name) || name.starts_with("x-") {
                continue;
            }
            if PASSED_OVER_BUILD_KEYS.contains(&name) {
                self.warn(
                    *line,
                    &format!("`build.{name}` is not supported yet and passed over"),
                );
            } else if UNSUPPORTED_BUILD_KEYS.contains(&name) {
                return Err(Fault::new(
                    *line,
                    format!("`build.{name}` is not supported yet"),
                ));
            } else {
                let known = BUILD_KEYS.map(str::to_owned);
                let message = format!("`build` has no key `{name}`{}", hint(name, &known));
                return Err(Fault::new(*line, message));
            }
        }
        Ok(())
    }

    fn long_form(&mut self, build: &Node) -> Result<Service, Fault> {
        let here = Node {
            line: build.line,
            value: Value::Text(".".to_owned()),
        };
        let mut service = self.located(
            build.get("context").unwrap_or(&here),
            build.get("dockerfile"),
        )?;
        if let Some(target) = build.get("target") {
            service.stage = Some(self.text(target, "target")?).filter(|stage| !stage.is_empty());
        }
        if let Some(args) = build.get("args") {
            service.build_args = self.pairs(args, "args")?;
        }
        if let Some(labels) = build.get("labels") {
            let pairs = self.pairs(labels, "labels")?;
            let label = |(name, value): (String, Option<String>)| (name, value.unwrap_or_default());
            service.labels = pairs.into_iter().map(label).collect();
        }
        if let Some(tags) = build.get("tags") {
            service.tags = self.list(tags, "tags")?;
        }
        if let Some(platforms) = build.get("platforms") {
            service.platform = match &self.list(platforms, "platforms")?[..] {
                [] => None,
                [platform] => Some(platform.clone()),
                _ => {
                    let message = "an image for several platforms is not supported yet";
                    return Err(Fault::new(platforms.line, message));
                }
            };
        }
        Ok(service)
    }

    /// A service with the paths of its context and Dockerfile, which is sought in the context.
    fn located(&mut self, context: &Node, dockerfile: Option<&Node>) -> Result<Service, Fault> {
        let context_text = self.text(context, "context")?;
        if context_text.contains("://") || context_text.starts_with("git@") {
            let message = format!("a context from `{context_text}` is not supported yet");
            return Err(Fault::new(context.line, message));
        }
        let dockerfile = match dockerfile {
            Some(dockerfile) => self.text(dockerfile, "dockerfile")?,
            None => "Dockerfile".to_owned(),
        };
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let context_dir = tidy(&folder.join(context_text));
        Ok(Service {
            dockerfile_path: tidy(&context_dir.join(dockerfile)),
            context_dir,
            ..Service::default()
        })
    }

    /// A mapping, or a list of `NAME=VALUE`.
    fn pairs(&mut self, node: &Node, key: &str) -> Result<BTreeMap<String, Option<String>>, Fault> {
        let mut pairs = BTreeMap::new();
        match &node.value {
            Value::Null => {}
            Value::Map(entries) => {
                for entry in entries {
                    let value = match entry.node.value {
                        Value::Null => None,
                        _ => Some(self.text(&entry.node, &entry.key)?),
                    };
                    pairs.insert(entry.key.clone(), value);
                }
            }
            Value::List(items) => {
                for item in items {
                    let text = self.text(item, key)?;
                    match text.split_once('=') {
                        Some((name, value)) => {
                            pairs.insert(name.to_owned(), Some(value.to_owned()))
                        }
                        None => pairs.insert(text, None),
                    };
                }
            }
            Value::Text(_) => {
                return Err(Fault::new(
                    node.line,
                    format!("`{key}` takes a mapping or a list"),
                ));
            }
        }
        Ok(pairs)
    }

    fn list(&mut self, node: &Node, key: &str) -> Result<Vec<String>, Fault> {
        match &node.value {
            Value::Null => Ok(Vec::new()),
            Value::List(items) => items.iter().map(|item| self.text(item, key)).collect(),
            _ => Err(Fault::new(node.line, format!("`{key}` takes a list"))),
        }
    }

    /// A scalar with its variables put in.
    fn text(&mut self, node: &Node, key: &str) -> Result<String, Fault> {
        let text = match &node.value {
            Value::Null => return Ok(String::new()),
            Value::Text(text) => text,
            _ => return Err(Fault::new(node.line, format!("`{key}` takes a text"))),
        };
        let lookup = |name: &str| self.variables.get(name).cloned();
        let done = interpolate(text, &lookup).map_err(|message| Fault::new(node.line, message))?;
        for name in done.unset {
            self.warn(
                node.line,
                &format!("`{name}` is not set, and taken to be empty"),
            );
        }
        Ok(done.text)
    }

    fn warn(&mut self, line: usize, message: &str) {
        self.warnings
            .push(format!("{}:{line}: {message}", self.path.display()));
    }
}

fn entries<'a>(node: &'a Node, key: &str) -> Result<&'a [Entry], Fault> {
    match &node.value {
        Value::Null => Ok(&[]),
        Value::Map(entries) => Ok(entries),
        _ => Err(Fault::new(node.line, format!("`{key}` takes a mapping"))),
    }
}

/// A path without needless `.` parts.
fn tidy(path: &Path) -> PathBuf {
    let tidy: PathBuf = path.components().collect();
    if tidy.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        tidy
    }
}

#[cfg(test)]
mod tests;
