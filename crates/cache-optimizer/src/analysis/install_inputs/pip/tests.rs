//! Requirements files, by hand, and what an install of each reads.

use super::super::sample::read;

#[test]
fn requirements_name_others_as_seen_from_their_own_folder() {
    let files = [
        (
            "req/prod.txt",
            "-r base.txt\n-c ../limits.txt\nflask==1 # web\n",
        ),
        (
            "req/base.txt",
            "--requirement=more/x.txt\nrequests \\\n  --hash=sha256:1\n",
        ),
        ("req/more/x.txt", "-e git+https://example.com/a.git#egg=a\n"),
        ("limits.txt", ""),
        ("app.py", ""),
    ];
    let expected = [
        "limits.txt",
        "req/base.txt",
        "req/more/x.txt",
        "req/prod.txt",
    ];
    assert_eq!(
        read("pip install -r req/prod.txt", "", &files).unwrap(),
        expected
    );
    assert_eq!(
        read("pip install -r prod.txt", "req", &files).unwrap(),
        expected
    );
}

#[test]
fn what_is_installed_from_sources_is_a_reason() {
    for line in [
        "-e .",
        "--editable=./lib",
        "./lib",
        "lib @ file:///app/lib",
        "-r missing.txt",
    ] {
        let files = [("r.txt", line), ("lib/setup.py", ""), ("setup.py", "")];
        assert!(read("pip install -r r.txt", "", &files).is_err(), "{line}");
    }
    assert!(read("pip install -r $FILE", "", &[]).is_err());
}

#[test]
fn archives_of_the_project_are_read() {
    let files = [
        ("r.txt", "--find-links ./wheels\n./dist/a-1.whl\n"),
        ("wheels/b.whl", ""),
        ("dist/a-1.whl", ""),
    ];
    let expected = ["dist/a-1.whl", "r.txt", "wheels"];
    assert_eq!(read("pip install -r r.txt", "", &files).unwrap(), expected);
}
