//! layer-analyzer on every kind of source but the Engine and registries. The images are those that
//! `crates/layer-analyzer/testdata/make_real.sh` had real tools write.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Tool, workspace_dir};

/// The digest of the configuration, as podman printed it.
const ID: &str = "sha256:772ead5fe790444e555774220f4ab702db1464ea2578b05841eff55e2284acc5";

fn testdata(name: &str) -> PathBuf {
    let root = workspace_dir().join("crates/layer-analyzer/testdata");
    root.join(format!("{name}.tar.gz"))
}

/// What a program makes of a file, on its standard output.
fn output(program: &str, arguments: &[&str], file: &Path) -> Vec<u8> {
    let input = fs_err::File::open(file).unwrap().into_parts().0;
    let mut command = Command::new(program);
    let output = command
        .args(arguments)
        .stdin(input)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "{program}");
    output.stdout
}

/// The archive without its compression, in a folder.
fn uncompressed(name: &str, dir: &Path) -> PathBuf {
    let path = dir.join("image.tar");
    fs_err::write(&path, output("gzip", &["-dc"], &testdata(name))).unwrap();
    path
}

/// The folder that an archive was made of.
fn unpacked(name: &str, dir: &Path) -> PathBuf {
    let folder = dir.join("layout");
    fs_err::create_dir(&folder).unwrap();
    let folder_text = folder.to_str().unwrap();
    output("tar", &["-xz", "-C", folder_text], &testdata(name));
    folder
}

fn analyze(image: &str) -> Tool {
    Tool::new("layer-analyzer")
        .args("analyze --format json")
        .arg(image)
}

/// The images of the report that a run writes.
fn images(tool: Tool) -> Vec<Value> {
    let mut reports = parse_lines(&tool.run().expect_exit(0));
    assert_eq!(reports.len(), 1);
    assert_valid(&reports[0]);
    let Value::Array(mut images) = reports[0]["data"]["images"].take() else {
        panic!("a report has images");
    };
    for image in &mut images {
        image["name"] = Value::Null;
    }
    images
}

fn refusal(tool: Tool) -> String {
    let finished = tool.run();
    assert_eq!(finished.exit, Some(2), "{finished:?}");
    finished.stderr
}

#[test]
fn an_image_is_the_same_from_every_source() {
    let dir = tempfile::tempdir().unwrap();
    let compressed = testdata("real/podman-oci");
    let archive = uncompressed("real/podman-oci", dir.path());
    let folder = unpacked("real/podman-oci", dir.path());
    let expected = images(analyze(archive.to_str().unwrap()));
    assert_eq!(expected[0]["id"], ID);
    assert_eq!(expected[0]["tags"][0], "localhost/real:1");
    assert_eq!(expected[0]["size_bytes"], 12);
    for source in [
        format!("archive:{}", compressed.display()),
        format!("oci:{}", archive.display()),
        format!("oci:{}:localhost/real:1", archive.display()),
        format!("oci:{}", folder.display()),
        folder.display().to_string(),
    ] {
        assert_eq!(images(analyze(&source)), expected, "{source}");
    }
    for file in [&compressed, &archive] {
        let bytes = fs_err::read(file).unwrap();
        assert_eq!(
            images(analyze("-").stdin(bytes)),
            expected,
            "{}",
            file.display()
        );
    }
}

#[test]
fn an_archive_can_be_compressed_with_zstd() {
    let folder = workspace_dir().join("crates/layer-analyzer/testdata/archives");
    let plain = folder.join("plain.tar");
    let zstd = folder.join("plain.tar.zst");
    let expected = images(analyze(plain.to_str().unwrap()));
    assert_eq!(expected[0]["tags"][0], "trap:1");
    assert_eq!(images(analyze(zstd.to_str().unwrap())), expected);
    let bytes = fs_err::read(zstd).unwrap();
    assert_eq!(images(analyze("-").stdin(bytes)), expected);
}

#[test]
fn a_platform_is_chosen() {
    let archive = testdata("real/buildah-index");
    for platform in ["linux/amd64", "linux/arm64"] {
        let tool = analyze(archive.to_str().unwrap());
        let images = images(tool.args("--platform").arg(platform));
        assert_eq!(images.len(), 1);
        assert_eq!(images[0]["platform"], platform);
    }
    let refusal = refusal(analyze(archive.to_str().unwrap()).args("--platform linux/s390x"));
    assert!(refusal.contains("no image is for linux/s390x"), "{refusal}");
    assert!(
        refusal.contains("it is there for `linux/amd64`, `linux/arm64`"),
        "{refusal}"
    );
}

#[test]
fn what_is_no_platform_is_refused() {
    let tool = analyze("x").args("--platform amd64");
    let refusal = refusal(tool);
    assert!(refusal.contains("`amd64` is no platform"), "{refusal}");
}

#[test]
fn a_broken_image_is_refused_with_the_archive_and_the_place() {
    let dir = tempfile::tempdir().unwrap();
    let archive = uncompressed("real/podman-oci", dir.path());
    let bytes = fs_err::read(&archive).unwrap();
    fs_err::write(&archive, &bytes[..700]).unwrap();
    let cut = refusal(analyze(archive.to_str().unwrap()));
    assert!(cut.contains(archive.to_str().unwrap()), "{cut}");
    assert!(cut.contains("it is cut off at byte 700"), "{cut}");
    for (name, expected) in [
        ("oci-wrong-layer", "` has the digest `sha256:"),
        ("layer-zstd-cut", "the zstd data is cut off at byte"),
        (
            "dead-link",
            "`c/layer.tar` leads to `d/layer.tar`, which is not there",
        ),
    ] {
        let archive = testdata(&format!("archives/{name}"));
        let refusal = refusal(analyze(archive.to_str().unwrap()));
        assert!(refusal.contains(archive.to_str().unwrap()), "{refusal}");
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn a_layouts_links_lead_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let folder = unpacked("real/podman-oci", dir.path());
    let secret = dir.path().join("secret");
    fs_err::rename(folder.join("index.json"), &secret).unwrap();
    fs_err::os::unix::fs::symlink(&secret, folder.join("index.json")).unwrap();
    let refusal = refusal(analyze(folder.to_str().unwrap()));
    assert!(
        refusal.contains("`index.json` leads out of the folder"),
        "{refusal}"
    );
}

#[test]
fn standard_input_holds_an_image_or_reports() {
    let image = fs_err::read(testdata("real/podman-docker")).unwrap();
    let both = refusal(analyze("-").args("--input -").stdin(image.as_slice()));
    assert!(
        both.contains("standard input cannot hold both an image and reports"),
        "{both}"
    );
    let twice = refusal(analyze("-").arg("-").stdin(image.as_slice()));
    assert!(
        twice.contains("standard input holds one archive, not several"),
        "{twice}"
    );
    let fixture = "--input tests/fixtures/reports/v1/test.json --only";
    assert_eq!(images(analyze("-").args(fixture).stdin(image))[0]["id"], ID);
}

#[test]
fn an_image_that_is_not_verified_has_the_same_files() {
    let dir = tempfile::tempdir().unwrap();
    let archive = uncompressed("real/podman-docker", dir.path());
    let counts = |verify| {
        let image = images(analyze(archive.to_str().unwrap()).args(verify)).swap_remove(0);
        (
            image["id"].clone(),
            image["size_bytes"].clone(),
            image["file_count"].clone(),
        )
    };
    let expected = (ID.into(), 12.into(), 2.into());
    for verify in ["--verify", "--verify=never", "--verify=auto"] {
        assert_eq!(counts(verify), expected, "{verify}");
    }
}

/// A tar header of a regular file.
fn header(name: &str, size_bytes: u64) -> [u8; 512] {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..136].copy_from_slice(format!("{size_bytes:011o}\0").as_bytes());
    header[148..156].fill(b' ');
    header[156] = b'0';
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    header
}

/// An archive with one layer, with one file that is a hole of 4 GiB and was never written.
fn large_archive(path: &Path) {
    const FILE_BYTES: u64 = 4 << 30;
    let layer_bytes = 512 + FILE_BYTES + 1024;
    let mut file = fs_err::File::create(path).unwrap();
    file.write_all(&header("layer.tar", layer_bytes)).unwrap();
    file.write_all(&header("large", FILE_BYTES)).unwrap();
    file.set_len(512 + layer_bytes).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    let diff_id = format!("sha256:{}", "0".repeat(64));
    let config = format!(r#"{{"rootfs":{{"type":"layers","diff_ids":["{diff_id}"]}}}}"#);
    let manifest = r#"[{"Config":"c.json","RepoTags":null,"Layers":["layer.tar"]}]"#;
    for (name, text) in [("c.json", config.as_str()), ("manifest.json", manifest)] {
        let mut body = text.as_bytes().to_vec();
        body.resize(512, 0);
        file.write_all(&header(name, text.len() as u64)).unwrap();
        file.write_all(&body).unwrap();
    }
    file.write_all(&[0; 1024]).unwrap();
}

#[test]
fn a_large_image_is_not_read_whole_and_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("large.tar");
    large_archive(&archive);
    for (verify, warning) in [
        (
            "--verify=auto",
            "warning: not verified: 4.29 GB; `--verify` reads all\n",
        ),
        ("--verify=never", ""),
    ] {
        let finished = analyze(archive.to_str().unwrap()).args(verify).run();
        assert_eq!(
            (finished.exit, finished.stderr.as_str()),
            (Some(0), warning)
        );
        let report = &parse_lines(&finished.stdout)[0];
        assert_eq!(report["data"]["images"][0]["size_bytes"], 4_u64 << 30);
    }
}
