//! Finds images that stages start from by a tag that moves: none, or `latest`.
//!
//! A tag that says a version is no finding, with a digest or without one: that is a choice between
//! updates and repeatable builds. What a variable without a value means is not known here.

use common::dockerfile::{Dockerfile, Stage, expand};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::raw_lines::{between, replaced};

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = subject.recipe.dockerfile.stages.iter().enumerate();
    stages
        .filter_map(|(index, stage)| check_stage(subject, index, stage))
        .collect()
}

fn check_stage(subject: &Subject<'_>, index: usize, stage: &Stage) -> Option<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let image = image(subject, dockerfile, &stage.base)?;
    if image == "scratch" || dockerfile.stage_index(&image, index).is_some() {
        return None;
    }
    let tag = moving_tag(&image)?;
    let named = if tag.is_empty() {
        "has no tag, which means `latest`".to_owned()
    } else {
        format!("has the tag `{tag}`")
    };
    Some(Found {
        confidence: Confidence::Certain,
        remedy: pinned(subject, stage, &image),
        ..Found::new(
            stage.line,
            format!("`{image}` {named}: whatever that is when it is built"),
            "name a version, and where builds have to repeat, a digest".to_owned(),
        )
    })
}

/// The image that a `FROM` names, with variables put in. `None` when one of them is not known.
fn image(subject: &Subject<'_>, dockerfile: &Dockerfile, base: &str) -> Option<String> {
    let given = |name: &str| {
        let mut targets = subject.targets.iter();
        targets.find_map(|target| target.build_args.get(name).cloned())
    };
    let default = |name: &str| {
        let mut args = dockerfile.global_args.iter().rev();
        let default = args.find(|arg| arg.name == name)?.default.as_deref()?;
        expand(default, dockerfile.escape, |name| {
            let mut args = dockerfile.global_args.iter();
            args.find(|arg| arg.name == name)?.default.clone()
        })
        .ok()
    };
    let lookup = |name: &str| given(name).or_else(|| default(name));
    let is_known = plain_variables(base).all(|name| lookup(name).is_some());
    let image = expand(base, dockerfile.escape, lookup).ok()?;
    (is_known && !image.is_empty()).then_some(image)
}

/// The variables of a word that have no default in the word itself.
fn plain_variables(word: &str) -> impl Iterator<Item = &str> {
    word.split('$').skip(1).filter_map(|rest| {
        let is_braced = rest.starts_with('{');
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let is_in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c: char| !is_in_name(c)).unwrap_or(rest.len());
        let has_default = is_braced
            && [":-", "-", ":+", "+"]
                .iter()
                .any(|operator| rest[end..].starts_with(operator));
        (!has_default).then_some(&rest[..end])
    })
}

/// The tag of an image when it moves: `latest`, or nothing.
fn moving_tag(image: &str) -> Option<&str> {
    if image.contains('@') {
        return None;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    match name.split_once(':') {
        None => Some(""),
        Some((_, "latest")) => Some("latest"),
        Some(_) => None,
    }
}

/// Puts the digest that the build used behind the image's name.
fn pinned(subject: &Subject<'_>, stage: &Stage, image: &str) -> Remedy {
    let targets = subject.targets.iter();
    let steps = targets.flat_map(|target| &target.steps);
    let mut bases = steps.filter(|step| {
        step.is_base
            && step
                .place
                .as_ref()
                .is_some_and(|place| place.line == stage.line)
    });
    let Some((name, digest)) =
        bases.find_map(|step| Some((&step.name, step.base_digest.as_ref()?)))
    else {
        // What the tag means now, only a registry can say.
        return Remedy::None;
    };
    // The Engine's own id of an image, which the builder does not name, means nothing to a registry.
    if !name.ends_with(&format!("@{digest}")) {
        return Remedy::Withheld(
            "the image is one of the Engine's, without a registry's digest".to_owned(),
        );
    }
    let lines = between(subject.recipe, stage.line, stage.line);
    let line = lines.first().copied().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_once = words.iter().filter(|word| **word == image).count() == 1;
    let is_from = words
        .first()
        .is_some_and(|word| word.eq_ignore_ascii_case("FROM"));
    if !is_from || !is_once || stage.base != image {
        return Remedy::Withheld("the image's name is put together from variables".to_owned());
    }
    let tagged = if image.ends_with(":latest") {
        image.to_owned()
    } else {
        format!("{image}:latest")
    };
    let line = line.replacen(image, &format!("{tagged}@{digest}"), 1);
    Remedy::Patch(vec![replaced(stage.line, stage.line, vec![line])])
}

#[cfg(test)]
mod tests;
