//! What of its inputs a step records, and what can be computed from a record.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tests::chain;
use tests::docker::{Example, docker};
use tests::report::{assert_valid, parse_lines};
use tests::tool::{Finished, Tool, workspace_dir};

fn report(finished: Finished) -> Value {
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    assert_valid(&report);
    report
}

#[track_caller]
fn step<'a>(report: &'a Value, id: &str) -> &'a Value {
    let targets = report["data"]["targets"].as_array().unwrap();
    let mut steps = targets
        .iter()
        .flat_map(|target| target["steps"].as_array().unwrap());
    steps
        .find(|step| step["id"] == id)
        .unwrap_or_else(|| panic!("{id} is a step"))
}

/// A folder with busybox, a Dockerfile and a file that no other test has, and images of its own.
struct Folder {
    dir: tempfile::TempDir,
    cache_dir: tempfile::TempDir,
    tags: Vec<String>,
}

impl Folder {
    fn new(dockerfile: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let busybox = workspace_dir().join("examples/glossary/rootfs/bin/busybox");
        fs_err::copy(busybox, dir.path().join("busybox")).unwrap();
        fs_err::write(dir.path().join("own"), unique()).unwrap();
        let folder = Self {
            dir,
            cache_dir: tempfile::tempdir().unwrap(),
            tags: Vec::new(),
        };
        folder.write("Dockerfile", dockerfile);
        folder
    }

    fn write(&self, name: &str, content: &str) {
        fs_err::write(self.dir.path().join(name), content).unwrap();
    }

    fn tag(&mut self) -> String {
        let tag = format!("lucid/inputs:test-{}", unique());
        self.tags.push(tag.clone());
        tag
    }

    fn build(&self, args: &str) -> Finished {
        let tool = Tool::new("build-orchestrator").args("build --only --context .");
        let tool = tool.env("XDG_CACHE_HOME", self.cache_dir.path().to_str().unwrap());
        tool.args(args).current_dir(self.dir.path()).run()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for tag in &self.tags {
            docker(&["rmi", "--force", tag]);
        }
    }
}

fn unique() -> String {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since_1970.as_nanos().to_string()
}

const ENV_SEEN: &str = "[\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox env >/seen\"]";

#[test]
fn a_run_records_the_variables_that_its_command_sees() {
    let mut folder = Folder::new(&format!(
        "ARG G=global\nFROM scratch AS base\nCOPY busybox own /bin/\nARG A=arg\nENV B=env\n\
         ENV C=env\nARG C=arg\nARG G\nFROM base AS app\nARG NPM_TOKEN\nARG D=\"x $B y\"\n\
         ENV E=\"$NPM_TOKEN\" A=late\nRUN {ENV_SEEN}\n"
    ));
    let tag = folder.tag();
    let args = "--build-arg NPM_TOKEN=hunter22 --build-arg UNUSED=1 --tag";
    let report = report(folder.build(&format!("--file Dockerfile {args} {tag}")));
    let target = report["data"]["targets"][0]["plan"]["name"]
        .as_str()
        .unwrap();
    let run = &step(&report, &format!("{target}/app/1"))["run"];

    let seen = docker(&["run", "--rm", &tag, "/bin/busybox", "cat", "/seen"]);
    let mut seen: BTreeMap<&str, &str> = seen.lines().filter_map(|l| l.split_once('=')).collect();
    // What the shell and the runtime add.
    for name in ["HOME", "PWD", "SHLVL"] {
        seen.remove(name);
    }
    let all = ["args", "env"].map(|kind| run[kind].as_object().unwrap());
    let mut recorded: BTreeMap<&str, &str> = all
        .iter()
        .flat_map(|values| values.iter())
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    for secret in ["NPM_TOKEN", "E"] {
        assert_eq!(seen.remove(secret), Some("hunter22"));
        assert!(recorded.remove(secret).unwrap().starts_with("sha256:"));
    }
    assert_eq!(recorded, seen);
    assert!(!report.to_string().contains("hunter22"));
}

#[test]
fn a_base_in_the_engine_is_known_by_its_id_and_its_environment() {
    let mut folder = Folder::new("FROM scratch\nCOPY busybox own /bin/\nENV TOOLS=1\n");
    let base = folder.tag();
    let first = report(folder.build(&format!("--file Dockerfile --tag {base}")));
    folder.write(
        "Dockerfile",
        &format!("FROM {base} AS app\nENV MORE=$TOOLS\nRUN {ENV_SEEN}\n"),
    );
    let tag = folder.tag();
    let second = report(folder.build(&format!("--file Dockerfile --tag {tag}")));
    let target = second["data"]["targets"][0]["plan"]["name"]
        .as_str()
        .unwrap();
    assert_eq!(
        step(&second, &format!("{target}/app/1"))["base_digest"],
        first["data"]["targets"][0]["image"]["id"]
    );
    let env = &step(&second, &format!("{target}/app/2"))["run"]["env"];
    assert_eq!((&env["TOOLS"], &env["MORE"]), (&json!("1"), &json!("1")));
}

/// Builds the example with its lists beside the report, which is written to `NAME.json`.
fn build_with_lists(example: &Example, name: &str) -> Value {
    let lists = example.dir().join("lists");
    let args = format!("glossary-test --inputs-dir {}", lists.display());
    let written = chain::build(example, &args).expect_exit(0);
    fs_err::write(example.path(name), &written).unwrap();
    parse_lines(&written).remove(0)
}

fn analyze(example: &Example, now: &str, before: &str) -> Finished {
    let tool = Tool::new("cache-optimizer").args("analyze --only --input");
    let tool = tool.arg(example.path(now)).args("--baseline");
    tool.arg(example.path(before)).run()
}

#[test]
fn lists_of_files_stand_beside_the_report_and_explain_a_miss() {
    let example = Example::new("lists");
    fs_err::write(example.path(".dockerignore"), "lists\n*.json\n").unwrap();
    let first = build_with_lists(&example, "first.json");
    let id = "glossary-test/builder/3";
    let taken = &step(&first, id)["context_files"];
    assert_eq!(taken["files"], json!([]));
    let list_path = Path::new(taken["list_path"].as_str().unwrap()).to_owned();
    let lines = fs_err::read_to_string(&list_path).unwrap();
    assert_eq!(lines.lines().count() as u64, taken["file_count"]);
    let digest = taken["digest"].as_str().unwrap();
    let name = format!("{}.jsonl", digest.trim_start_matches("sha256:"));
    assert!(list_path.ends_with(name));
    let written_at = fs_err::metadata(&list_path).unwrap().modified().unwrap();

    example.append("src/page.awk", "# changed");
    let second = build_with_lists(&example, "second.json");
    let other = &step(&second, "glossary-test/builder/2")["context_files"];
    assert_ne!(
        other["digest"],
        step(&first, "glossary-test/builder/2")["context_files"]["digest"]
    );
    // An unchanged list is not written again.
    let still = fs_err::metadata(&list_path).unwrap().modified().unwrap();
    assert_eq!(still, written_at);

    let cache =
        parse_lines(&analyze(&example, "second.json", "first.json").expect_exit(0)).remove(0);
    assert!(
        cache["data"].to_string().contains("src/page.awk"),
        "{cache}"
    );

    fs_err::remove_file(other["list_path"].as_str().unwrap()).unwrap();
    let finished = analyze(&example, "second.json", "first.json");
    let warning = "warning: files that a step took are not known: ";
    assert!(finished.stderr.contains(warning), "{}", finished.stderr);
    let cache = parse_lines(&finished.expect_exit(0)).remove(0);
    assert!(
        cache["data"].to_string().contains("files-changed"),
        "{cache}"
    );
    assert!(
        !cache["data"].to_string().contains("src/page.awk"),
        "{cache}"
    );
}

#[test]
fn a_prediction_for_the_recorded_setting_is_near_what_was_recorded() {
    let example = Example::new("prediction");
    for parallel in ["1", "2"] {
        fs_err::write(example.path("rootfs/version"), unique()).unwrap();
        let written = chain::build(&example, &format!("--parallel {parallel}")).expect_exit(0);
        let predicted = chain::next(
            "build-orchestrator",
            "plan --from-report - --only",
            &written,
        );
        let data = report(predicted)["data"].clone();
        let recorded_ms = data["recorded_ms"].as_f64().unwrap();
        let error = (data["baseline_ms"].as_f64().unwrap() - recorded_ms).abs() / recorded_ms;
        assert!(error < 0.1, "{error} with {parallel} at once: {data}");
    }
}

#[test]
fn a_file_whose_time_was_set_back_is_read_again() {
    let mut folder = Folder::new("FROM scratch AS app\nCOPY busybox own /bin/\n");
    folder.write("own", "before");
    // Older than what counts as just changed, in both times.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    let tag = folder.tag();
    let digest = || {
        let report = report(folder.build(&format!("--file Dockerfile --tag {tag}")));
        let target = report["data"]["targets"][0]["plan"]["name"]
            .as_str()
            .unwrap();
        let files = &step(&report, &format!("{target}/app/1"))["context_files"];
        files["digest"].as_str().unwrap().to_owned()
    };
    let first = digest();
    assert_eq!(digest(), first);
    let path = folder.dir.path().join("own");
    let modified = fs_err::metadata(&path).unwrap().modified().unwrap();
    folder.write("own", "after!");
    let file = fs_err::File::options().write(true).open(&path).unwrap();
    file.set_modified(modified).unwrap();
    assert_ne!(digest(), first);
}
