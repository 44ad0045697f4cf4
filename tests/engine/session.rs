//! Secrets, ssh agents, named contexts, contexts that are sent once.

use serde_json::Value;
use std::process::Command;
use tests::docker::docker;
use tests::project::{Made, target};
use tests::report::{assert_valid, parse_lines};

const BUSYBOX: &str = "FROM scratch AS busybox\nCOPY busybox /bin/busybox\nSHELL [\"/bin/busybox\", \"sh\", \"-c\"]\n";

fn report(text: &str) -> Value {
    let report = parse_lines(text).remove(0);
    assert_valid(&report);
    report
}

/// A file of an image.
fn file(image: &str, path: &str) -> String {
    docker(&["run", "--rm", image, "/bin/busybox", "cat", path])
}

#[test]
fn secrets_reach_the_step_and_nothing_else() {
    let dockerfile = format!(
        "{BUSYBOX}RUN --mount=type=secret,id=env --mount=type=secret,id=file busybox() {{ /bin/busybox \"$@\"; }}; busybox cat /run/secrets/env /run/secrets/file; busybox wc -c < /run/secrets/file; echo NAME; exit 3\n"
    );
    let made = Made::new(
        "secrets",
        &[
            ("Dockerfile", &dockerfile),
            ("key", "first-line\nsecond-line\n"),
        ],
    );
    let run = made
        .tool(
            "build --file Dockerfile --secret id=env,env=LUCID_TEST_TOKEN --secret id=file,src=key",
        )
        .env("LUCID_TEST_TOKEN", "hunter22hunter")
        .run();
    assert_eq!(run.exit, Some(1), "{run:?}");
    let shown = run.stdout + &run.stderr;
    assert!(
        shown.contains("| 23\n") && shown.contains("<redacted>"),
        "{shown}"
    );
    for secret in ["hunter22", "first-line", "second-line"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn what_is_missing_is_named_before_anything_runs() {
    let made = Made::new(
        "missing",
        &[("Dockerfile", "FROM scratch\nCOPY busybox /\n")],
    );
    let cases = [
        (
            "--secret id=token,env=LUCID_NOT_SET",
            "the secret `token` comes from the environment variable `LUCID_NOT_SET`",
        ),
        (
            "--secret id=token,src=nowhere",
            "the secret `token` cannot be read: ",
        ),
        ("--ssh default", "`SSH_AUTH_SOCK`, which is not set"),
    ];
    for (args, message) in cases {
        let run = made.tool(&format!("build --file Dockerfile {args}")).run();
        assert_eq!(run.exit, Some(2), "{run:?}");
        assert!(run.stderr.contains(message), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

/// Asks an agent for its keys, as ssh-agent(1) answers them, and prints the answer's bytes as text.
const ASK_AGENT: &str = r#"
use std::io::{Read, Write};
fn main() {
    let path = std::env::var("SSH_AUTH_SOCK").unwrap();
    let mut agent = std::os::unix::net::UnixStream::connect(path).unwrap();
    agent.write_all(&[0, 0, 0, 1, 11]).unwrap();
    let mut length = [0; 4];
    agent.read_exact(&mut length).unwrap();
    let mut answer = vec![0; u32::from_be_bytes(length) as usize];
    agent.read_exact(&mut answer).unwrap();
    println!("answer {} {}", answer[0], String::from_utf8_lossy(&answer[answer.len() - 9..]));
}
"#;

#[test]
fn an_ssh_agent_answers_a_step() {
    let dockerfile =
        "FROM scratch\nCOPY ask /ask\nCOPY own /own\nRUN --mount=type=ssh [\"/ask\"]\n";
    let made = Made::new(
        "ssh",
        &[
            ("Dockerfile", dockerfile),
            ("ask.rs", ASK_AGENT),
            ("own", "NAME"),
        ],
    );
    let run = |program: &str, args: &[&str]| {
        let status = Command::new(program)
            .args(args)
            .current_dir(made.dir())
            .status();
        assert!(status.unwrap().success(), "{program}");
    };
    run(
        "rustc",
        &["-Ctarget-feature=+crt-static", "-o", "ask", "ask.rs"],
    );
    run(
        "ssh-keygen",
        &[
            "-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            "lucid-key",
            "-f",
            "key",
        ],
    );
    let socket = made.path("agent");
    let mut agent = Command::new("ssh-agent")
        .arg("-D")
        .arg("-a")
        .arg(&socket)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !socket.exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let added = Command::new("ssh-add")
        .args(["-q", "key"])
        .current_dir(made.dir())
        .env("SSH_AUTH_SOCK", &socket)
        .status();
    assert!(added.unwrap().success());
    let built = made
        .tool("build --file Dockerfile --ssh default")
        .env("SSH_AUTH_SOCK", socket.to_str().unwrap())
        .run();
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert_eq!(built.exit, Some(0), "{built:?}");
    // 12 is the answer with the keys, which ends with the comment of the last one.
    assert!(
        built.stderr.contains("| answer 12 lucid-key"),
        "{}",
        built.stderr
    );
}

#[test]
fn named_contexts_are_targets_folders_and_images() {
    let compose = "services:\n  base:\n    image: NAME:base\n    build: {context: ., dockerfile: base.Dockerfile}\n  app:\n    image: NAME:app\n    build: {context: ., dockerfile: app.Dockerfile}\n";
    let base = format!("{BUSYBOX}COPY own /own\n");
    let app = "ARG FROM=base-context\nFROM $FROM AS app\nCOPY --from=files a /a\nFROM app\nRUN --mount=from=files,target=/f [\"/bin/busybox\", \"cp\", \"/f/b\", \"/b\"]\nCOPY --from=base-context /own /copied\n";
    let made = Made::new(
        "named",
        &[
            ("compose.yml", compose),
            ("base.Dockerfile", &base),
            ("app.Dockerfile", app),
            ("own", "NAME"),
            ("elsewhere/a", "a NAME"),
            ("elsewhere/b", "b NAME"),
            ("elsewhere/ignored", "x"),
            ("elsewhere/.dockerignore", "ignored"),
        ],
    );
    let run = made
        .tool("build --file compose.yml --build-context base-context=target:base --build-context files=elsewhere app")
        .run();
    let report = report(&run.expect_exit(0));
    let app = target(&report, "app");
    assert_eq!(app["plan"]["depends_on"], serde_json::json!(["base"]));
    assert_eq!(app["plan"]["stages"][0]["base"]["name"], "target:base");
    let steps = app["steps"].as_array().unwrap();
    let place = |name: &str| {
        let step = steps.iter().find(|step| step["name"] == name);
        step.map(|step| step["location"]["line"].as_u64().unwrap())
    };
    assert_eq!(place("COPY --from=files a /a"), Some(3), "{steps:#?}");
    assert!(
        !report.to_string().contains("build-orchestrator.local"),
        "{report}"
    );
    let image = format!("{}:app", made.name());
    for (path, expected) in [("/a", "a "), ("/b", "b "), ("/copied", "")] {
        assert_eq!(file(&image, path), format!("{expected}{}", made.name()));
    }
    let left = docker(&[
        "image",
        "ls",
        "--filter",
        "reference=build-orchestrator.local/*/*",
        "--quiet",
    ]);
    assert_eq!(left, "");
}

#[test]
fn a_base_without_a_tag_is_still_there_when_the_build_has_ended() {
    let base = format!("{BUSYBOX}COPY own /own\n");
    let made = Made::new(
        "untagged",
        &[
            (
                "all.Dockerfile",
                &format!("{base}FROM scratch AS last\nCOPY --from=linked /own /\n"),
            ),
            ("own", "NAME"),
        ],
    );
    let run = made
        .tool("build --file all.Dockerfile --all-stages --build-context linked=target:busybox")
        .run();
    let report = report(&run.expect_exit(0));
    let image = target(&report, "busybox")["image"]["id"].as_str().unwrap();
    let id = docker(&["image", "inspect", "--format", "{{.Id}}", image]);
    assert_eq!(id, image);
    for name in ["last", "busybox"] {
        let id = target(&report, name)["image"]["id"].as_str().unwrap();
        docker(&["rmi", id]);
    }
}

#[test]
fn a_link_to_no_target_names_the_nearest() {
    let compose = "services:\n  base:\n    build: {context: ., dockerfile: Dockerfile}\n";
    let made = Made::new(
        "link",
        &[("compose.yml", compose), ("Dockerfile", "FROM up\n")],
    );
    let run = made
        .tool("plan --file compose.yml --build-context up=target:bsae")
        .run();
    assert_eq!(run.exit, Some(2), "{run:?}");
    let message =
        "the context `up` of `base` is the target `bsae`, which is not there; did you mean `base`?";
    assert!(run.stderr.contains(message), "{}", run.stderr);
}

#[test]
fn a_shared_context_is_sent_once_and_then_only_what_changed() {
    let mut compose = "services:\n".to_owned();
    let mut files = vec![("big".to_owned(), "0123456789".repeat(100_000))];
    for number in 1..=4 {
        let service = format!(
            "  t{number}:\n    image: NAME:t{number}\n    build: {{context: ., dockerfile: {number}/Dockerfile}}\n"
        );
        compose.push_str(&service);
        files.push((
            format!("{number}/Dockerfile"),
            format!("FROM scratch\nCOPY {number}/own big /\n"),
        ));
        files.push((format!("{number}/own"), format!("{number} NAME")));
    }
    files.push(("compose.yml".to_owned(), compose));
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let made = Made::new("shared", &files);
    let sent = || {
        let run = made.tool("build --file compose.yml --parallel 4").run();
        report(&run.expect_exit(0))["data"]["totals"]["sent_bytes"].clone()
    };
    let own = made.name().len() + 2;
    let dockerfile = "FROM scratch\nCOPY 1/own big /\n".len();
    assert_eq!(sent(), 1_000_000 + 4 * (own + dockerfile));
    assert_eq!(sent(), 0);
    made.write("3/own", "changed");
    assert_eq!(sent(), 7);
}
