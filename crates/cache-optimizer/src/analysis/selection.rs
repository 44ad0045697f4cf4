//! Which of the patches that rules offer are applied together.
//!
//! Those that touch the same lines cannot be: what was found first in the file goes first, and the
//! others wait for another run, which sees the file as it is then.

use super::findings::Finding;
use super::patch::patched;
use super::rules::{Confidence, Remedy};
use crate::model::edit::{Edit, EditedFile};
use crate::model::recipe::Recipe;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The rules. Empty means all.
    pub(crate) rules: Vec<String>,
    /// The lines of findings. Empty means all.
    pub(crate) lines: Vec<u32>,
    /// The least confidence.
    pub(crate) confidence: Confidence,
}

impl Wanted {
    fn has(&self, finding: &Finding<'_>) -> bool {
        let found = &finding.found;
        (self.rules.is_empty() || self.rules.iter().any(|rule| rule == finding.rule.id))
            && (self.lines.is_empty() || self.lines.contains(&found.line))
            && found.confidence <= self.confidence
    }
}

/// The files of a recipe after patches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mended<'a> {
    /// The Dockerfile and its context, before.
    pub(crate) recipe: &'a Recipe,
    /// The Dockerfile's text, after.
    pub(crate) dockerfile: String,
    /// The ignore file's text, after. Empty when there is none.
    pub(crate) ignore_file: String,
    /// The findings whose patches are in it, by rule and line.
    pub(crate) applied: Vec<(&'static str, u32)>,
    /// The findings whose patches touch lines of others, by rule and line.
    pub(crate) postponed: Vec<(&'static str, u32)>,
}

/// Applies the patches of the findings in `recipe` that are wanted. `None` when there is none.
pub(crate) fn mended<'a>(
    recipe: &'a Recipe,
    findings: &[Finding<'a>],
    wanted: &Wanted,
) -> Option<Mended<'a>> {
    let of_recipe = findings
        .iter()
        .filter(|finding| std::ptr::eq(finding.recipe, recipe) && wanted.has(finding));
    let mut patches: Vec<_> = of_recipe
        .filter_map(|finding| match &finding.found.remedy {
            Remedy::Patch(edits) => Some((finding, edits)),
            Remedy::None | Remedy::Withheld(_) => None,
        })
        .collect();
    patches.sort_by_key(|(finding, _)| (finding.found.line, finding.rule.id));
    let mut edits: Vec<Edit> = Vec::new();
    let (mut applied, mut postponed) = (Vec::new(), Vec::new());
    for (finding, more) in patches {
        let name = (finding.rule.id, finding.found.line);
        let mut together = edits.clone();
        together.extend(more.iter().cloned());
        if is_applicable(recipe, &together) {
            edits = together;
            applied.push(name);
        } else {
            postponed.push(name);
        }
    }
    if applied.is_empty() {
        return None;
    }
    Some(Mended {
        recipe,
        dockerfile: text_after(recipe, EditedFile::Dockerfile, &edits)?,
        ignore_file: text_after(recipe, EditedFile::IgnoreFile, &edits)?,
        applied,
        postponed,
    })
}

/// Each patch of the findings in `recipe` that is wanted, by itself, by line.
pub(crate) fn mended_alone<'a>(
    recipe: &'a Recipe,
    findings: &[Finding<'a>],
    wanted: &Wanted,
) -> Vec<Mended<'a>> {
    let of_recipe = findings
        .iter()
        .filter(|finding| std::ptr::eq(finding.recipe, recipe) && wanted.has(finding));
    let mut names: Vec<_> = of_recipe
        .map(|finding| (finding.found.line, finding.rule.id))
        .collect();
    names.sort_unstable();
    names.dedup();
    let alone = names.into_iter().filter_map(|(line, rule)| {
        let wanted = Wanted {
            rules: vec![rule.to_owned()],
            lines: vec![line],
            ..wanted.clone()
        };
        mended(recipe, findings, &wanted)
    });
    alone.collect()
}

/// Whether edits have lines of their own, and leave a Dockerfile.
fn is_applicable(recipe: &Recipe, edits: &[Edit]) -> bool {
    let dockerfile = text_after(recipe, EditedFile::Dockerfile, edits);
    dockerfile.is_some_and(|text| common::dockerfile::parse(&text).is_ok())
        && text_after(recipe, EditedFile::IgnoreFile, edits).is_some()
}

fn text_after(recipe: &Recipe, file: EditedFile, edits: &[Edit]) -> Option<String> {
    let before = match file {
        EditedFile::Dockerfile => recipe.text.as_str(),
        EditedFile::IgnoreFile => recipe.context.ignore_text.as_deref().unwrap_or_default(),
    };
    patched(before, edits.iter().filter(|edit| edit.file == file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::rules::{Found, Rule, Weight};
    use crate::model::sample::recipe;

    static RULE: Rule = Rule {
        id: "test",
        reason: "",
        source: "",
        weight: Weight::Warning,
        check: |_| Vec::new(),
    };

    fn finding<'a>(recipe: &'a Recipe, line: u32, removed_count: u32, text: &str) -> Finding<'a> {
        let edit = Edit {
            file: EditedFile::Dockerfile,
            line,
            removed_count,
            lines: vec![text.to_owned()],
        };
        let found = Found::new(line, String::new(), String::new());
        Finding {
            rule: &RULE,
            recipe,
            found: Found {
                remedy: Remedy::Patch(vec![edit]),
                ..found
            },
        }
    }

    fn wanted() -> Wanted {
        Wanted {
            rules: Vec::new(),
            lines: Vec::new(),
            confidence: Confidence::Likely,
        }
    }

    #[test]
    fn patches_of_the_same_lines_wait_for_another_run() {
        let recipe = recipe("FROM a\nRUN b\nRUN c\n");
        let findings = [
            finding(&recipe, 3, 1, "RUN C"),
            finding(&recipe, 2, 2, "RUN B"),
        ];
        let mended = mended(&recipe, &findings, &wanted()).unwrap();
        assert_eq!(mended.dockerfile, "FROM a\nRUN B\n");
        assert_eq!(mended.applied, [("test", 2)]);
        assert_eq!(mended.postponed, [("test", 3)]);
    }

    #[test]
    fn alone_each_patch_is_applied_to_the_file_as_it_is() {
        let recipe = recipe("FROM a\nRUN b\nRUN c\n");
        let findings = [
            finding(&recipe, 3, 1, "RUN C"),
            finding(&recipe, 2, 2, "RUN B"),
        ];
        let alone = mended_alone(&recipe, &findings, &wanted());
        let texts: Vec<_> = alone.iter().map(|one| one.dockerfile.as_str()).collect();
        assert_eq!(texts, ["FROM a\nRUN B\n", "FROM a\nRUN b\nRUN C\n"]);
    }

    #[test]
    fn only_what_is_wanted_is_applied() {
        let recipe = recipe("FROM a\nRUN b\nRUN c\n");
        let findings = [
            finding(&recipe, 2, 1, "RUN B"),
            finding(&recipe, 3, 1, "RUN C"),
        ];
        let mut wanted = wanted();
        wanted.lines = vec![3];
        let text = |wanted: &Wanted| Some(mended(&recipe, &findings, wanted)?.dockerfile);
        assert_eq!(text(&wanted).as_deref(), Some("FROM a\nRUN b\nRUN C\n"));
        wanted.confidence = Confidence::Certain;
        assert_eq!(text(&wanted), None);
        wanted.confidence = Confidence::Possible;
        wanted.rules = vec!["other".to_owned()];
        assert_eq!(text(&wanted), None);
    }

    #[test]
    fn a_patch_that_leaves_no_dockerfile_is_not_applied() {
        let recipe = recipe("FROM a\n");
        assert_eq!(
            mended(&recipe, &[finding(&recipe, 1, 1, "FETCH b")], &wanted()),
            None
        );
    }
}
