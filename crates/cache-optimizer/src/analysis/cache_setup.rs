//! Decides where the build cache of each target is kept between CI runs, by where the time goes.

pub(crate) mod snippets;

use crate::model::ci_build::{CiStep, CiTarget, Sizes};

/// What a cache has to save in each run to be worth setting up, in milliseconds.
///
/// Chosen: asking a registry or GitHub for a cache that is not there takes a few seconds itself.
const WORTH_MS: u64 = 5000;

/// How often a result is assumed to be reused when fewer than two builds are known.
///
/// Chosen: between a change of sources, which most runs have, and one of dependencies, which few have.
const ASSUMED_REUSE: f64 = 0.5;

/// How a target's cache is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setup {
    /// What is exported.
    pub(crate) mode: Mode,
    /// Why.
    pub(crate) why: Why,
    /// What it is called where several caches lie side by side.
    pub(crate) scope: String,
    /// What exporting the layers of the image alone does.
    pub(crate) min: Balance,
    /// What exporting the layers of all stages does.
    pub(crate) max: Balance,
    /// How many of the bytes of the stages that are not in the image are known.
    pub(crate) are_sizes_known: bool,
    /// In how many builds, of all but the first, the time of a step would have been saved, 0 to 1.
    /// `None` when fewer than two builds are known.
    pub(crate) reuse_ratio: Option<f64>,
}

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    None,
    /// What is in the image, kept within it: it is pushed anyway.
    Inline,
    /// What is in the image.
    Min,
    /// The results of all stages.
    Max,
}

/// Why a mode was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// What could be saved is not worth it.
    NothingExpensive,
    /// It would take longer to send and fetch than it saves.
    CostsMore,
    /// Most is saved in stages that are not in the image.
    OtherStages,
    /// Most is saved in stages that are in the image.
    ImageStages,
}

/// What a cache saves and costs in each run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Balance {
    /// Bytes of the layers. What is new is sent in each run, and what is not is fetched at most.
    pub(crate) size_bytes: u64,
    /// Milliseconds of steps that need not run, each weighed by how often it would be reused.
    pub(crate) saved_ms: u64,
    /// Milliseconds that the layers take on their way.
    pub(crate) transfer_ms: u64,
}

impl Balance {
    fn gain_ms(self) -> i64 {
        let signed = |ms| i64::try_from(ms).unwrap_or(i64::MAX);
        signed(self.saved_ms).saturating_sub(signed(self.transfer_ms))
    }
}

/// Decides how one target's cache is kept, when so many bytes of layers move in a second.
pub(crate) fn setup(target: &CiTarget, sizes: &Sizes, bandwidth_bytes_per_s: u64) -> Setup {
    let in_image = |step: &&CiStep| step.is_in_image;
    let image_ms = saved_ms(target, target.steps.iter().filter(in_image));
    let others = || target.steps.iter().filter(|step| !step.is_in_image);
    let others_ms = saved_ms(target, others());
    let known = sizes
        .images
        .get(&target.name)
        .copied()
        .or(target.image_bytes);
    let image_bytes = known.unwrap_or(0);
    let others_bytes: u64 = others()
        .filter_map(|step| sizes.steps.get(&step.name))
        .sum();
    let balance = |size_bytes: u64, saved_ms: u64| Balance {
        size_bytes,
        saved_ms,
        transfer_ms: size_bytes.saturating_mul(1000) / bandwidth_bytes_per_s.max(1),
    };
    let min = balance(image_bytes, image_ms);
    let max = balance(image_bytes + others_bytes, image_ms + others_ms);
    let (mode, why) = choice(target, min, max);
    Setup {
        mode,
        why,
        scope: scope(target),
        min,
        max,
        are_sizes_known: others().all(|step| sizes.steps.contains_key(&step.name)),
        reuse_ratio: reuse_ratio(target, max.saved_ms),
    }
}

fn choice(target: &CiTarget, min: Balance, max: Balance) -> (Mode, Why) {
    if max.saved_ms < WORTH_MS {
        (Mode::None, Why::NothingExpensive)
    } else if max.gain_ms() <= 0 && min.gain_ms() <= 0 {
        (Mode::None, Why::CostsMore)
    } else if max.gain_ms() > min.gain_ms() {
        (Mode::Max, Why::OtherStages)
    } else if snippets::registry(target).is_some() {
        (Mode::Inline, Why::ImageStages)
    } else {
        (Mode::Min, Why::ImageStages)
    }
}

fn step_reuse(target: &CiTarget, step: &CiStep) -> f64 {
    if target.build_count < 2 {
        return ASSUMED_REUSE;
    }
    f64::from(step.reused_count) / f64::from(target.build_count - 1)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time that is saved is positive, and shorter than centuries"
)]
fn saved_ms<'a>(target: &CiTarget, steps: impl Iterator<Item = &'a CiStep>) -> u64 {
    let saved = steps.map(|step| step.duration_ms.unwrap_or(0) as f64 * step_reuse(target, step));
    saved.sum::<f64>().round() as u64
}

/// The part of the time of all steps that would be saved.
fn reuse_ratio(target: &CiTarget, saved_ms: u64) -> Option<f64> {
    let all_ms: u64 = target
        .steps
        .iter()
        .filter_map(|step| step.duration_ms)
        .sum();
    (target.build_count >= 2 && all_ms > 0).then(|| saved_ms as f64 / all_ms as f64)
}

/// One scope for several targets or platforms lets each run replace what the others wrote.
/// Source: moby/buildkit#2299, docker/build-push-action#286
fn scope(target: &CiTarget) -> String {
    let platform = target
        .platform
        .as_deref()
        .filter(|platform| !platform.contains(','));
    let joined = match platform {
        Some(platform) => format!("{}-{platform}", target.name),
        None => target.name.clone(),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    joined.replace(|c| !is_plain(c), "-")
}

#[cfg(test)]
mod tests;
