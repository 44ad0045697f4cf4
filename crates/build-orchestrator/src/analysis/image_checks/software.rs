//! Shells and package managers in an image, by the names of files where programs are.

use super::{check, fault, list};
use crate::model::check::{Check, Outcome, Severity};
use crate::model::contract::{Presence, Terms};
use crate::model::image::{BuiltImage, FileKind, ImageFiles};

/// Shells, and the programs that are one under another name.
///
/// Source: `/etc/shells` of Debian, Alpine and Fedora; busybox and toybox hold a `sh`.
const SHELLS: [&str; 14] = [
    "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "pwsh", "rbash", "sh", "tcsh",
    "toybox", "zsh",
];

/// Package managers of distributions. Those of languages come with their runtimes.
const PACKAGE_MANAGERS: [&str; 14] = [
    "apk", "apt", "apt-get", "aptitude", "dnf", "dpkg", "emerge", "microdnf", "opkg", "pacman",
    "rpm", "tdnf", "yum", "zypper",
];

/// Where programs are, beside the folders of `PATH`.
/// Source: <https://refspecs.linuxfoundation.org/FHS_3.0/fhs/index.html>, 3.4, 3.16, 4.4, 4.9, 4.10
const PROGRAM_DIRS: [&str; 6] = [
    "bin",
    "sbin",
    "usr/bin",
    "usr/local/bin",
    "usr/local/sbin",
    "usr/sbin",
];

pub(super) fn checks(image: &BuiltImage, files: &ImageFiles, terms: &Terms) -> [Check; 2] {
    let shells = named(image, files, &SHELLS);
    let managers = named(image, files, &PACKAGE_MANAGERS);
    [
        check("shell-presence", presence("shell", &shells, terms.shell)),
        check(
            "package-manager-presence",
            presence("package manager", &managers, terms.package_manager),
        ),
    ]
}

fn presence(what: &str, found: &[&str], promised: Option<Presence>) -> Outcome {
    match promised {
        None => Outcome::Skipped,
        Some(Presence::Forbidden) if !found.is_empty() => {
            let message = format!(
                "it has a {what}, which its contract forbids: {}",
                list(found)
            );
            let advice = "copy what is needed into a stage that starts from less";
            Outcome::Failed(vec![fault(Severity::Error, message).advise(advice)])
        }
        Some(Presence::Required) if found.is_empty() => {
            let message = format!("it has no {what}, which its contract requires");
            Outcome::Failed(vec![fault(Severity::Error, message)])
        }
        Some(_) => Outcome::Passed,
    }
}

/// The programs with one of these names.
fn named<'a>(image: &BuiltImage, files: &'a ImageFiles, names: &[&str]) -> Vec<&'a str> {
    let path = image.variable("PATH").unwrap_or_default();
    let path_dirs: Vec<&str> = path.split(':').map(|dir| dir.trim_matches('/')).collect();
    let is_program = |path: &str| {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        names.contains(&name) && (PROGRAM_DIRS.contains(&dir) || path_dirs.contains(&dir))
    };
    let files = files.entries.iter();
    files
        .filter(|(path, file)| file.kind != FileKind::Directory && is_program(path))
        .map(|(path, _)| path.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::image::Program;

    fn files() -> ImageFiles {
        let program = || FileKind::File(Program::Unknown);
        ImageFiles::sample(&[
            ("bin/sh", FileKind::Link("dash".to_owned())),
            ("opt/tools/apk", program()),
            ("srv/pages/bash", program()),
            ("usr/bin/fish", FileKind::Directory),
        ])
    }

    #[test]
    fn programs_are_found_in_the_usual_folders_and_in_path() {
        let mut image = BuiltImage::default();
        assert_eq!(named(&image, &files(), &SHELLS), ["bin/sh"]);
        assert!(named(&image, &files(), &PACKAGE_MANAGERS).is_empty());
        image.env = vec!["PATH=/usr/bin:/opt/tools/".to_owned()];
        assert_eq!(
            named(&image, &files(), &PACKAGE_MANAGERS),
            ["opt/tools/apk"]
        );
    }

    #[test]
    fn only_what_is_promised_is_asked_for() {
        assert_eq!(presence("shell", &["bin/sh"], None), Outcome::Skipped);
        assert_eq!(
            presence("shell", &["bin/sh"], Some(Presence::Required)),
            Outcome::Passed
        );
        assert_eq!(
            presence("shell", &[], Some(Presence::Forbidden)),
            Outcome::Passed
        );
        let Outcome::Failed(faults) = presence("shell", &["bin/sh"], Some(Presence::Forbidden))
        else {
            panic!("there is a shell");
        };
        assert_eq!(
            faults[0].message,
            "it has a shell, which its contract forbids: `/bin/sh`"
        );
    }
}
