//! Dockerfiles whose instructions stand in a wrong order, mended and built before and after.

use serde_json::Value;
use tests::mending::{Mending, ran};
use tests::report::parse_lines;
use tests::tool::Tool;

/// Package managers that write what they are asked for, and lists that an install needs.
const APT_GET: (&str, &str) = (
    "apt-get",
    "mkdir -p /var/lib/apt/lists
case \"$1\" in
  update) echo lists > /var/lib/apt/lists/all ;;
  install) test -e /var/lib/apt/lists/all; shift; echo \"$@\" >> /etc/packages ;;
  clean) ;;
esac",
);
const APK: (&str, &str) = (
    "apk",
    "test \"$1\" = add; shift; echo \"$@\" >> /etc/packages",
);

fn mending(name: &str, dockerfile: &str, files: &[(&str, &str)]) -> Mending {
    let mut all = vec![("Dockerfile", dockerfile)];
    all.extend_from_slice(files);
    let go = (
        "go",
        "while [ \"$1\" != -o ]; do shift; done; echo built > \"$2\"",
    );
    let npm = (
        "npm",
        "mkdir -p /root/.npm; echo \"$1\" > /root/.npm/log; echo \"$1\" > /etc/npm",
    );
    Mending::new(name, &[APT_GET, APK, go, npm], &all)
}

/// Mends by a rule, and asserts that the image stays the same.
#[track_caller]
fn assert_same_after(mending: &Mending, rule: &str) -> Value {
    mending.build("before");
    mending.mend(rule);
    let after = mending.build("after");
    mending.assert_same_image("before", "after");
    after
}

#[test]
fn system_packages_above_what_was_copied_before_them_stay_cached() {
    let dockerfile = "FROM NAME-base\nWORKDIR /app\n# The recipe.\nCOPY recipe.json ./\n\
                      RUN apt-get update ; apt-get install -y clang\nRUN cat recipe.json > /app/cooked\n";
    let mending = mending("order-system", dockerfile, &[("recipe.json", "{}")]);
    mending.assert_mended(
        "system-packages-after-copy",
        ("recipe.json", "{\"changed\": true}"),
        "apt-get install",
    );
}

/// Builds with a value of the build argument `VCS_REF`.
fn build_commit(mending: &Mending, tag: &str, commit: &str) -> Value {
    let compose = format!(
        "services:\n  app:\n    build:\n      context: {}\n      args:\n        VCS_REF: {commit}\n    image: {}\n",
        mending.project().dir().display(),
        mending.image(tag)
    );
    let file = tempfile::NamedTempFile::with_suffix(".yml").unwrap();
    fs_err::write(file.path(), compose).unwrap();
    let built = Tool::new("build-orchestrator").args("build --only --file");
    parse_lines(&built.arg(file.path()).run().expect_exit(0)).remove(0)
}

#[test]
fn a_commit_below_the_packages_leaves_them_cached() {
    let dockerfile = "FROM NAME-base\nARG VCS_REF\nENV REF=$VCS_REF\nLABEL org.example.ref=\"$REF\"\n\
                      RUN apk add git\nCOPY a.txt /a\nRUN echo \"$REF\" > /ref\n";
    let mending = mending("order-arg", dockerfile, &[("a.txt", "a")]);
    build_commit(&mending, "before", "0001");
    let before = build_commit(&mending, "other", "0002");
    assert!(ran(&before, "apk add git"));
    let mended = mending.mend("volatile-arg-early");
    assert!(
        mended.contains("RUN apk add git\nCOPY a.txt /a\nARG VCS_REF\n"),
        "{mended}"
    );
    build_commit(&mending, "after", "0001");
    mending.assert_same_image("before", "after");
    let after = build_commit(&mending, "another", "0003");
    assert!(!ran(&after, "apk add git"));
    assert!(ran(&after, "> /ref"));
}

#[test]
fn an_update_that_is_joined_runs_with_its_install() {
    let dockerfile = "FROM NAME-base\nRUN apt-get update\n# What is needed.\n\
                      RUN apt-get install -y \\\n  git\nRUN apt-get install -y make\n";
    let mending = mending("order-update", dockerfile, &[]);
    let after = assert_same_after(&mending, "apt-update-alone");
    assert!(ran(&after, "apt-get update && apt-get install"));
}

#[test]
fn packages_that_are_joined_are_one_step() {
    let dockerfile = "FROM NAME-base\nRUN apk add bash\n\n# For users.\nRUN apk add \\\n  # keys\n  gnupg\n\
                      RUN apk add gettext\n";
    let mending = mending("order-split", dockerfile, &[]);
    let after = assert_same_after(&mending, "split-system-packages");
    assert_eq!(tests::mending::steps(&after).len(), 1);
}

#[test]
fn a_cleanup_in_the_step_that_made_it_leaves_the_same_files() {
    let dockerfile = "FROM NAME-base\nRUN apt-get update && \\\n    apt-get install -y git\n\
                      RUN rm -rf /var/lib/apt/lists/*\n";
    let mending = mending("order-cleanup", dockerfile, &[]);
    let after = assert_same_after(&mending, "cleanup-in-later-layer");
    assert!(ran(&after, "rm -rf /var/lib/apt/lists/*"));
}

#[test]
fn commands_that_are_joined_do_the_same_and_fail_together() {
    let dockerfile = "FROM NAME-base\nRUN apt-get update ; apt-get install -y clang; echo done\n";
    let mending = mending("order-fail", dockerfile, &[]);
    assert_same_after(&mending, "install-ignores-failure");
}

#[test]
fn a_build_without_the_flag_and_one_install_give_the_same() {
    let dockerfile = "FROM NAME-base\nRUN go build -a -o /app\nRUN npm ci\nRUN npm ci\n";
    let mending = mending("order-again", dockerfile, &[]);
    let after = assert_same_after(&mending, "redundant-rebuild-flag");
    assert!(ran(&after, "go build -o /app"));
}

#[test]
fn a_constraint_in_quotes_reaches_the_package_manager() {
    let dockerfile = "FROM NAME-base\nWORKDIR /app\nRUN apk add sqlite>3.38\n";
    let mending = mending("order-quote", dockerfile, &[]);
    mending.build("before");
    let mended = mending.mend("unquoted-version-constraint");
    let proof = "RUN grep 'sqlite>3.38' /etc/packages && test ! -e 3.38\n";
    mending
        .project()
        .write("Dockerfile", &format!("{mended}{proof}"));
    assert!(ran(&mending.build("after"), "grep"));
}

#[test]
fn a_platform_that_is_declared_has_a_value() {
    let dockerfile = "FROM NAME-base\nRUN echo \"-$TARGETARCH-\" > /arch\n";
    let mending = mending("order-platform", dockerfile, &[]);
    mending.build("before");
    let mended = mending.mend("undeclared-platform-arg");
    let proof = "RUN grep -q -- '-[a-z0-9]*[0-9]-' /arch\n";
    mending
        .project()
        .write("Dockerfile", &format!("{mended}{proof}"));
    assert!(ran(&mending.build("after"), "grep -q"));
}
