//! From what rules found to the wire: findings, and the changes that mend them.

use common::report::{Advice, Confidence, Finding, Location, Saving, Severity};

use crate::analysis::findings;
use crate::analysis::patch::{patched, unified_diff};
use crate::analysis::rules::{self, Found, Remedy, Weight};
use crate::model::edit::{Edit, EditedFile};
use crate::model::recipe::Recipe;

pub(super) fn finding(finding: &findings::Finding<'_>) -> Finding {
    let found = &finding.found;
    let is_measured = found.saved_ms.is_some() || found.saved_bytes.is_some();
    Finding {
        rule: finding.rule.id.to_owned(),
        severity: match finding.rule.weight {
            Weight::Warning => Severity::Warning,
            Weight::Note => Severity::Note,
        },
        message: found.message.clone(),
        advice: Some(found.advice.clone()),
        location: Some(location(finding)),
        // With several targets from one Dockerfile it concerns all of them.
        subject: match finding.recipe.targets.as_slice() {
            [target] => Some(target.clone()),
            _ => None,
        },
        saving: is_measured.then_some(Saving {
            duration_ms: found.saved_ms,
            size_bytes: found.saved_bytes,
        }),
    }
}

/// What mending a finding takes. `None` when its rule offers no change and says nothing of one.
pub(super) fn advice(finding: &findings::Finding<'_>) -> Option<Advice> {
    let found = &finding.found;
    let (diff, no_diff_because) = match &found.remedy {
        Remedy::None => return None,
        Remedy::Patch(edits) => (diff(finding.recipe, edits), None),
        Remedy::Withheld(why) => (None, Some(why.clone())),
    };
    Some(Advice {
        rule: finding.rule.id.to_owned(),
        location: location(finding),
        confidence: confidence(found),
        diff,
        no_diff_because,
    })
}

fn confidence(found: &Found) -> Confidence {
    match found.confidence {
        rules::Confidence::Certain => Confidence::Certain,
        rules::Confidence::Likely => Confidence::Likely,
        rules::Confidence::Possible => Confidence::Possible,
    }
}

fn location(finding: &findings::Finding<'_>) -> Location {
    Location {
        path: finding.recipe.path.clone(),
        line: finding.found.line,
    }
}

fn diff(recipe: &Recipe, edits: &[Edit]) -> Option<String> {
    let context = &recipe.context;
    let ignore_text = context.ignore_text.as_deref().unwrap_or_default();
    let files = [
        (EditedFile::Dockerfile, &recipe.path, recipe.text.as_str()),
        (EditedFile::IgnoreFile, &context.ignore_path, ignore_text),
    ];
    let mut diff = String::new();
    for (file, path, before) in files {
        let after = patched(before, edits.iter().filter(|edit| edit.file == file))?;
        diff.push_str(&unified_diff(path, before, &after));
    }
    (!diff.is_empty()).then_some(diff)
}
