//! Image archives as other programs count them: `fixtures/layers/oracle.py`, which is built in another
//! way, and GNU tar.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::layers::{
    Counts, WHOLE_GROUPS, analyze, archives, counts, make_traps, run_script, trap_name,
};
use tests::report::parse_lines;

/// How many images are made up, and from which numbers.
const RANDOM_COUNT: &str = "300";
const RANDOM_SEED: &str = "4";

/// Python takes an empty value for an empty path; POSIX has it take back what was said. Source: POSIX
/// pax, "pax Header Block".
const PYTHON_IS_WRONG: &str = "pax-empty-value";

/// What the oracle says of an image.
struct Answer {
    counts: Counts,
    /// Bytes with the holes of sparse files, and files, as GNU tar lists them, of each layer.
    listed: Vec<[u64; 2]>,
}

/// Each image of each archive, in order.
fn oracle(archives: &[PathBuf]) -> Vec<Answer> {
    let paths: Vec<&Path> = archives.iter().map(PathBuf::as_path).collect();
    let answers = parse_lines(&run_script("oracle.py", &paths));
    let images = answers
        .iter()
        .flat_map(|answer| answer["images"].as_array().unwrap());
    images
        .map(|image| Answer {
            counts: Counts {
                image: ["stored", "live", "wasted", "files"]
                    .map(|key| image[key].as_u64().unwrap()),
                layers: rows(&image["layers"]),
            },
            listed: rows(&image["tar"]),
        })
        .collect()
}

fn rows<const N: usize>(rows: &Value) -> Vec<[u64; N]> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| std::array::from_fn(|index| row[index].as_u64().unwrap()))
        .collect()
}

#[track_caller]
fn assert_agreement(archives: &[PathBuf]) {
    let images = analyze(archives, "--platform linux/amd64");
    let answers = oracle(archives);
    assert_eq!(images.len(), answers.len());
    for (image, answer) in images.iter().zip(&answers) {
        let name = image["name"].as_str().unwrap();
        let counted = counts(image);
        assert_eq!(counted, answer.counts, "{name}: ours, then the oracle's");
        let files: Vec<u64> = counted.layers.iter().map(|[_, files, ..]| *files).collect();
        let listed: Vec<u64> = answer.listed.iter().map(|[_, files]| *files).collect();
        assert_eq!(files, listed, "{name}: our files, then GNU tar's");
        let logical_bytes: u64 = answer.listed.iter().map(|[bytes, _]| bytes).sum();
        assert_eq!(
            image["logical_bytes"], logical_bytes,
            "{name}: ours, then GNU tar's"
        );
    }
}

#[test]
fn another_program_and_tar_count_the_same_in_all_traps() {
    let dir = make_traps(&WHOLE_GROUPS);
    let mut paths = archives(dir.path());
    paths.retain(|path| trap_name(path.to_str().unwrap()) != PYTHON_IS_WRONG);
    assert!(paths.len() > 100);
    assert_agreement(&paths);
}

#[test]
fn another_program_and_tar_count_the_same_in_random_layers() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = [dir.path(), Path::new(RANDOM_COUNT), Path::new(RANDOM_SEED)];
    run_script("make_random.py", &arguments);
    let paths = archives(dir.path());
    assert_eq!(paths.len(), 300);
    assert_agreement(&paths);
}
