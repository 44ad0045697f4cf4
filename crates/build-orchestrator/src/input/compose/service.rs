//! Services with a `build` section, as targets.

use super::build::build;
use super::files::Files;
use super::values::entries;
use crate::input::nearest::hint;
use crate::input::yaml::{Entry, Fault, Node, Value};
use crate::model::plan::{NamedContext, Target};

/// A service that is built.
pub(super) struct Service {
    /// What is built.
    pub(super) target: Target,
    /// The profiles of which one has to be active. Empty is always.
    pub(super) profiles: Vec<String>,
}

/// The services that are built, by name.
///
/// # Errors
///
/// A file has no services, or something of one that the build needs is wrong.
pub(super) fn services(files: &mut Files, root: &Node) -> Result<Vec<Service>, Fault> {
    let services = root
        .get("services")
        .ok_or_else(|| root.fault("there are no `services`"))?;
    let mut all: Vec<&Entry> = entries(services, "services")?.collect();
    all.sort_by(|a, b| a.key.cmp(&b.key));
    let is_built = |entry: &&Entry| built(&entry.node).is_some();
    let names: Vec<String> = all
        .iter()
        .copied()
        .filter(is_built)
        .map(|e| e.key.clone())
        .collect();
    let mut read = Vec::new();
    for entry in all {
        let Some(section) = built(&entry.node) else {
            continue;
        };
        let target = target(files, entry, section, root)?;
        check_contexts(&target, section, &names)?;
        let profiles = match entry.node.get("profiles") {
            Some(profiles) => files.list(profiles, "profiles")?,
            None => Vec::new(),
        };
        read.push(Service { target, profiles });
    }
    Ok(read)
}

/// The `build` section of a service. `None` when it has none, and is only run.
fn built(service: &Node) -> Option<&Node> {
    service
        .get("build")
        .filter(|build| build.value != Value::Null)
}

fn target(files: &mut Files, entry: &Entry, section: &Node, root: &Node) -> Result<Target, Fault> {
    let mut target = Target {
        name: entry.key.clone(),
        ..Target::default()
    };
    build(files, &mut target, section, root.get("secrets"))?;
    let image = match entry.node.get("image") {
        Some(image) => files.text(image, "image")?,
        None => format!("{}-{}", files.project_name, entry.key),
    };
    target.tags.retain(|tag| *tag != image);
    target.tags.insert(0, image);
    if let Some(node) = entry.node.get("platform") {
        let platform = files.text(node, "platform")?;
        set_platform(&mut target, node, platform)?;
    }
    Ok(target)
}

/// Sets the platform that the service runs on, which has to be one of those that are built.
///
/// Source: <https://docs.docker.com/reference/compose-file/build/#platforms>
fn set_platform(target: &mut Target, node: &Node, platform: String) -> Result<(), Fault> {
    match &target.platform {
        Some(built) if built.split(',').all(|built| built != platform) => Err(node.fault(format!(
            "the service runs on `{platform}`, but is built for `{built}` only"
        ))),
        Some(_) => Ok(()),
        None => {
            target.platform = Some(platform).filter(|platform| !platform.is_empty());
            Ok(())
        }
    }
}

/// Checks that `service:NAME` names services that are built.
fn check_contexts(target: &Target, section: &Node, names: &[String]) -> Result<(), Fault> {
    for context in target.named_contexts.values() {
        if let NamedContext::Target(name) = context
            && !names.contains(name)
        {
            let node = section.get("additional_contexts").unwrap_or(section);
            let message = format!("no service `{name}` is built{}", hint(name, names));
            return Err(node.fault(message));
        }
    }
    Ok(())
}
