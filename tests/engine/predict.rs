//! Predictions against real builds: after each of thirty changes, what ran is what was predicted.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;
use tests::chain;
use tests::docker::Example;
use tests::generated::{Action, Change, generated};
use tests::mending::Mending;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

/// The builds of a project so far, as a folder of reports.
struct Builds<'a> {
    name: &'a str,
    project_dir: &'a Path,
    history: tempfile::TempDir,
    count: usize,
}

impl<'a> Builds<'a> {
    fn new(name: &'a str, project_dir: &'a Path) -> Self {
        Self {
            name,
            project_dir,
            history: tempfile::tempdir().unwrap(),
            count: 0,
        }
    }

    fn add(&mut self, report: &Value) {
        self.count += 1;
        fs_err::write(self.last(), report.to_string()).unwrap();
    }

    fn last(&self) -> std::path::PathBuf {
        self.history.path().join(format!("{:03}.json", self.count))
    }

    fn last_report(&self) -> Value {
        serde_json::from_str(&fs_err::read_to_string(self.last()).unwrap()).unwrap()
    }

    fn predict(&self, paths: &[String]) -> Value {
        let mut tool = Tool::new("cache-optimizer")
            .args("predict --only --commits 0 --history")
            .arg(self.history.path())
            .arg("--input")
            .arg(self.last())
            .current_dir(self.project_dir);
        for path in paths {
            tool = tool.arg("--if-changed").arg(path);
        }
        let report = parse_lines(&tool.run().expect_exit(0)).remove(0);
        assert_valid(&report);
        report["data"].clone()
    }

    /// Predicts a change, makes it, builds, and compares.
    fn check(&mut self, change: &Change, build: impl Fn() -> Value) {
        let paths = change.action.paths();
        // What only gets a new time is no change, and nothing may run.
        let predicted = (!paths.is_empty()).then(|| self.predict(&paths));
        apply(self.project_dir, &change.action);
        let built = build();
        let last = self.last_report();
        let likely = predicted
            .as_ref()
            .map(|predicted| likelihoods(predicted, &last));
        let likely = likely.unwrap_or_default();
        for (step, ran) in steps(&built) {
            let likelihood = likely.get(&step).map(String::as_str);
            let is_right = match likelihood {
                Some("certain") => ran,
                Some(_) => true,
                None => !ran,
            };
            assert!(
                is_right,
                "{}, {}: `{step}` was predicted {likelihood:?}, and ran: {ran}",
                self.name, change.name
            );
        }
        self.measure(change, predicted.as_ref(), &built);
        self.add(&built);
    }

    /// Writes down what was predicted and what it took, for benches/predict.py.
    fn measure(&self, change: &Change, predicted: Option<&Value>, built: &Value) {
        let Some(path) = std::env::var_os("PREDICT_MEASURED") else {
            return;
        };
        let rebuild = predicted.map(|predicted| &predicted["rebuild"]);
        let line = json!({
            "project": self.name,
            "change": change.name,
            "predicted_ms": rebuild.map(|rebuild| &rebuild["predicted_ms"]),
            "certain_ms": rebuild.map(|rebuild| &rebuild["certain_ms"]),
            "ran_count": steps(built).values().filter(|ran| **ran).count(),
            "measured_ms": built["data"]["totals"]["duration_ms"],
        });
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path);
        writeln!(file.unwrap(), "{line}").unwrap();
    }
}

/// Each instruction of a build by what it is, and whether it ran. What it is are its target, its text,
/// and the same of all that it uses: a step that a builder merged with an equal one of another stage
/// has the name of now the one and now the other.
fn steps(built: &Value) -> BTreeMap<String, bool> {
    let named = identities(built);
    let ran = |step: &Value| step["cached"] == json!(false);
    instructions(built)
        .map(|step| (named[step["id"].as_str().unwrap()].clone(), ran(step)))
        .collect()
}

/// What each instruction is, by its id.
fn identities(built: &Value) -> BTreeMap<String, String> {
    let by_id: BTreeMap<&str, &Value> = instructions(built)
        .map(|step| (step["id"].as_str().unwrap(), step))
        .collect();
    let ids = by_id.keys();
    ids.map(|id| {
        let target = id.split('/').next().unwrap();
        (
            (*id).to_owned(),
            format!("{target}: {}", identity(id, &by_id)),
        )
    })
    .collect()
}

fn identity(id: &str, by_id: &BTreeMap<&str, &Value>) -> String {
    let Some(step) = by_id.get(id) else {
        return String::new();
    };
    let used = step["depends_on"].as_array().unwrap().iter();
    let used: BTreeSet<_> = used
        .map(|used| identity(used.as_str().unwrap(), by_id))
        .collect();
    format!("{} after {used:?}", step["name"].as_str().unwrap())
}

fn instructions(built: &Value) -> impl Iterator<Item = &Value> {
    let targets = built["data"]["targets"].as_array().unwrap();
    let steps = targets
        .iter()
        .flat_map(|target| target["steps"].as_array().unwrap());
    steps.filter(|step| step["kind"] == "instruction")
}

/// The likelihood of each step that was predicted, by what it is in the build predicted from.
fn likelihoods(predicted: &Value, last: &Value) -> BTreeMap<String, String> {
    let named = identities(last);
    let targets = predicted["rebuild"]["targets"].as_array().unwrap();
    let steps = targets
        .iter()
        .flat_map(|target| target["steps"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    steps
        .map(|step| {
            (
                named[&text(&step["step"])].clone(),
                text(&step["likelihood"]),
            )
        })
        .collect()
}

fn apply(dir: &Path, action: &Action) {
    let at = |path: &String| dir.join(path);
    match action {
        Action::Append(paths) => {
            for path in paths {
                let text = fs_err::read_to_string(at(path)).unwrap();
                fs_err::write(at(path), format!("{text}# changed\n")).unwrap();
            }
        }
        Action::Add(path) => {
            fs_err::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs_err::write(at(path), "added\n").unwrap();
        }
        Action::Remove(path) => fs_err::remove_file(at(path)).unwrap(),
        Action::Mode(path) => {
            let mode = fs_err::metadata(at(path)).unwrap().permissions().mode();
            let mode = std::fs::Permissions::from_mode(mode | 0o020);
            fs_err::set_permissions(at(path), mode).unwrap();
        }
        Action::Touch(path) => {
            let file = std::fs::File::options()
                .append(true)
                .open(at(path))
                .unwrap();
            file.set_modified(SystemTime::now()).unwrap();
        }
        Action::Rename(from, to) => fs_err::rename(at(from), at(to)).unwrap(),
    }
}

fn check_generated(name: &str, seed: u64) {
    let project = generated(seed);
    let files = project.files.iter();
    let mut files: Vec<(&str, &str)> = files.map(|(path, text)| (&**path, &**text)).collect();
    files.push(("Dockerfile", &project.dockerfile));
    let mending = Mending::new(name, &[], &files);
    let dir = mending.project().dir().to_owned();
    let mut builds = Builds::new(name, &dir);
    // Once from nothing, and once to know what a build takes in which nothing runs.
    builds.add(&mending.build("0"));
    builds.add(&mending.build("0"));
    for change in &project.changes {
        builds.check(change, || mending.build("0"));
    }
}

#[test]
fn what_runs_in_the_first_generated_project_is_what_was_predicted() {
    check_generated("predict-first", 282);
}

#[test]
fn what_runs_in_the_second_generated_project_is_what_was_predicted() {
    check_generated("predict-second", 79);
}

#[test]
fn what_runs_in_the_third_generated_project_is_what_was_predicted() {
    check_generated("predict-third", 26);
}

#[test]
fn what_runs_in_the_example_is_what_was_predicted() {
    let example = Example::new("predict");
    let build = || parse_lines(&chain::build(&example, "").expect_exit(0)).remove(0);
    let dir = example.dir();
    let mut builds = Builds::new("example", &dir);
    builds.add(&build());
    builds.add(&build());
    let append = |path: &str| Action::Append(vec![path.to_owned()]);
    let changes = [
        ("edit a term", append("terms/tag.txt")),
        ("add a term", Action::Add("terms/new.txt".to_owned())),
        (
            "remove a term",
            Action::Remove("terms/layer.txt".to_owned()),
        ),
        ("edit a test", append("tests/run.sh")),
        ("edit a script of one target", append("scripts/develop.sh")),
        ("change a mode", Action::Mode("src/page.awk".to_owned())),
        ("touch a source", Action::Touch("src/index.awk".to_owned())),
        ("add an ignored file", Action::Add("notes.md".to_owned())),
        ("edit the installation", append("scripts/install.sh")),
    ];
    for (name, action) in changes {
        let name = name.to_owned();
        builds.check(&Change { name, action }, build);
    }
}

#[test]
fn a_copy_from_a_stage_is_improbable_once_it_came_from_the_cache() {
    let dockerfile = "FROM NAME-base AS plan\nCOPY src /src\nRUN echo plan > /plan\n\
        FROM NAME-base\nCOPY --from=plan /plan /plan\nRUN cat /plan > /made\n";
    let files = [("Dockerfile", dockerfile), ("src/a", "a\n")];
    let mending = Mending::new("predict-plan", &[], &files);
    let dir = mending.project().dir().to_owned();
    let mut builds = Builds::new("plan", &dir);
    builds.add(&mending.build("0"));
    let likely = |builds: &Builds<'_>| -> BTreeSet<String> {
        let predicted = builds.predict(&["src/a".to_owned()]);
        likelihoods(&predicted, &builds.last_report())
            .into_values()
            .collect()
    };
    let certain_and = |other: &str| BTreeSet::from(["certain".to_owned(), other.to_owned()]);
    assert_eq!(likely(&builds), certain_and("probable"));
    fs_err::write(dir.join("src/a"), "another\n").unwrap();
    builds.add(&mending.build("0"));
    assert_eq!(likely(&builds), certain_and("improbable"));
}
