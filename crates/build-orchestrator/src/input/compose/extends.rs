//! `extends`: a service that starts from another one, of the same file or of one of its own.
//!
//! Source: <https://docs.docker.com/reference/compose-file/services/#extends>

use std::path::Path;
use std::rc::Rc;

use super::ComposeError;
use super::files::{Files, Scope};
use super::merge::merge;
use super::values::{check_keys, entries};
use crate::input::nearest::hint;
use crate::input::yaml::{Entry, Fault, Node, Value};

/// A service that is being extended: its file's number and its name.
type Link = (usize, String);

/// What a file says, with every service merged over the one that it extends.
///
/// # Errors
///
/// A file or service that is extended is not there, or services extend each other in a circle.
pub(super) fn extend(files: &mut Files, root: Node) -> Result<Node, ComposeError> {
    let Some(services) = root.get("services") else {
        return Ok(root);
    };
    let Value::Map(all) = &services.value else {
        return Ok(root);
    };
    let mut extended = Vec::new();
    // A service that is reset stays, to remove the one of an earlier file.
    for entry in all {
        extended.push(Entry {
            node: service(files, services, entry, &mut Vec::new())?,
            ..entry.clone()
        });
    }
    let services = services.with(Value::Map(extended));
    Ok(replaced(root, "services", services))
}

fn replaced(mut node: Node, key: &str, value: Node) -> Node {
    if let Value::Map(entries) = &mut node.value
        && let Some(entry) = entries.iter_mut().find(|entry| entry.key == key)
    {
        entry.node = value;
    }
    node
}

fn service(
    files: &mut Files,
    services: &Node,
    own: &Entry,
    chain: &mut Vec<Link>,
) -> Result<Node, ComposeError> {
    let Some(extends) = own.node.get("extends") else {
        return Ok(own.node.clone());
    };
    let link = (own.node.file, own.key.clone());
    let is_circle = chain.contains(&link);
    chain.push(link);
    if is_circle {
        return Err(files.error(extends.fault(circle(chain))));
    }
    let base = base(files, extends).map_err(|fault| files.error(fault))?;
    let elsewhere = match &base.file {
        Some((node, path)) => {
            let number = load(files, node, path)?;
            let found = files.root(number).get("services").cloned();
            Some(found.unwrap_or_else(|| Node::empty(number)))
        }
        None => None,
    };
    let services = elsewhere.as_ref().unwrap_or(services);
    let base = find(files, services, &base.service, extends).map_err(|fault| files.error(fault))?;
    let base = service(files, services, base, chain)?;
    let mut own = own.node.clone();
    if let Value::Map(entries) = &mut own.value {
        entries.retain(|entry| entry.key != "extends");
    }
    Ok(merge(base, own))
}

/// What is extended.
struct Base<'a> {
    /// The service.
    service: String,
    /// The file that it is in, and where that is said. `None` is the same file.
    file: Option<(&'a Node, String)>,
}

fn base<'a>(files: &mut Files, extends: &'a Node) -> Result<Base<'a>, Fault> {
    if let Value::Text(_) = extends.value {
        let service = files.text(extends, "extends")?;
        return Ok(Base {
            service,
            file: None,
        });
    }
    check_keys(extends, "extends", &["service", "file"])?;
    let service = extends
        .get("service")
        .ok_or_else(|| extends.fault("`extends` does not say which `service`"))?;
    let service = files.text(service, "service")?;
    let file = match extends.get("file") {
        Some(file) => Some((file, files.text(file, "file")?)),
        None => None,
    };
    Ok(Base { service, file })
}

/// Reads a file that is named by a value. Its paths start from its own folder.
fn load(files: &mut Files, node: &Node, text: &str) -> Result<usize, ComposeError> {
    let path = files.path_of(node, text);
    let scope = Scope {
        dir: path.parent().unwrap_or(Path::new("")).to_owned(),
        variables: Rc::clone(&files.scope(node.file).variables),
    };
    let number = files.load(&path, &scope);
    number.map_err(|error| files.caused_by(node, error))
}

fn find<'a>(
    files: &Files,
    services: &'a Node,
    name: &str,
    extends: &Node,
) -> Result<&'a Entry, Fault> {
    let names: Vec<String> = entries(services, "services")?
        .map(|entry| entry.key.clone())
        .collect();
    let mut all = entries(services, "services")?;
    all.find(|entry| entry.key == name).ok_or_else(|| {
        let path = files.path(services.file).display();
        extends.fault(format!(
            "`{path}` has no service `{name}` to extend{}",
            hint(name, &names)
        ))
    })
}

fn circle(chain: &[Link]) -> String {
    let names: Vec<&str> = chain.iter().map(|(_, name)| name.as_str()).collect();
    format!(
        "services extend each other in a circle: `{}`",
        names.join("` -> `")
    )
}
