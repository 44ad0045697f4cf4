//! Writes the mounts into a `RUN`, and takes out what would empty them.

use crate::analysis::package_caches::{Folder, Step, clean_ups, without_clean_ups};
use crate::analysis::run_source::RunSource;
use crate::model::edit::Edit;
use crate::model::recipe::Recipe;

/// What images of Debian and Ubuntu configure: that apt empties its cache after each install.
/// Source: <https://docs.docker.com/reference/dockerfile/#example-cache-apt-packages>
const DOCKER_CLEAN: &str = "rm -f /etc/apt/apt.conf.d/docker-clean";

/// What makes `apt`, unlike `apt-get`, keep packages. Source: as above
const KEEP: &str = "echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' \
                    > /etc/apt/apt.conf.d/keep-cache";

/// The edit of a step that mounts `folders`, by tool.
///
/// # Errors
///
/// Why none is safe.
pub(super) fn edit(
    recipe: &Recipe,
    step: &Step<'_>,
    folders: &[(&'static str, &[Folder])],
) -> Result<Edit, String> {
    let escape = recipe.dockerfile.escape;
    let source = RunSource::new(&recipe.text, step.instruction, escape)
        .ok_or("the Dockerfile stands within another file")?;
    let links = source.chain();
    let mut changes = vec![source.insert_flags(&flags(step, folders)?)];
    for (tool, folders) in folders {
        match &links {
            Some(links) => changes.extend(without_clean_ups(
                &step.around,
                &source,
                links,
                (tool, folders),
            )?),
            None => refuse_clean_ups(step, tool, folders)?,
        }
        if *tool == "apt" && !removes_docker_clean(recipe, step) {
            let links = links.as_deref().unwrap_or_default();
            let change = RunSource::prepend(links, &keeping_packages(step));
            changes
                .push(change.ok_or("`docker-clean` has to be removed first, in a chain of `&&`")?);
        }
    }
    changes.dedup();
    source
        .edit(changes)
        .ok_or_else(|| "what has to be taken out of the step stands too close together".to_owned())
}

fn flags(step: &Step<'_>, folders: &[(&str, &[Folder])]) -> Result<Vec<String>, String> {
    let owner = step.around.owner()?;
    let variables = &step.around.state.variables;
    let mut platforms = ["TARGETPLATFORM", "TARGETARCH"].into_iter();
    let platform = platforms.find(|name| variables.contains_key(*name));
    let flag = |folder: &Folder| {
        let path = &folder.path;
        let id = platform.map_or_else(String::new, |platform| {
            let name = path.trim_start_matches('/').replace('/', "-");
            format!(",id={name}-${platform}")
        });
        let sharing = if folder.is_exclusive {
            ",sharing=locked"
        } else {
            ""
        };
        let owner = owner.map_or_else(String::new, |owner| format!(",uid={owner}"));
        format!("--mount=type=cache{id},target={path}{sharing}{owner}")
    };
    let folders = folders.iter().flat_map(|(_, folders)| folders.iter());
    Ok(folders.map(flag).collect())
}

fn refuse_clean_ups(step: &Step<'_>, tool: &str, folders: &[Folder]) -> Result<(), String> {
    let mut commands = step.commands.iter();
    match commands.find(|command| clean_ups(command, tool, folders, &step.around).is_some()) {
        Some(command) => Err(format!(
            "`{}` would empty the mount, and the step is no plain chain of `&&`",
            command.program
        )),
        None => Ok(()),
    }
}

fn removes_docker_clean(recipe: &Recipe, step: &Step<'_>) -> bool {
    let stages = recipe.dockerfile.stages[step.root..=step.stage].iter();
    let mut instructions = stages.flat_map(|stage| &stage.instructions);
    instructions.any(|instruction| {
        instruction.line <= step.instruction.line && instruction.text.contains("docker-clean")
    })
}

fn keeping_packages(step: &Step<'_>) -> String {
    let is_apt = step.commands.iter().any(|command| command.program == "apt");
    if is_apt {
        format!("{DOCKER_CLEAN} && {KEEP}")
    } else {
        DOCKER_CLEAN.to_owned()
    }
}
