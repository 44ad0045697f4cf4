//! Shows a verification report to people; sees nothing but the report.

use common::render::{Cell, Document, Table, Tone, findings};
use common::report::{
    ChangeOrigin, ImageComparison, PatchVerdict, RanStep, Rebuilds, Replay, Report,
    VerificationData, VerifiedDockerfile, VerifiedPatch,
};
use common::units::{format_count, format_duration};

/// The document for one report.
pub(crate) fn document(report: &Report<VerificationData>) -> Document {
    let data = &report.data;
    let mut document = Document::new()
        .heading("Verification")
        .paragraph(summary(data));
    for dockerfile in &data.dockerfiles {
        document = document.append(of_dockerfile(dockerfile));
    }
    document
        .heading("Findings")
        .paragraph(format_count(report.findings.len() as u64, "finding"))
        .append(findings(&report.findings))
}

fn summary(data: &VerificationData) -> String {
    let patches = data.dockerfiles.iter().flat_map(|one| &one.patches);
    let saving = patches
        .clone()
        .filter(|one| one.verdict == PatchVerdict::Saves);
    format!(
        "{} measured in {}, {} saves time and leaves the image as it is",
        format_count(patches.count() as u64, "patch"),
        format_duration(data.duration_ms),
        saving.count()
    )
}

fn of_dockerfile(dockerfile: &VerifiedDockerfile) -> Document {
    let mut document = Document::new()
        .heading(dockerfile.path.clone())
        .paragraph(baseline(dockerfile));
    if let Some(error) = &dockerfile.error {
        return document.preformatted(error.clone());
    }
    if dockerfile.patches.is_empty() {
        return document.paragraph("no patch is offered for what was asked");
    }
    document = document
        .table(patches(dockerfile))
        .table(replays(dockerfile));
    for patch in &dockerfile.patches {
        document = document.append(of_patch(patch));
    }
    document
}

fn baseline(dockerfile: &VerifiedDockerfile) -> String {
    if dockerfile.error.is_some() {
        return "it does not build as it is".to_owned();
    }
    let cold: Vec<_> = dockerfile
        .cold_ms
        .iter()
        .map(|&ms| format_duration(ms))
        .collect();
    let warm = dockerfile
        .warm_ms
        .map_or("not measured".to_owned(), format_duration);
    let noise = match &dockerfile.noise {
        None => "not compared".to_owned(),
        Some(noise) if noise.is_same => "none".to_owned(),
        Some(noise) => {
            let count = noise.differences.len() as u64 + noise.omitted_count;
            let first = noise.differences.first().map(|one| one.name.as_str());
            format!("{count}, such as `{}`", first.unwrap_or_default())
        }
    };
    let cold = if cold.is_empty() {
        "not measured".to_owned()
    } else {
        cold.join(" and ")
    };
    format!("cold {cold}, from the cache {warm}; differences between two equal builds: {noise}")
}

fn patches(dockerfile: &VerifiedDockerfile) -> Table {
    let mut table = Table::new(["Patch", "Verdict", "Image", "Expected#", "Saved#", "Cold#"]);
    for (index, patch) in dockerfile.patches.iter().enumerate() {
        table.row([
            title(index, patch).into(),
            verdict(patch.verdict),
            image(patch.image.as_ref()).into(),
            patch
                .expected_ms
                .map_or("-".to_owned(), format_duration)
                .into(),
            saved(patch.saved_ms).into(),
            patch.cold_ms.map_or("-".to_owned(), format_duration).into(),
        ]);
    }
    table
}

fn title(index: usize, patch: &VerifiedPatch) -> String {
    let mends = patch
        .mends
        .iter()
        .map(|one| format!("{} in line {}", one.rule, one.location.line));
    let by_hand = patch.made_by_hand.iter().cloned();
    let names: Vec<_> = mends.chain(by_hand).collect();
    format!("{}. {}", index + 1, names.join(", "))
}

fn verdict(verdict: PatchVerdict) -> Cell {
    match verdict {
        PatchVerdict::Saves => Cell::toned("saves", Tone::Good),
        PatchVerdict::SavesNothing => Cell::toned("saves nothing", Tone::Warning),
        PatchVerdict::ImageDiffers => Cell::toned("changes the image", Tone::Bad),
        PatchVerdict::DoesNotBuild => Cell::toned("does not build", Tone::Bad),
        PatchVerdict::NotMeasured => Cell::toned("not measured", Tone::Warning),
    }
}

fn image(image: Option<&ImageComparison>) -> &'static str {
    match image {
        None => "not compared",
        Some(image) if image.is_same => "same",
        Some(_) => "differs",
    }
}

fn saved(saved_ms: Option<i64>) -> String {
    match saved_ms {
        None => "-".to_owned(),
        Some(saved_ms) if saved_ms < 0 => format!("-{}", format_duration(saved_ms.unsigned_abs())),
        Some(saved_ms) => format_duration(saved_ms.unsigned_abs()),
    }
}

fn replays(dockerfile: &VerifiedDockerfile) -> Table {
    let mut table = Table::new([
        "Patch#",
        "Change",
        "Original#",
        "Patched#",
        "Saved#",
        "Image",
    ]);
    for (index, patch) in dockerfile.patches.iter().enumerate() {
        for replay in &patch.replays {
            table.row([
                (index + 1).to_string().into(),
                change(replay).into(),
                median(&replay.original).into(),
                median(&replay.patched).into(),
                saved(replay.saved_ms).into(),
                image(replay.image.as_ref()).into(),
            ]);
        }
    }
    table
}

fn change(replay: &Replay) -> String {
    let paths = &replay.change.paths;
    let files = match paths.as_slice() {
        [path] => path.clone(),
        paths => format_count(paths.len() as u64, "file"),
    };
    match &replay.change.origin {
        ChangeOrigin::Given | ChangeOrigin::Chosen => files,
        ChangeOrigin::Commit { id, subject } => format!("{id} {subject} ({files})"),
    }
}

fn median(rebuilds: &Rebuilds) -> String {
    let runs = rebuilds.runs_ms.len();
    match rebuilds.median_ms {
        None => "-".to_owned(),
        Some(ms) if runs == 1 => format_duration(ms),
        Some(ms) => format!("{} (median of {runs})", format_duration(ms)),
    }
}

/// What the tables have no room for.
fn of_patch(patch: &VerifiedPatch) -> Document {
    let mut document = Document::new();
    for replay in &patch.replays {
        let spared = spared(replay);
        if !spared.is_empty() {
            let change = change(replay);
            document = document.paragraph(format!("cached after {change}: {}", spared.join(", ")));
        }
    }
    let images = patch.replays.iter().map(|replay| replay.image.as_ref());
    for image in images.chain([patch.image.as_ref()]).flatten() {
        for found in &image.differences {
            document = document.paragraph(format!("{}: {}", found.name, found.detail));
        }
        if image.omitted_count > 0 {
            document = document.paragraph(format!("and {} more", image.omitted_count));
        }
    }
    for missing in &patch.not_measured {
        document = document.paragraph(format!("not measured: {missing}"));
    }
    match &patch.error {
        Some(error) => document.preformatted(error.clone()),
        None => document,
    }
}

/// The steps that ran with the original Dockerfile and not with the patched one.
fn spared(replay: &Replay) -> Vec<String> {
    let ran = |step: &RanStep| {
        replay
            .patched
            .ran
            .iter()
            .any(|other| other.name == step.name)
    };
    let spared = replay.original.ran.iter().filter(|step| !ran(step));
    if replay.patched.runs_ms.is_empty() {
        return Vec::new();
    }
    spared.map(|step| format!("`{}`", step.name)).collect()
}

#[cfg(test)]
mod tests {
    use common::render::{markdown, table};

    use super::*;

    fn sample() -> Report<VerificationData> {
        let dir = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/fixtures/reports/v1"
        );
        let text = fs_err::read_to_string(format!("{dir}/verification.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn patches_and_replays_are_rows() {
        let shown = markdown::write(&document(&sample()));
        for row in [
            "3 patches measured in 1m 35s, 1 saves time and leaves the image as it is",
            "cold 21.0 s and 20.5 s, from the cache 300 ms; differences between two equal builds: 4, such as \\`app/build-id\\`",
            "| 1. copy-before-install in line 3 | saves | same | 16.0 s | 15.5 s | 20.8 s |",
            "| 1 | 0c6e2d4 Greet in French too (2 files) | 18.1 s (median of 3) | 2.60 s (median of 3) | 15.5 s | same |",
            "| 1. web/Dockerfile.new | does not build | not compared | - | -200 ms | - |",
            "| 1 | src/main.js | 900 ms | 1.10 s | -200 ms | not compared |",
        ] {
            assert!(shown.contains(row), "{row} in\n{shown}");
        }
    }

    #[test]
    fn what_the_tables_have_no_room_for_is_below() {
        let shown = table::write(&document(&sample()), table::Width::Unlimited, false);
        for line in [
            "cached after 0c6e2d4 Greet in French too (2 files): `RUN npm ci`",
            "app/extra: only the patched image has it",
            "not measured: run 2 of 3 after a change of `src/main.js`",
            "exit code 1: make: *** No rule to make target",
            "it does not build as it is",
        ] {
            assert!(shown.contains(line), "{line} in\n{shown}");
        }
    }
}
