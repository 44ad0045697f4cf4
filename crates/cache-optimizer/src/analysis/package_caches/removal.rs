//! Takes out of a chain of commands what empties a cache mount or leaves it unused.

use super::{CleanUp, Folder, Surroundings, clean_ups};
use crate::analysis::run_source::{Change, Link, RunSource};

/// The changes that take out of a chain what works against mounts of a tool's cache at `folders`.
///
/// # Errors
///
/// Why one of them cannot be taken out.
pub(crate) fn without_clean_ups(
    around: &Surroundings<'_>,
    source: &RunSource,
    links: &[Link],
    (tool, folders): (&str, &[Folder]),
) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    for (index, link) in links.iter().enumerate() {
        let Some(clean_up) = clean_ups(&link.command, tool, folders, around) else {
            continue;
        };
        let unclear = || format!("`{}` would empty the mount", link.command.program);
        match clean_up {
            CleanUp::Unclear(why) => return Err(why),
            CleanUp::Command => {
                changes.push(source.remove_link(links, index).ok_or_else(unclear)?);
            }
            CleanUp::Arguments(arguments) => {
                for argument in arguments {
                    let change = RunSource::remove_argument(link, argument, source);
                    changes.push(change.ok_or_else(unclear)?);
                }
            }
            CleanUp::Replaced(argument, with) => {
                let change = RunSource::replace_argument(link, argument, with);
                changes.push(change.ok_or_else(unclear)?);
            }
        }
    }
    Ok(changes)
}
