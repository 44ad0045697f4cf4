//! What an image's configuration says: health check, labels, ports, size.

use common::units::format_bytes;
use std::collections::BTreeSet;

use super::{check, fault};
use crate::model::check::{Check, Outcome, Severity};
use crate::model::contract::{Presence, Terms};
use crate::model::image::BuiltImage;

pub(super) fn checks(image: &BuiltImage, terms: &Terms) -> [Check; 4] {
    [
        check("health-check-missing", health_check(image, terms)),
        check("labels-differ", labels(image, terms)),
        check("ports-differ", ports(image, terms)),
        check("image-too-large", size(image, terms)),
    ]
}

fn health_check(image: &BuiltImage, terms: &Terms) -> Outcome {
    const KEYWORDS: &[&str] = &["HEALTHCHECK"];
    let severity = match terms.health_check {
        Some(Presence::Required) => Severity::Error,
        None => Severity::Note,
        Some(Presence::Forbidden) if image.has_health_check => {
            let message = "it has a health check, which its contract forbids";
            return Outcome::Failed(vec![fault(Severity::Error, message).at(KEYWORDS)]);
        }
        Some(Presence::Forbidden) => return Outcome::Passed,
    };
    if image.has_health_check {
        return Outcome::Passed;
    }
    let advice = "add a `HEALTHCHECK`, so that a container that hangs is noticed";
    Outcome::Failed(vec![
        fault(severity, "it has no health check")
            .advise(advice)
            .at(KEYWORDS),
    ])
}

fn labels(image: &BuiltImage, terms: &Terms) -> Outcome {
    let Some(promised) = &terms.labels else {
        return Outcome::Skipped;
    };
    let wrong = promised.iter().filter_map(|(name, value)| {
        let message = match (image.labels.get(name), value) {
            (None, _) => format!("it has no label `{name}`"),
            (Some(given), Some(value)) if given != value => {
                format!("its label `{name}` is `{given}`, but its contract says `{value}`")
            }
            (Some(_), _) => return None,
        };
        Some(fault(Severity::Error, message).at(&["LABEL"]))
    });
    Outcome::of(wrong.collect())
}

fn ports(image: &BuiltImage, terms: &Terms) -> Outcome {
    let Some(promised) = &terms.ports else {
        return Outcome::Skipped;
    };
    let exposed: BTreeSet<String> = image.ports.iter().cloned().collect();
    if exposed == *promised {
        return Outcome::Passed;
    }
    let list = |ports: &BTreeSet<String>| {
        let ports: Vec<String> = ports.iter().map(|port| format!("`{port}`")).collect();
        if ports.is_empty() {
            "none".to_owned()
        } else {
            ports.join(", ")
        }
    };
    let (exposed, promised) = (list(&exposed), list(promised));
    let message = format!("it exposes {exposed}, but its contract says {promised}");
    Outcome::Failed(vec![fault(Severity::Error, message).at(&["EXPOSE"])])
}

fn size(image: &BuiltImage, terms: &Terms) -> Outcome {
    match terms.size_bytes_max {
        None => Outcome::Skipped,
        Some(max) if image.size_bytes <= max => Outcome::Passed,
        Some(max) => {
            let (size, max) = (format_bytes(image.size_bytes), format_bytes(max));
            let message = format!("it has {size}, more than the {max} of its contract");
            let advice = "`layer-analyzer analyze` shows what is in each layer";
            Outcome::Failed(vec![fault(Severity::Error, message).advise(advice)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(outcome: &Outcome) -> Vec<(Severity, &str)> {
        match outcome {
            Outcome::Failed(faults) => {
                let faults = faults.iter();
                faults
                    .map(|fault| (fault.severity, fault.message.as_str()))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_missing_health_check_is_worth_a_note_unless_it_is_promised() {
        let image = BuiltImage::default();
        let promised = Terms {
            health_check: Some(Presence::Required),
            ..Terms::default()
        };
        let found = |terms: &Terms| message(&health_check(&image, terms))[0].0;
        assert_eq!(found(&Terms::default()), Severity::Note);
        assert_eq!(found(&promised), Severity::Error);
    }

    #[test]
    fn each_label_is_asked_for_and_its_value_where_that_is_promised() {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let image = BuiltImage {
            labels: [label("a", "1"), label("b", "1")].into(),
            ..BuiltImage::default()
        };
        let promised = [("a", None), ("b", Some("2")), ("c", None)];
        let owned = promised.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        let terms = Terms {
            labels: Some(owned.into()),
            ..Terms::default()
        };
        let expected = [
            (
                Severity::Error,
                "its label `b` is `1`, but its contract says `2`",
            ),
            (Severity::Error, "it has no label `c`"),
        ];
        assert_eq!(message(&labels(&image, &terms)), expected);
    }

    #[test]
    fn the_exposed_ports_are_exactly_those_promised() {
        let image = BuiltImage {
            ports: vec!["80/tcp".to_owned()],
            ..BuiltImage::default()
        };
        let with = |ports: &[&str]| Terms {
            ports: Some(ports.iter().map(|&port| port.to_owned()).collect()),
            ..Terms::default()
        };
        assert_eq!(ports(&image, &with(&["80/tcp"])), Outcome::Passed);
        let expected = "it exposes `80/tcp`, but its contract says none";
        assert_eq!(
            message(&ports(&image, &with(&[]))),
            [(Severity::Error, expected)]
        );
        assert_eq!(ports(&image, &Terms::default()), Outcome::Skipped);
    }

    #[test]
    fn an_image_may_have_as_many_bytes_as_its_budget() {
        let image = BuiltImage {
            size_bytes: 1000,
            ..BuiltImage::default()
        };
        let with = |max| Terms {
            size_bytes_max: Some(max),
            ..Terms::default()
        };
        assert_eq!(size(&image, &with(1000)), Outcome::Passed);
        let expected = "it has 1.00 kB, more than the 999 B of its contract";
        assert_eq!(
            message(&size(&image, &with(999))),
            [(Severity::Error, expected)]
        );
    }
}
