//! Which images are found in the layouts of testdata, and why none is found in some. The answers
//! are worked out by hand from the lists in `make_layouts.py`.

use crate::input::limits::Limits;
use crate::input::source::{ImageOptions, read_archive_file};
use crate::input::testdata::{cause, files, read, read_called, read_for, uncompressed};

fn only_file(name: &str, platform: Option<&str>) -> Vec<(String, u64)> {
    let images = read_for(&format!("archives/{name}"), platform).unwrap();
    assert_eq!(images.len(), 1, "{name}");
    files(&images[0])
}

fn refusal(name: &str) -> String {
    read(&format!("archives/{name}")).unwrap_err()
}

#[test]
fn every_whole_layout_has_its_image() {
    for name in [
        "oci",
        "oci-dot-slash",
        "oci-docker-types",
        "oci-nondistributable",
        "oci-attestations",
        "oci-nested-8",
        "oci-nested-wide",
        "oci-without-layers",
        "docker-by-digest",
    ] {
        assert_eq!(only_file(name, None), [("etc/a".to_owned(), 100)], "{name}");
    }
}

#[test]
fn the_platform_that_is_wanted_is_taken() {
    for (wanted, found) in [
        ("linux/amd64", "linux/amd64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/arm", "linux/arm/v7"),
    ] {
        // The file is as long as the platform's name.
        let files = only_file("oci-platforms", Some(wanted));
        assert_eq!(files, [("p".to_owned(), found.len() as u64)], "{wanted}");
        let image = &read_for("archives/oci-platforms", Some(wanted)).unwrap()[0];
        assert_eq!(image.platform.as_deref(), Some(found));
    }
}

#[test]
fn a_platform_that_is_not_there_is_refused_with_those_that_are() {
    let refused = |name, platform| read_for(name, Some(platform)).unwrap_err();
    for name in [
        "archives/oci",
        "archives/overwrite",
        "archives/oci-platforms",
    ] {
        assert_eq!(
            refused(name, "linux/s390x"),
            "no image is for linux/s390x",
            "{name}"
        );
    }
}

#[test]
fn without_a_platform_this_machines_is_taken_or_the_only_one() {
    let host = crate::input::platform::Platform::host().to_string();
    for name in ["oci-platforms", "oci-platforms-flat"] {
        let files = only_file(name, None);
        assert_eq!(files, [("p".to_owned(), host.len() as u64)], "{name}");
    }
    assert_eq!(
        only_file("oci-platform-absent", None),
        [("p".to_owned(), 13)]
    );
    assert_eq!(
        only_file("oci-platforms-unsaid", Some("linux/s390x")),
        [("p".to_owned(), 11)]
    );
    let refusal = refusal("oci-platforms-elsewhere");
    let expected =
        format!("the image is there for several platforms, but not for this machine's, {host}");
    assert_eq!(refusal, expected);
}

#[test]
fn names_become_tags_and_choose_an_image() {
    let images = read("archives/oci-names").unwrap();
    let tags: Vec<&[String]> = images.iter().map(|image| image.tags.as_slice()).collect();
    assert_eq!(tags, [["app:1", "second"].as_slice(), &["third"]]);
    for (reference, size_bytes) in [
        ("app:1", 100),
        ("1", 100),
        ("docker.io/library/app:1", 100),
        ("third", 100),
    ] {
        let images = read_called("archives/oci-names", reference).unwrap();
        assert_eq!(images.len(), 1, "{reference}");
        assert_eq!(files(&images[0])[0], ("etc/a".to_owned(), size_bytes));
    }
    let refused = read_called("archives/oci-names", "fourth").unwrap_err();
    assert_eq!(refused, "no image is called `fourth`");
}

#[test]
fn a_manifest_without_layers_is_not_believed() {
    let files = only_file("oci-without-layers", Some("linux/amd64"));
    assert_eq!(files, [("etc/a".to_owned(), 100)]);
}

#[test]
fn what_is_no_image_is_never_taken_for_one() {
    assert_eq!(
        refusal("oci-attestations-only"),
        "`index.json` names no image, but application/vnd.example, \
         application/vnd.example.unknown+json, application/vnd.in-toto+json, \
         attestation-manifest, text/plain"
    );
    assert_eq!(
        refusal("oci-without-manifest"),
        "`index.json` names no image"
    );
}

#[test]
fn indexes_end() {
    assert_eq!(
        refusal("oci-nested-9"),
        "indexes are nested deeper than 8, which is the limit"
    );
    let limits = Limits {
        manifest_count: 3,
        ..Limits::default()
    };
    let options = ImageOptions {
        limits,
        ..ImageOptions::default()
    };
    let archive = uncompressed("archives/oci-platforms");
    let refused = read_archive_file(archive.path(), &options).unwrap_err();
    let expected = "an index lists more than 3 manifests, which is the limit";
    assert_eq!(cause(&refused), expected);
}

#[test]
fn a_digest_that_is_wrong_is_refused_with_both() {
    for (role, name) in [
        ("manifest", "oci-wrong-manifest"),
        ("config", "oci-wrong-config"),
        ("layer", "oci-wrong-layer"),
    ] {
        let refusal = refusal(name);
        let (blob, rest) = refusal.split_once("` has the digest `sha256:").expect(role);
        let expected = rest.split_once("`, but `sha256:").expect(role).1;
        let expected = expected.strip_suffix("` is expected").expect(role);
        assert_eq!(blob, format!("`blobs/sha256/{expected}"), "{role}");
    }
}

#[test]
fn a_blob_that_is_not_there_is_named() {
    let refusal = refusal("oci-layer-absent");
    assert!(refusal.starts_with("`blobs/sha256/"), "{refusal}");
    assert!(refusal.ends_with("` is not there"), "{refusal}");
}

#[test]
fn a_digest_leads_nowhere_else() {
    assert_eq!(
        refusal("oci-digest-leads-out"),
        "digest `sha256:../../oci-layout` is no SHA-256 of 64 hexadecimal digits, which alone is read"
    );
}

#[test]
fn links_lead_to_layers_within_the_archive() {
    for name in [
        "symlinked-layer-first",
        "hard-linked-layer",
        "link-leads-out",
    ] {
        let image = &read(&format!("archives/{name}")).unwrap()[0];
        let sizes: Vec<u64> = files(image).into_iter().map(|file| file.1).collect();
        assert_eq!(sizes, [100, 100, 200, 300, 100], "{name}");
    }
    assert_eq!(
        refusal("dead-link"),
        "`c/layer.tar` leads to `d/layer.tar`, which is not there"
    );
}

#[test]
fn what_real_tools_write_is_read() {
    // The digest of the configuration, as podman and buildah print it.
    let id = "sha256:772ead5fe790444e555774220f4ab702db1464ea2578b05841eff55e2284acc5";
    let hello = |size_bytes| ("etc/hello".to_owned(), size_bytes);
    let world = ("etc/world".to_owned(), 6);
    for (name, tag) in [
        ("podman-docker", "localhost/real:1"),
        ("podman-oci", "localhost/real:1"),
        ("buildah-oci", "real:1"),
        ("skopeo-docker", "real:1"),
        ("skopeo-zstd", "real"),
    ] {
        let image = &read(&format!("real/{name}")).unwrap()[0];
        assert_eq!(
            (image.id.as_str(), image.tags.as_slice()),
            (id, [tag.to_owned()].as_slice())
        );
        assert_eq!(files(image), [hello(6), world.clone()], "{name}");
    }
    for (platform, size_bytes) in [("linux/amd64", 6), ("linux/arm64", 6)] {
        let image = &read_for("real/buildah-index", Some(platform)).unwrap()[0];
        assert_eq!(image.platform.as_deref(), Some(platform));
        assert_eq!(files(image), [hello(size_bytes), world.clone()]);
    }
    let images = read("real/umoci").unwrap();
    assert_eq!(
        (&images[0].tags[0], &images[1].tags[0]),
        (&"first".to_owned(), &"second".to_owned())
    );
    assert_eq!(files(&images[1]), [world.clone(), hello(6)]);
    let image = &read("real/docker").unwrap()[0];
    assert_eq!(image.tags, ["lucid/sources-real:1"]);
    assert_eq!(files(image), [hello(6), world]);
}
