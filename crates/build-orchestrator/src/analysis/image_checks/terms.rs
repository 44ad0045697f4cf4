//! Which parts of a contract hold for an image.

use crate::model::contract::{Contract, Scope, Section, Terms};

/// The terms that hold for an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeldTerms {
    /// What is promised, the most special part having the last word.
    pub(crate) terms: Terms,
    /// The parts, as in `stages.runtime`, the most general first.
    pub(crate) sections: Vec<String>,
}

/// The terms that hold for an image with these tags, of this target and stage if they are known.
pub(crate) fn held_terms(
    contract: &Contract,
    tags: &[String],
    target: Option<&str>,
    stage: Option<&str>,
) -> HeldTerms {
    let mut held = HeldTerms::default();
    for section in &contract.sections {
        let holds = match section.scope {
            Scope::Image => tags.iter().any(|tag| names(section, tag)),
            Scope::Stage => stage.is_some_and(|stage| section.pattern.is_match(stage)),
            Scope::Target => target.is_some_and(|target| section.pattern.is_match(target)),
        };
        if holds {
            let (scope, name) = (section.scope.key(), &section.name);
            held.sections.push(format!("{scope}.{name}"));
            held.terms = held.terms.overridden_by(section.terms.clone());
        }
    }
    held
}

/// A name without a tag is that of all tags.
fn names(section: &Section, tag: &str) -> bool {
    let untagged = tag.rsplit_once(':').map(|(name, _)| name);
    let is_match = |name: &str| section.pattern.is_match(name);
    is_match(tag) || untagged.is_some_and(is_match)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contract::Presence;
    use regex::Regex;

    fn section(scope: Scope, name: &str, shell: Presence) -> Section {
        Section {
            scope,
            name: name.to_owned(),
            pattern: Regex::new(&format!("^{name}$")).unwrap(),
            line: 1,
            terms: Terms {
                shell: Some(shell),
                ..Terms::default()
            },
        }
    }

    #[test]
    fn the_most_special_part_has_the_last_word() {
        let contract = Contract {
            sections: vec![
                section(Scope::Image, "r.example/app", Presence::Forbidden),
                section(Scope::Stage, "runtime", Presence::Forbidden),
                section(Scope::Target, "app", Presence::Required),
            ],
        };
        let tags = ["r.example/app:1".to_owned()];
        let held = held_terms(&contract, &tags, Some("app"), Some("runtime"));
        assert_eq!(
            held.sections,
            ["images.r.example/app", "stages.runtime", "targets.app"]
        );
        assert_eq!(held.terms.shell, Some(Presence::Required));
        let held = held_terms(&contract, &tags, None, None);
        assert_eq!(held.terms.shell, Some(Presence::Forbidden));
        assert_eq!(held_terms(&contract, &[], None, None), HeldTerms::default());
    }
}
