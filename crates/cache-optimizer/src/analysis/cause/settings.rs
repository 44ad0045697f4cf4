//! Which setting of how a step is run certainly changed: its platform, network, hosts, user, shell.
//!
//! A setting that one build leaves open, such as a user that the base image has, may be the same.
//! Source: research/cache.md section 2.6.

use std::collections::BTreeSet;

use super::Cause;
use crate::analysis::edits::above;
use crate::model::build::{Step, Target, keyword};

/// The network that a builder uses where nothing is said.
const NETWORK: &str = "default";

/// The first setting that differs.
pub(super) fn setting_cause(before: (&Step, &Target), after: (&Step, &Target)) -> Option<Cause> {
    platform(before.1, after.1)
        .or_else(|| run_setting(before, after))
        .or_else(|| user(before, after))
}

fn platform(before: &Target, after: &Target) -> Option<Cause> {
    let (before, after) = (before.platform.as_ref()?, after.platform.as_ref()?);
    changed("platform", before, after)
}

fn run_setting(before: (&Step, &Target), after: (&Step, &Target)) -> Option<Cause> {
    if !after.0.is_run() {
        return None;
    }
    let network = |target: &Target| target.settings.network.clone();
    let network = |target| network(target).unwrap_or_else(|| NETWORK.to_owned());
    // An instruction that says its own network is left alone.
    let own_network = |step: &Step| step.run.as_ref().and_then(|run| run.network.clone());
    let network = own_network(after.0)
        .is_none()
        .then(|| changed("network", &network(before.1), &network(after.1)));
    let hosts = || changed("hosts", &host_names(before.1), &host_names(after.1));
    network.flatten().or_else(hosts).or_else(|| {
        let is_exec_form = after.0.text.contains('[');
        let shell = |(step, target)| last_above("SHELL", step, target);
        (!is_exec_form).then(|| changed("shell", &shell(before)?, &shell(after)?))?
    })
}

/// The names that can be resolved; their addresses are in no key.
fn host_names(target: &Target) -> String {
    let hosts = target.settings.extra_hosts.iter();
    let names: BTreeSet<_> = hosts
        .map(|host| host.split(['=', ':']).next().unwrap_or(host))
        .collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// The user is in the key of a `RUN`, and of a `WORKDIR`, which makes a folder of that user's.
fn user(before: (&Step, &Target), after: (&Step, &Target)) -> Option<Cause> {
    let is_workdir = keyword(&after.0.text).eq_ignore_ascii_case("WORKDIR");
    if !after.0.is_run() && !is_workdir {
        return None;
    }
    let user = |(step, target)| last_above("USER", step, target);
    changed("user", &user(before)?, &user(after)?)
}

/// What the last instruction of this keyword above a step says. Variables in it settle nothing.
fn last_above(wanted: &str, step: &Step, target: &Target) -> Option<String> {
    let above = above(step, target);
    let mut texts = above.iter().rev().map(|(_, text)| *text);
    let text = texts.find(|text| keyword(text).eq_ignore_ascii_case(wanted))?;
    let value = text.split_once(char::is_whitespace)?.1.trim();
    (!value.contains('$')).then(|| value.to_owned())
}

fn changed(name: &str, before: &str, after: &str) -> Option<Cause> {
    let value = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    (before != after).then(|| Cause::SettingChanged {
        name: name.to_owned(),
        before: value(before),
        after: value(after),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{at_line, ran, stage, target};

    /// The setting that changed for the last of these instructions.
    fn changed_setting(
        texts: [&[&str]; 2],
        set: impl Fn(&mut Target, usize),
    ) -> Option<(String, Option<String>, Option<String>)> {
        let [before, after] = [0, 1].map(|index| {
            let texts = texts[index];
            let mut target = target([]);
            let mut stage = stage(0, "build", None, Vec::new());
            let lines = (2..).zip(texts);
            stage.texts = lines.map(|(n, &text)| (n, text.to_owned())).collect();
            target.stages = vec![stage];
            set(&mut target, index);
            let line = u32::try_from(texts.len()).unwrap() + 1;
            (at_line(line, ran(texts[texts.len() - 1], 1)), target)
        });
        match setting_cause((&before.0, &before.1), (&after.0, &after.1))? {
            Cause::SettingChanged {
                name,
                before,
                after,
            } => Some((name, before, after)),
            other => panic!("{other:?} is a setting"),
        }
    }

    fn texts(before: &[&str], after: &[&str]) -> Option<String> {
        changed_setting([before, after], |_, _| {}).map(|(name, _, _)| name)
    }

    #[test]
    fn another_user_is_in_the_key_of_a_run_and_a_workdir_but_not_of_a_copy() {
        let user = Some("user".to_owned());
        assert_eq!(texts(&["USER a", "RUN x"], &["USER b", "RUN x"]), user);
        assert_eq!(
            texts(&["USER a", "WORKDIR /x"], &["user b", "WORKDIR /x"]),
            user
        );
        assert_eq!(
            texts(&["USER a", "COPY x x"], &["USER b", "COPY x x"]),
            None
        );
        assert_eq!(
            texts(
                &["USER a", "USER c", "RUN x"],
                &["USER b", "USER c", "RUN x"]
            ),
            None
        );
    }

    #[test]
    fn a_user_that_the_base_image_may_have_settles_nothing() {
        assert_eq!(texts(&["RUN x"], &["USER a", "RUN x"]), None);
        assert_eq!(texts(&["USER $A", "RUN x"], &["USER b", "RUN x"]), None);
    }

    #[test]
    fn another_shell_is_in_the_key_of_the_shell_form() {
        let shell = |run| texts(&["SHELL [\"a\"]", run], &["SHELL [\"b\"]", run]);
        assert_eq!(shell("RUN x"), Some("shell".to_owned()));
        assert_eq!(shell("RUN [\"x\"]"), None);
    }

    #[test]
    fn network_and_names_of_hosts_are_compared_and_addresses_are_not() {
        let run: [&[&str]; 2] = [&["RUN x"], &["RUN x"]];
        let network = changed_setting(run, |target, index| {
            target.settings.network = [None, Some("host".to_owned())][index].clone();
        });
        let expected = (
            "network".to_owned(),
            Some("default".to_owned()),
            Some("host".to_owned()),
        );
        assert_eq!(network, Some(expected));
        let hosts = |hosts: [&str; 2]| {
            changed_setting(run, |target, index| {
                target.settings.extra_hosts = vec![hosts[index].to_owned()];
            })
        };
        assert_eq!(hosts(["a=1.1.1.1", "a=2.2.2.2"]), None);
        assert_eq!(hosts(["a=1.1.1.1", "b=1.1.1.1"]).unwrap().0, "hosts");
    }

    #[test]
    fn a_platform_is_compared_where_both_builds_ask_for_one() {
        let platform = |before: Option<&str>| {
            changed_setting([&["COPY x x"], &["COPY x x"]], |target, index| {
                target.platform = [before, Some("linux/arm64")][index].map(str::to_owned);
            })
        };
        assert_eq!(platform(Some("linux/amd64")).unwrap().0, "platform");
        assert_eq!(platform(None), None);
    }
}
