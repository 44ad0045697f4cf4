//! The settings as text to paste: for GitHub Actions, GitLab CI, and as plain commands.

use super::{Mode, Setup};
use crate::model::ci_build::CiTarget;

/// Bytes that GitHub keeps of all caches of a repository; then the oldest go.
/// Source: <https://docs.github.com/actions/reference/workflows-and-actions/dependency-caching>
pub(crate) const GITHUB_MAX_BYTES: u64 = 10_000_000_000;

/// Text to paste, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snippet {
    /// Where it is pasted.
    pub(crate) place: Place,
    /// The text.
    pub(crate) text: String,
}

/// Where a snippet is pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The steps of a job in GitHub Actions.
    GitHubActions,
    /// `.gitlab-ci.yml`.
    GitLabCi,
    /// A shell.
    Shell,
}

/// Where a cache is kept.
enum Backend {
    /// The cache of GitHub Actions.
    GitHub,
    /// A registry, as the start of a reference to which the scope is added.
    Registry(String),
    /// A folder.
    Local,
}

/// All snippets. None when no target has a cache.
pub(crate) fn snippets(targets: &[(&CiTarget, Setup)]) -> Vec<Snippet> {
    if targets.iter().all(|(_, setup)| setup.mode == Mode::None) {
        return Vec::new();
    }
    let snippet = |place, text| Snippet { place, text };
    vec![
        snippet(Place::GitHubActions, github(targets)),
        snippet(Place::GitLabCi, gitlab(targets)),
        snippet(Place::Shell, shell(targets)),
    ]
}

/// The repository of a target's first tag that names a registry.
pub(super) fn registry(target: &CiTarget) -> Option<&str> {
    let tag = registry_tag(target)?;
    match tag.rsplit_once(':') {
        Some((repository, version)) if !version.contains('/') => Some(repository),
        _ => Some(tag),
    }
}

fn registry_tag(target: &CiTarget) -> Option<&str> {
    let has_registry = |tag: &&String| {
        tag.split_once('/')
            .is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost")
    };
    target.tags.iter().find(has_registry).map(String::as_str)
}

/// The values of `cache-from` and `cache-to`. `None` for a target without a cache.
fn values(target: &CiTarget, setup: &Setup, backend: &Backend) -> Option<(String, String)> {
    let place = match backend {
        Backend::GitHub => format!("type=gha,scope={}", setup.scope),
        Backend::Registry(base) => format!("type=registry,ref={base}:{}", setup.scope),
        Backend::Local => format!("type=local,src=.buildcache/{}", setup.scope),
    };
    let to = place.replace("local,src=", "local,dest=");
    match setup.mode {
        Mode::None => None,
        Mode::Inline => {
            let tag = registry_tag(target)?;
            Some((format!("type=registry,ref={tag}"), "type=inline".to_owned()))
        }
        Mode::Min => Some((place, to)),
        Mode::Max => Some((place, format!("{to},mode=max"))),
    }
}

/// One step with docker's action for a Dockerfile, or that for several targets.
fn github(targets: &[(&CiTarget, Setup)]) -> String {
    let sizes = targets.iter().map(|(_, setup)| match setup.mode {
        Mode::Max => setup.max.size_bytes,
        Mode::Min => setup.min.size_bytes,
        Mode::None | Mode::Inline => 0,
    });
    let backend = if sizes.sum::<u64>() <= GITHUB_MAX_BYTES {
        Backend::GitHub
    } else {
        Backend::Registry("ghcr.io/${{ github.repository }}/buildcache".to_owned())
    };
    let mut lines = vec!["- uses: docker/setup-buildx-action@v3".to_owned()];
    if let [(target, setup)] = targets {
        lines.push("- uses: docker/build-push-action@v6".to_owned());
        lines.push("  with:".to_owned());
        lines.push(format!("    context: {}", yaml(&target.context_dir)));
        lines.push(format!("    file: {}", yaml(&target.dockerfile_path)));
        if let Some(stage) = &target.stage {
            lines.push(format!("    target: {}", yaml(stage)));
        }
        if let Some((from, to)) = values(target, setup, &backend) {
            lines.push(format!("    cache-from: {from}"));
            lines.push(format!("    cache-to: {to}"));
        }
    } else {
        lines.push("- uses: docker/bake-action@v6".to_owned());
        lines.push("  with:".to_owned());
        lines.push("    set: |".to_owned());
        for (target, setup) in targets {
            if let Some((from, to)) = values(target, setup, &backend) {
                lines.push(format!("      {}.cache-from={from}", target.name));
                lines.push(format!("      {}.cache-to={to}", target.name));
            }
        }
    }
    lines.join("\n") + "\n"
}

fn gitlab(targets: &[(&CiTarget, Setup)]) -> String {
    let backend = Backend::Registry("$CI_REGISTRY_IMAGE/buildcache".to_owned());
    let mut lines: Vec<String> = [
        "build-images:",
        "  image: docker:28",
        "  services: [docker:28-dind]",
        "  script:",
        "    - echo \"$CI_REGISTRY_PASSWORD\" | docker login --username \"$CI_REGISTRY_USER\" --password-stdin \"$CI_REGISTRY\"",
        "    - docker buildx create --use",
    ]
    .map(str::to_owned)
    .into();
    for (target, setup) in targets {
        // A double-quoted text of YAML is one of JSON, which keeps a command together whatever is in it.
        lines.push(format!("    - {}", json(&buildx(target, setup, &backend))));
    }
    lines.join("\n") + "\n"
}

fn shell(targets: &[(&CiTarget, Setup)]) -> String {
    let mut lines = Vec::new();
    for (target, setup) in targets {
        let base = registry(target).map(|repository| format!("{repository}-buildcache"));
        let backend = base.map_or(Backend::Local, Backend::Registry);
        let mut words = vec!["build-orchestrator build".to_owned()];
        if let Some((from, to)) = values(target, setup, &backend) {
            words.extend(["--cache-from".to_owned(), quoted(&from)]);
            words.extend(["--cache-to".to_owned(), quoted(&to)]);
        }
        if targets.len() > 1 {
            words.push(quoted(&target.name));
        } else {
            words.extend(["--file".to_owned(), quoted(&target.dockerfile_path)]);
        }
        lines.push(words.join(" "));
        lines.push(format!("# or: {}", buildx(target, setup, &backend)));
    }
    lines.join("\n") + "\n"
}

fn buildx(target: &CiTarget, setup: &Setup, backend: &Backend) -> String {
    let mut words = vec!["docker buildx build".to_owned()];
    let mut option = |name: &str, value: String| words.push(format!("--{name} {value}"));
    option("file", quoted(&target.dockerfile_path));
    if let Some(stage) = &target.stage {
        option("target", quoted(stage));
    }
    if let Some(platform) = &target.platform {
        option("platform", quoted(platform));
    }
    if let Some((from, to)) = values(target, setup, backend) {
        // Between double quotes, because a CI system's variables are put in.
        option("cache-from", format!("\"{from}\""));
        option("cache-to", format!("\"{to}\""));
    }
    words.push(quoted(&target.context_dir));
    words.join(" ")
}

/// A word of a shell's command.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/:=,@+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A text of YAML.
fn yaml(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let has_letter = text.chars().any(|c| c.is_ascii_alphabetic());
    if has_letter && text.chars().all(is_plain) && !text.starts_with('-') || text == "." {
        text.to_owned()
    } else {
        json(text)
    }
}

/// A text of JSON, which is one of YAML too.
fn json(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}
