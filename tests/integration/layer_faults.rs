//! Image archives that are not whole, or say what is not so: each ends with an error that names the
//! place, and none takes memory or time for what it only promises.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tests::layers::{analyze, archives, make_traps, trap_name};
use tests::tool::Tool;

/// The parts that the message of each fault has.
#[rustfmt::skip]
const FAULTS: [(&str, &[&str]); 38] = [
    ("layer-cut-in-header", &["layer.tar` is broken", "cut off at byte 700"]),
    ("layer-cut-in-body", &["layer.tar` is broken", "cut off at byte 1060"]),
    ("layer-cut-in-padding", &["layer.tar` is broken", "cut off at byte 1200"]),
    ("layer-cut-in-pax", &["layer.tar` is broken", "cut off at byte 600"]),
    ("layer-cut-after-pax", &["layer.tar` is broken", "cut off at byte 1024"]),
    ("layer-cut-in-gzip", &["layer.tar` is broken", "gzip data is cut off at byte 100"]),
    ("layer-cut-in-zstd", &["layer.tar` is broken", "zstd data is cut off at byte 1000"]),
    ("layer-gzip-checksum", &["layer.tar` is broken", "gzip data has another checksum"]),
    ("layer-garbage", &["layer.tar` is broken", "no tar header at byte 0"]),
    ("layer-garbage-after-header", &["layer.tar` is broken", "no tar header at byte 1024"]),
    ("bad-checksum", &["layer.tar` is broken", "no tar header at byte 512"]),
    ("archive-cut-in-header", &["cut off at byte 300"]),
    ("archive-cut-in-layer", &["cut off at byte 3000"]),
    ("archive-cut-before-manifest", &["`manifest.json` is not there", "cut off at byte 9216"]),
    ("archive-cut-in-gzip", &["gzip data is cut off at byte 300"]),
    ("archive-of-nothing", &["cut off at byte 0"]),
    ("archive-garbage", &["no tar header at byte 0"]),
    ("too-few-diff-ids", &["lists 1 layers", "names 2"]),
    ("layer-missing", &["layer.tar` is not there"]),
    ("config-missing", &[".json` is not there"]),
    ("manifest-missing", &["neither `manifest.json` nor `index.json`"]),
    ("manifest-empty", &["`manifest.json` names no image"]),
    ("manifest-cut", &["`manifest.json` is not the JSON"]),
    ("link-dangling", &["leads to `nowhere/layer.tar`, which is not there"]),
    ("link-loop", &["is a link that leads to itself"]),
    ("link-out", &["leads to `etc/passwd`, which is not there"]),
    ("oci-wrong-manifest", &["has the digest", "is expected"]),
    ("oci-blob-missing", &["blobs/sha256/", "is not there"]),
    ("huge-size", &["layer.tar` is broken", "cut off at byte 1536"]),
    ("huge-pax-size", &["layer.tar` is broken", "cut off at byte 2560"]),
    ("overflowing-pax-size", &["layer.tar` is broken", "`pax records`", "malformed"]),
    ("negative-size", &["layer.tar` is broken", "`size`", "malformed"]),
    ("huge-extension", &["layer.tar` is broken", "larger than 1048576 bytes"]),
    ("huge-long-name", &["layer.tar` is broken", "larger than 1048576 bytes"]),
    ("name-of-4096", &["layer.tar` is broken", "longer than 4095 bytes"]),
    ("extension-last", &["layer.tar` is broken", "cut off at byte 1024"]),
    ("malformed-record", &["layer.tar` is broken", "`pax records`", "malformed"]),
    ("huge-member", &["cut off at byte 1024"]),
];

/// What can be known only when every byte is read.
#[rustfmt::skip]
const LIES: [(&str, &[&str]); 2] = [
    ("wrong-diff-id", &["layer.tar` has the digest", "is expected"]),
    ("oci-wrong-blob", &["blobs/sha256/", "has the digest", "is expected"]),
];

/// The most memory that a run may have resident, whatever it reads.
const MEMORY_KB_MAX: u64 = 100_000;

#[track_caller]
fn assert_fault(archive: &Path, verify: &str, parts: &[&str]) {
    let finished = Tool::new("layer-analyzer")
        .args("analyze --format json")
        .args(verify)
        .arg(archive)
        .run();
    for part in parts {
        let message = &finished.stderr;
        assert!(
            message.contains(part),
            "{verify}: `{part}` is not in\n{message}"
        );
    }
    assert_eq!(finished.expect_exit(2), "", "{}", archive.display());
}

#[test]
fn what_is_not_whole_is_named_and_never_counted() {
    let dir = make_traps(&["broken"]);
    let mut names: Vec<&str> = FAULTS.iter().chain(&LIES).map(|(name, _)| *name).collect();
    names.sort_unstable();
    let paths = archives(dir.path());
    let mut made: Vec<&str> = paths
        .iter()
        .map(|path| trap_name(path.to_str().unwrap()))
        .collect();
    made.sort_unstable();
    assert_eq!(made, names);
    for (name, parts) in FAULTS {
        let archive = dir.path().join(name).with_extension("tar");
        for verify in ["--verify", "--verify=never"] {
            assert_fault(&archive, verify, parts);
        }
    }
}

#[test]
fn a_wrong_digest_is_found_by_default_and_never_vouched_for() {
    let dir = make_traps(&["broken"]);
    for (name, parts) in LIES {
        let archive = dir.path().join(name).with_extension("tar");
        assert_fault(&archive, "", parts);
        let image = analyze(&[archive], "--verify=never").remove(0);
        assert_eq!(image["verified"], Value::Bool(false), "{name}");
    }
}

#[test]
fn a_gibibyte_in_a_megabyte_takes_no_memory() {
    let dir = make_traps(&["bomb"]);
    let archive = dir.path().join("bomb.tar");
    assert!(archive.metadata().unwrap().len() < 2_000_000);
    let mut child = Tool::new("layer-analyzer")
        .args("analyze --format json --verify=never")
        .arg(&archive)
        .spawn();
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs_err::read_to_string(&status).unwrap_or_default();
        let mut lines = text.lines().filter_map(|line| line.strip_prefix("VmHWM:"));
        let peak = lines
            .next()
            .and_then(|line| line.trim().strip_suffix(" kB"));
        peak_kb = peak.map_or(peak_kb, |kb| kb.parse().unwrap());
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["data"]["images"][0]["size_bytes"], 1_u64 << 30);
    assert!((1..MEMORY_KB_MAX).contains(&peak_kb), "{peak_kb} kB");
}
