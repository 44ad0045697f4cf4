//! Which stages others take files from, and which an image is made of.

use common::dockerfile::{Detail, Dockerfile};

/// What every `FROM`, `COPY --from` and mount names, with the index of the stage it stands in.
pub(super) fn references(dockerfile: &Dockerfile) -> impl Iterator<Item = (usize, &str)> {
    let stages = dockerfile.stages.iter().enumerate();
    stages.flat_map(|(index, stage)| {
        let steps = stage.instructions.iter();
        let named = steps.flat_map(|instruction| named_by(&instruction.detail));
        let named = named.chain([stage.base.as_str()]);
        named.map(move |name| (index, name))
    })
}

fn named_by(detail: &Detail) -> Vec<&str> {
    match detail {
        Detail::Copy(copy) | Detail::Add(copy) => copy.from.as_deref().into_iter().collect(),
        Detail::Run(run) => {
            let mounts = run.mounts.iter();
            mounts.filter_map(|mount| mount.from.as_deref()).collect()
        }
        Detail::Onbuild(inner) => named_by(&inner.detail),
        _ => Vec::new(),
    }
}

/// The paths that other stages take from a stage.
pub(super) fn taken_from(dockerfile: &Dockerfile, stage: usize) -> Vec<&str> {
    let mut paths = Vec::new();
    for (index, other) in dockerfile.stages.iter().enumerate() {
        let is_it = |from: Option<&String>| {
            from.and_then(|from| dockerfile.stage_index(from, index)) == Some(stage)
        };
        for instruction in &other.instructions {
            match &instruction.detail {
                Detail::Copy(copy) | Detail::Add(copy) if is_it(copy.from.as_ref()) => {
                    paths.extend(copy.sources.iter().map(String::as_str));
                }
                Detail::Run(run) => {
                    let mounts = run.mounts.iter().filter(|mount| is_it(mount.from.as_ref()));
                    paths.extend(mounts.map(|mount| mount.source.as_deref().unwrap_or("/")));
                }
                _ => {}
            }
        }
    }
    paths
}

/// Whether an image may hold all of a stage: it is the last one, or one that nothing is taken from, or
/// such a one is on top of it.
pub(super) fn is_kept(dockerfile: &Dockerfile, stage: usize) -> bool {
    let is_base = |(index, other): (usize, &common::dockerfile::Stage)| {
        dockerfile.stage_index(&other.base, index) == Some(stage) && is_kept(dockerfile, index)
    };
    let is_last = stage + 1 == dockerfile.stages.len();
    let mut named = references(dockerfile);
    let is_named = named.any(|(index, name)| dockerfile.stage_index(name, index) == Some(stage));
    is_last || !is_named || dockerfile.stages.iter().enumerate().any(is_base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Vec<bool> {
        let dockerfile = common::dockerfile::parse(text).unwrap();
        let stages = 0..dockerfile.stages.len();
        stages.map(|stage| is_kept(&dockerfile, stage)).collect()
    }

    #[test]
    fn a_stage_that_is_only_taken_from_is_not_kept() {
        let text = "FROM a AS b\nFROM a\nCOPY --from=b /x /x\n";
        assert_eq!(kept(text), [false, true]);
        assert_eq!(kept("FROM a AS b\nFROM b AS c\nRUN x\n"), [true, true]);
        // Nothing names the first: someone may ask for it.
        assert_eq!(kept("FROM a AS b\nFROM a\n"), [true, true]);
    }

    #[test]
    fn a_mount_without_a_source_takes_all_of_a_stage() {
        let text = "FROM a AS b\nFROM a\nRUN --mount=from=b,target=/b x\nCOPY --from=0 /y /z .\n";
        let dockerfile = common::dockerfile::parse(text).unwrap();
        assert_eq!(taken_from(&dockerfile, 0), ["/", "/y", "/z"]);
    }
}
