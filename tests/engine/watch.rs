//! Building again what a change affects.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tests::docker::docker;
use tests::project::Made;
use tests::report::assert_valid;

/// Ends builds of a busy machine that never end.
const PATIENCE: Duration = Duration::from_secs(90);

/// For how long nothing has to happen to be sure that nothing will.
const NOTHING: Duration = Duration::from_secs(3);

const DOCKERFILE: &str = "FROM scratch\nCOPY busybox /bin/sh\nCOPY busybox /bin/cat\n\
     COPY busybox /bin/sleep\nCOPY content /content\nCMD [\"/bin/sleep\", \"300\"]\n";

/// A run of `watch`, which ends with the test, as do the containers of the project.
struct Watched {
    made: Made,
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

fn project(name: &str) -> Made {
    let compose = "services:\n  app:\n    build: .\n    image: NAME\n  \
         other:\n    build: {context: other}\n    image: NAME-other\n";
    let files = [
        ("Dockerfile", DOCKERFILE),
        ("compose.yml", compose),
        ("content", "NAME 1"),
        ("notes", "1"),
        (".dockerignore", "notes\n"),
        ("other/Dockerfile", "FROM scratch\nCOPY Dockerfile /NAME\n"),
    ];
    Made::new(name, &files)
}

fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            // The test may have ended.
            let _ = send.send(line.expect("tools write UTF-8"));
        }
    });
    lines
}

impl Watched {
    fn start(made: Made, args: &str) -> Self {
        let args = format!("watch --progress quiet {args}");
        let mut child = made.tool(&args).spawn();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Self {
            made,
            child,
            stdout,
            stderr,
        }
    }

    /// The next report.
    #[track_caller]
    fn report(&self) -> Value {
        let Ok(line) = self.stdout.recv_timeout(PATIENCE) else {
            panic!(
                "no report, but {:?}",
                self.stderr.try_iter().collect::<Vec<_>>()
            );
        };
        let report = serde_json::from_str(&line).unwrap();
        assert_valid(&report);
        report
    }

    /// Waits for a line that contains a text.
    #[track_caller]
    fn line(&self, text: &str) {
        let mut seen = Vec::new();
        loop {
            match self.stderr.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no `{text}` among {seen:?}: {error}"),
            }
        }
    }

    #[track_caller]
    fn nothing(&self) {
        let line = self.stdout.recv_timeout(NOTHING);
        assert!(line.is_err(), "{line:?}");
    }

    fn content(&self) -> String {
        docker(&["exec", self.made.name(), "/bin/cat", "/content"])
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It has ended already when the test succeeded.
        let _ = self.child.kill();
        let filter = format!("name={}", self.made.name());
        let ids = docker(&["ps", "--all", "--quiet", "--filter", &filter]);
        for id in ids.split_whitespace() {
            let _ = Command::new("docker").args(["rm", "--force", id]).output();
        }
    }
}

fn names(report: &Value) -> Vec<&str> {
    let targets = report["data"]["targets"].as_array().unwrap().iter();
    targets
        .map(|target| target["plan"]["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_copied_file_builds_its_target_again_and_replaces_the_container() {
    let made = project("watch-replace");
    let _ = made.tool("build").run().expect_exit(0);
    let name = made.name().to_owned();
    let run = [
        "run",
        "--detach",
        "--name",
        &name,
        "--stop-timeout=1",
        "--env=OWN=1",
        &name,
    ];
    let first = docker(&run);
    let mut watched = Watched::start(made, &format!("--recreate {name}"));
    assert_eq!(names(&watched.report()), ["app", "other"]);
    watched.line("built app, other in ");

    watched.made.write("notes", "2");
    watched.nothing();

    watched.made.write("content", "NAME 2");
    let report = watched.report();
    assert_eq!(names(&report), ["app"]);
    assert_eq!(report["verdict"], "pass");
    watched.line(&format!("replaced `{name}`"));
    assert_eq!(watched.content(), format!("{name} 2"));
    let second = docker(&["inspect", "--format", "{{.Id}} {{.Config.Env}}", &name]);
    assert!(!second.starts_with(&first), "{second}");
    assert!(second.contains("OWN=1"), "{second}");
    let filter = format!("name={name}");
    let left = docker(&["ps", "--all", "--quiet", "--filter", &filter]);
    assert_eq!(left.lines().count(), 1);

    // An image that does not start: the old container comes back.
    let broken = DOCKERFILE.replace("/bin/sleep\",", "/bin/missing\",");
    watched.made.write("Dockerfile", &broken);
    assert_eq!(watched.report()["verdict"], "pass");
    watched.line("so the old one runs again");
    assert_eq!(watched.content(), format!("{name} 2"));

    let pid = watched.child.id().to_string();
    let _ = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert_eq!(watched.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_broken_dockerfile_is_shown_and_the_fixed_one_is_built() {
    let watched = Watched::start(project("watch-broken"), "app --poll");
    assert_eq!(watched.report()["verdict"], "pass");
    watched
        .made
        .write("Dockerfile", "FROM scratch\nCOPY missing /\n");
    assert_eq!(watched.report()["verdict"], "fail");
    watched.line("not built: app");
    watched.made.write("Dockerfile", "FROM scratch\nNONSENSE\n");
    watched.line("NONSENSE");
    watched.made.write("Dockerfile", DOCKERFILE);
    let mut report = watched.report();
    if report["verdict"] == "fail" {
        // The builder, and not the reader, may be the one to refuse what it does not know.
        report = watched.report();
    }
    assert_eq!(report["verdict"], "pass");
    watched.nothing();
}

#[test]
fn a_change_during_a_build_is_built_once_more() {
    let watched = Watched::start(project("watch-during"), "app");
    assert_eq!(watched.report()["verdict"], "pass");
    let slow = format!("{DOCKERFILE}RUN sleep 4\n");
    watched.made.write("Dockerfile", &slow);
    watched.line("changed: building app");
    std::thread::sleep(Duration::from_secs(1));
    watched.made.write("content", "NAME 2");
    watched.made.write("content", "NAME 3");
    assert_eq!(watched.report()["verdict"], "pass");
    assert_eq!(watched.report()["verdict"], "pass");
    watched.nothing();
}

#[test]
fn without_hot_reload_it_builds_once() {
    let made = project("watch-once");
    let tool = made.tool("watch app").env("HOT_RELOAD", "false");
    let stdout = tool.run().expect_exit(0);
    assert_eq!(stdout.lines().count(), 1);
}
