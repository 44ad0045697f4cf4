//! Who an image runs as.

use super::{check, fault};
use crate::model::check::{Check, Outcome, Severity};
use crate::model::contract::{Terms, UserTerm};
use crate::model::image::{BuiltImage, ImageFiles};

const USER: &[&str] = &["USER"];

pub(super) fn checks(image: &BuiltImage, files: &ImageFiles, terms: &Terms) -> [Check; 3] {
    let id = user_id(&image.user, files);
    [
        check("runs-as-root", runs_as_root(image, id, terms)),
        check("unknown-user", unknown_user(image, id)),
        check("user-differs", user_differs(image, files, id, terms)),
    ]
}

/// The id of a user, given by name or number with or without a group. `None` when the image does
/// not know the name.
fn user_id(user: &str, files: &ImageFiles) -> Option<u32> {
    let name = user.split(':').next().unwrap_or_default();
    if name.is_empty() {
        return Some(0);
    }
    let number = name.parse().ok();
    let passwd = files.passwd.as_deref().unwrap_or_default();
    number.or_else(|| {
        let mut fields = passwd.lines().map(|line| line.split(':'));
        let mut known = fields.find_map(|mut fields| (fields.next()? == name).then_some(fields))?;
        known.nth(1)?.parse().ok()
    })
}

fn runs_as_root(image: &BuiltImage, id: Option<u32>, terms: &Terms) -> Outcome {
    let severity = match terms.user {
        Some(UserTerm::Is(_)) => return Outcome::Skipped,
        Some(UserTerm::NonRoot) => Severity::Error,
        None => Severity::Warning,
    };
    match id {
        None => Outcome::Skipped,
        Some(0) => {
            let how = if image.user.is_empty() {
                "no `USER` is set".to_owned()
            } else {
                format!("`USER` is `{}`", image.user)
            };
            let advice = "add `USER` with a name or number that is not root's";
            let fault = fault(severity, format!("it runs as root: {how}"));
            Outcome::Failed(vec![fault.advise(advice).at(USER)])
        }
        Some(_) => Outcome::Passed,
    }
}

fn unknown_user(image: &BuiltImage, id: Option<u32>) -> Outcome {
    if id.is_some() {
        return Outcome::Passed;
    }
    let message = format!(
        "`USER` is `{}`, whom the image's `/etc/passwd` does not have",
        image.user
    );
    let advice = "create the user in the stage, or give its number";
    Outcome::Failed(vec![
        fault(Severity::Error, message).advise(advice).at(USER),
    ])
}

fn user_differs(image: &BuiltImage, files: &ImageFiles, id: Option<u32>, terms: &Terms) -> Outcome {
    let Some(UserTerm::Is(wanted)) = &terms.user else {
        return Outcome::Skipped;
    };
    let is_same_user = id.is_some() && id == user_id(wanted, files);
    if *wanted == image.user || (!wanted.contains(':') && is_same_user) {
        return Outcome::Passed;
    }
    let given = if image.user.is_empty() {
        "root"
    } else {
        &image.user
    };
    let message = format!("it runs as `{given}`, but its contract says `{wanted}`");
    Outcome::Failed(vec![fault(Severity::Error, message).at(USER)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(user: &str, term: Option<UserTerm>) -> [Outcome; 3] {
        let image = BuiltImage {
            user: user.to_owned(),
            ..BuiltImage::default()
        };
        let files = ImageFiles {
            passwd: Some("root:x:0:0::/:\nadmin:x:0:0::/:\napp:x:10:10::/:\nodd\n".to_owned()),
            ..ImageFiles::default()
        };
        let terms = Terms {
            user: term,
            ..Terms::default()
        };
        checks(&image, &files, &terms).map(|check| check.outcome)
    }

    fn severity(outcome: &Outcome) -> Option<Severity> {
        match outcome {
            Outcome::Failed(faults) => Some(faults[0].severity),
            _ => None,
        }
    }

    #[test]
    fn root_is_root_by_whatever_name() {
        for user in ["", "root", "0", "0:10", "admin"] {
            assert_eq!(
                severity(&outcomes(user, None)[0]),
                Some(Severity::Warning),
                "{user}"
            );
            let promised = outcomes(user, Some(UserTerm::NonRoot));
            assert_eq!(severity(&promised[0]), Some(Severity::Error), "{user}");
        }
        for user in ["app", "10", "10:0", "4000"] {
            assert_eq!(outcomes(user, None)[0], Outcome::Passed, "{user}");
        }
    }

    #[test]
    fn a_name_that_the_image_does_not_know_is_an_error() {
        assert_eq!(severity(&outcomes("ap", None)[1]), Some(Severity::Error));
        assert_eq!(severity(&outcomes("odd", None)[1]), Some(Severity::Error));
        assert_eq!(outcomes("app:app", None)[1], Outcome::Passed);
    }

    #[test]
    fn a_promised_user_may_be_given_by_name_or_number() {
        let is = |user: &str| Some(UserTerm::Is(user.to_owned()));
        assert_eq!(outcomes("app", is("10"))[2], Outcome::Passed);
        assert_eq!(outcomes("10:10", is("app"))[2], Outcome::Passed);
        assert_eq!(
            severity(&outcomes("10:10", is("10:11"))[2]),
            Some(Severity::Error)
        );
        assert_eq!(severity(&outcomes("", is("app"))[2]), Some(Severity::Error));
    }
}
