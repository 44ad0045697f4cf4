//! Finds cache mounts that do not do what they are there for: where the tool does not keep its cache,
//! over its own programs, not writable for the user, or shared by steps that must not run together.

use common::dockerfile::Mount;

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::package_caches::{Folder, PackageCache, Step, is_meant_for, is_within, steps};
use crate::analysis::run_source::{Change, RunSource};
use crate::model::edit::Edit;
use crate::model::recipe::Recipe;

/// What is wrong with a mount.
struct Fault {
    /// Its number among the step's mounts.
    mount: usize,
    message: String,
    advice: String,
    confidence: Confidence,
    mending: Result<Mending, String>,
}

enum Mending {
    /// Another target.
    Target(String),
    /// More options.
    Options(String),
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let steps = steps(subject.recipe, subject.states);
    let found = steps
        .iter()
        .filter_map(|step| check_step(subject.recipe, step));
    found.collect()
}

fn check_step(recipe: &Recipe, step: &Step<'_>) -> Option<Found> {
    let faults: Vec<Fault> = step
        .run
        .mounts
        .iter()
        .enumerate()
        .flat_map(|(index, mount)| {
            let path = (mount.kind == "cache")
                .then(|| step.mount_target(mount))
                .flatten();
            path.map_or_else(Vec::new, |path| faults(recipe, step, (index, mount, &path)))
        })
        .collect();
    let confidence = faults.iter().map(|fault| fault.confidence).max()?;
    let join = |texts: Vec<&str>| texts.join("; ");
    Some(Found {
        confidence,
        remedy: match edit(recipe, step, &faults) {
            Ok(edit) => Remedy::Patch(vec![edit]),
            Err(why) => Remedy::Withheld(why),
        },
        ..Found::new(
            step.instruction.line,
            join(faults.iter().map(|fault| fault.message.as_str()).collect()),
            join(faults.iter().map(|fault| fault.advice.as_str()).collect()),
        )
    })
}

fn faults(recipe: &Recipe, step: &Step<'_>, mount: (usize, &Mount, &str)) -> Vec<Fault> {
    let place = hides_programs(step, mount).or_else(|| {
        let mut caches = step.caches.iter();
        caches.find_map(|cache| misplaced(recipe, step, mount, cache))
    });
    let faults = [place, wrong_owner(step, mount), shared_by_apt(step, mount)];
    faults.into_iter().flatten().collect()
}

/// A mount that is meant for a tool, by its name, where the tool keeps nothing.
fn misplaced(
    recipe: &Recipe,
    step: &Step<'_>,
    (index, _, path): (usize, &Mount, &str),
    cache: &PackageCache,
) -> Option<Fault> {
    let folders = cache.folders.as_ref().ok()?;
    let is_used = |folder: &Folder| is_within(path, &folder.path) || is_within(&folder.path, path);
    let apt = is_within(path, "/var/lib/apt");
    if !is_meant_for(cache.tool, path) || folders.iter().any(is_used) || apt {
        return None;
    }
    // Someone has led the tool there.
    if recipe.text.contains("/etc/apk/cache") {
        return None;
    }
    let free: Vec<_> = folders
        .iter()
        .filter(|folder| !step.is_mounted(&folder.path))
        .collect();
    let is_off = cache.tool == "apk" && step.run.command.contains("--no-cache");
    let wanted: Vec<_> = folders
        .iter()
        .map(|folder| format!("`{}`", folder.path))
        .collect();
    let wanted = wanted.join(" and ");
    Some(Fault {
        mount: index,
        message: format!(
            "the cache mount at `{path}` stays empty, since `{}` keeps its cache at {wanted}",
            step.shown(cache.tool)
        ),
        advice: format!("mount it at {wanted}"),
        confidence: Confidence::Likely,
        mending: match free.as_slice() {
            _ if is_off => Err("`--no-cache` turns the cache off".to_owned()),
            [folder] => Ok(Mending::Target(folder.path.clone())),
            _ => Err(format!("{} keeps several folders", cache.tool)),
        },
    })
}

/// A mount over all of a Rust toolchain's home: the programs in it are in the cache, not in the image.
/// Source: research/cache.md section 5, rule 7
fn hides_programs(step: &Step<'_>, (index, _, path): (usize, &Mount, &str)) -> Option<Fault> {
    let known = |name: &str| step.around.state.variables.get(name).cloned().flatten();
    let is_home = |name: &str, places: [&str; 2]| {
        known(name).as_deref() == Some(path) || places.contains(&path) && known(name).is_none()
    };
    let is_cargo = is_home("CARGO_HOME", ["/usr/local/cargo", "/root/.cargo"]);
    let is_rustup = is_home("RUSTUP_HOME", ["/usr/local/rustup", "/root/.rustup"]);
    if !is_cargo && !is_rustup {
        return None;
    }
    let mut caches = step.caches.iter().filter(|cache| cache.tool == "cargo");
    let is_known = caches.any(|cache| {
        let folders = cache.folders.as_ref();
        folders.is_ok_and(|folders| folders.iter().any(|folder| is_within(&folder.path, path)))
    });
    let installs = ["rustup", "cargo install"]
        .iter()
        .any(|text| step.run.command.contains(text));
    Some(Fault {
        mount: index,
        message: format!("the cache mount at `{path}` hides the programs that the image has there"),
        advice: format!("mount only `{path}/registry` and `{path}/git/db`"),
        confidence: Confidence::Likely,
        mending: if is_cargo && is_known && !installs {
            Ok(Mending::Target(format!("{path}/registry")))
        } else {
            Err("the step may use programs that are in the mount".to_owned())
        },
    })
}

/// A mount of root's while another user runs the step.
/// Source: <https://github.com/moby/buildkit/issues/1237>
fn wrong_owner(step: &Step<'_>, (index, mount, path): (usize, &Mount, &str)) -> Option<Fault> {
    let has = |name: &str| mount.options.iter().any(|(option, _)| option == name);
    // What it is filled from may have an owner of its own.
    if step.around.state.is_root() || has("uid") || has("mode") || mount.from.is_some() {
        return None;
    }
    let user = step.around.state.user.as_deref().unwrap_or_default();
    Some(Fault {
        mount: index,
        message: format!("the cache mount at `{path}` belongs to root, but `{user}` runs the step"),
        advice: "give the mount the user's number with `uid=`".to_owned(),
        confidence: Confidence::Likely,
        mending: match step.around.owner() {
            Ok(Some(id)) => Ok(Mending::Options(format!(",uid={id}"))),
            Ok(None) => Err("the user is root".to_owned()),
            Err(why) => Err(why),
        },
    })
}

/// Source: <https://docs.docker.com/reference/dockerfile/#example-cache-apt-packages>
fn shared_by_apt(step: &Step<'_>, (index, mount, path): (usize, &Mount, &str)) -> Option<Fault> {
    let is_of_apt = ["/var/cache/apt", "/var/lib/apt"]
        .iter()
        .any(|folder| is_within(path, folder));
    let sharing = mount.options.iter().find(|(option, _)| option == "sharing");
    let is_shared = sharing.is_none_or(|(_, value)| value.as_deref() == Some("shared"));
    let uses_apt = step.caches.iter().any(|cache| cache.tool == "apt");
    (is_of_apt && is_shared && uses_apt).then(|| Fault {
        mount: index,
        message: format!(
            "the cache mount at `{path}` is shared, and apt fails when two builds use it"
        ),
        advice: "let one step at a time use it, with `sharing=locked`".to_owned(),
        confidence: Confidence::Certain,
        mending: match sharing {
            None => Ok(Mending::Options(",sharing=locked".to_owned())),
            Some(_) => Err("`sharing=shared` is there on purpose".to_owned()),
        },
    })
}

fn edit(recipe: &Recipe, step: &Step<'_>, faults: &[Fault]) -> Result<Edit, String> {
    let source = RunSource::new(&recipe.text, step.instruction, recipe.dockerfile.escape)
        .ok_or("the Dockerfile stands within another file")?;
    let mut changes: Vec<Change> = Vec::new();
    for fault in faults {
        let change = match fault.mending.as_ref().map_err(Clone::clone)? {
            Mending::Options(options) => source.append_to_mount(fault.mount, options),
            Mending::Target(path) => {
                let before = step.run.mounts[fault.mount]
                    .target
                    .as_deref()
                    .unwrap_or_default();
                source.replace_target(fault.mount, before, path)
            }
        };
        changes.push(change.ok_or("the mount is written in an unusual way")?);
    }
    source
        .edit(changes)
        .ok_or_else(|| "the changes touch each other".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, withheld};
    use super::*;

    /// After Dockerfile 8 of research/cache.md section 4.
    #[test]
    fn excalidraw_mounts_a_folder_that_yarn_does_not_use_as_root() {
        let text = "\
FROM --platform=${BUILDPLATFORM} node:24 AS build
WORKDIR /opt/node_app
COPY . .
# do not ignore optional dependencies:
RUN --mount=type=cache,target=/root/.cache/yarn \\
    npm_config_target_arch=${TARGETARCH} yarn --network-timeout 600000
";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 5);
        assert_eq!(
            found[0].message,
            "the cache mount at `/root/.cache/yarn` stays empty, since `yarn --network-timeout 600000` \
             keeps its cache at `/usr/local/share/.cache/yarn`"
        );
        let expected = text.replace("/root/.cache/yarn", "/usr/local/share/.cache/yarn");
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn a_mount_in_the_wrong_place_is_moved() {
        for (head, before, after, run) in [
            ("FROM node", "/npm/.npm", "/root/.npm", "npm ci"),
            (
                "FROM node\nENV npm_config_cache=/n",
                "/root/.npm",
                "/n",
                "npm ci",
            ),
            (
                "FROM node\nUSER node",
                "/home/node/x/.npm,uid=1000",
                "/home/node/.npm,uid=1000",
                "npm ci",
            ),
            (
                "FROM alpine",
                "/var/cache/apk",
                "/etc/apk/cache",
                "apk update && apk add x",
            ),
            (
                "FROM rust",
                "/usr/local/cargo",
                "/usr/local/cargo/registry",
                "cargo build",
            ),
        ] {
            let text = |target| format!("{head}\nRUN --mount=type=cache,target={target} {run}\n");
            assert_eq!(mended(check, &text(before), &[]), text(after), "{before}");
        }
    }

    #[test]
    fn a_mount_of_roots_gets_the_number_of_the_user() {
        let text = |options| {
            format!(
                "FROM a\nENV PIP_CACHE_DIR=/c\nUSER 1001:0\nRUN --mount=target=/c,type=cache{options} pip install x\n"
            )
        };
        assert_eq!(mended(check, &text(""), &[]), text(",uid=1001"));
        for options in [",uid=1001", ",uid=1001,gid=0", ",mode=0777"] {
            assert_eq!(lines(check, &text(options)), [] as [u32; 0], "{options}");
        }
        let named = "FROM a\nUSER app\nRUN --mount=type=cache,target=/c make\n";
        let why = "the number of the user `app`, who must own the mount, is not known";
        assert_eq!(withheld(check, named, &[]), [why]);
    }

    #[test]
    fn mounts_of_apt_are_locked_all_at_once() {
        let text = |sharing: &str| {
            format!(
                "FROM debian\nRUN --mount=type=cache,target=/var/cache/apt{sharing} \\\n  \
                 --mount=type=cache,target=/var/lib/apt{sharing} \\\n  apt-get update && apt-get install -y x\n"
            )
        };
        assert_eq!(mended(check, &text(""), &[]), text(",sharing=locked"));
        assert_eq!(lines(check, &text(",sharing=locked")), [] as [u32; 0]);
        assert_eq!(lines(check, &text(",sharing=private")), [] as [u32; 0]);
    }

    #[test]
    fn a_mount_that_may_be_right_is_left_alone() {
        for text in [
            "FROM node\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
            "FROM node\nRUN --mount=type=cache,target=/root/.npm/_cacache npm ci\n",
            "FROM node\nRUN --mount=type=cache,target=/root npm ci\n",
            "FROM node\nRUN --mount=type=cache,target=/app/node_modules/.cache npm ci\n",
            "FROM rust\nRUN --mount=type=cache,target=/usr/local/cargo/registry cargo build\n",
            "FROM debian\nRUN --mount=type=cache,target=/root/.cargo/registry cargo build\n",
            "FROM alpine\nRUN ln -s /var/cache/apk /etc/apk/cache\nRUN --mount=type=cache,target=/var/cache/apk apk add x\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.npm make\n",
            "FROM a\nONBUILD RUN --mount=type=cache,target=/npm/.npm npm ci\n",
        ] {
            assert_eq!(lines(check, text), [] as [u32; 0], "{text}");
        }
    }

    #[test]
    fn no_patch_where_programs_may_be_in_the_mount() {
        for text in [
            "FROM rust\nRUN --mount=type=cache,target=/usr/local/cargo cargo install just\n",
            "FROM a\nRUN --mount=type=cache,target=/root/.rustup rustup component add clippy\n",
        ] {
            let why = "the step may use programs that are in the mount";
            assert_eq!(withheld(check, text, &[]), [why], "{text}");
        }
    }
}
