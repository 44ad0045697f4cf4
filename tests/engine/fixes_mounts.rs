//! Mounts that are added and mended: the image stays the same, and what a step leaves in a mount is
//! there when it runs again.
//!
//! Stand-ins write down in the mount whether they found what they had left there. All builds of an
//! Engine share a mount, so each project has a folder of its own in it.

use tests::mending::{Mending, ran, steps};

/// What a stand-in does with its cache: looks for what it left in the folder `$1`, and leaves it.
const KEEP: &str = "\
keep() {
  mine=$1/$(cat /etc/project)
  mkdir -p $mine
  if [ -e $mine/left ]; then echo hit >> $mine/log; else echo miss >> $mine/log; fi
  touch $mine/left
}
";

fn keeping(script: &str) -> String {
    format!("{KEEP}{script}")
}

/// Asserts what a stand-in found in the cache mount at `folder`, run by run.
#[track_caller]
fn assert_found(mending: &Mending, folder: &str, log: &str) {
    // Another file than `Dockerfile`, which stays what it is.
    let dockerfile = fs_err::read_to_string(mending.project().path("Dockerfile")).unwrap();
    let probe = format!(
        "FROM NAME-base\nRUN --mount=type=cache,target={folder},sharing=locked \
         test \"$(echo $(cat {folder}/$(cat /etc/project)/log))\" = \"{log}\"\n"
    );
    mending.project().write("Dockerfile", &probe);
    mending.build("probe");
    mending.project().write("Dockerfile", &dockerfile);
}

/// Builds, mends by `rule`, builds again: the image is the same. Then edits a file: the step with
/// `text` runs again.
#[track_caller]
fn mend_and_run_again(mending: &Mending, rule: &str, edit: (&str, &str), text: &str) {
    mending.build("before");
    mending.mend(rule);
    let after = mending.build("after");
    assert!(
        ran(&after, text),
        "a step with other mounts runs: {:?}",
        steps(&after)
    );
    mending.assert_same_image("before", "after");
    mending.project().write(edit.0, edit.1);
    let edited = mending.build("edited");
    assert!(
        ran(&edited, text),
        "it runs after the edit: {:?}",
        steps(&edited)
    );
}

#[test]
fn npm_finds_in_its_mount_what_it_has_downloaded() {
    let dockerfile = "FROM NAME-base\nWORKDIR /app\nCOPY package.json .\n\
                      RUN npm ci \\\n    && npm cache clean --force\n";
    let npm = keeping(
        "if [ $1 = cache ]; then mkdir -p /root/.npm; rm -rf /root/.npm/*; exit 0; fi\nkeep /root/.npm\ncp package.json installed",
    );
    let files = [("Dockerfile", dockerfile), ("package.json", "{}")];
    let mending = Mending::new("mount-npm", &[("npm", &npm)], &files);
    mend_and_run_again(
        &mending,
        "missing-cache-mount",
        ("package.json", "{ }"),
        "npm ci",
    );
    assert_found(&mending, "/root/.npm", "miss hit");
}

#[test]
fn apt_finds_its_lists_and_packages_though_the_step_used_to_remove_them() {
    let dockerfile = "\
FROM NAME-base
RUN mkdir -p /var/lib/apt/lists /var/cache/apt
ARG TOOLS=1
RUN apt-get update \\
    && apt-get install -y make \\
    # as small as can be
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
";
    let apt = keeping(
        "case $1 in\nupdate) keep /var/lib/apt/lists ;;\n\
         install) test -e /var/lib/apt/lists/$(cat /etc/project)/left\nkeep /var/cache/apt\n\
         echo $TOOLS > /usr/bin/make ;;\nesac",
    );
    let files = [("Dockerfile", dockerfile)];
    let mending = Mending::new("mount-apt", &[("apt-get", &apt)], &files);
    mending.build("before");
    let mended = mending.mend("missing-cache-mount");
    assert!(
        mended.ends_with("apt-get install -y make\n    # as small as can be\n"),
        "{mended}"
    );
    mending.build("after");
    mending.assert_same_image("before", "after");
    mending
        .project()
        .write("Dockerfile", &mended.replace("TOOLS=1", "TOOLS=22"));
    assert!(ran(&mending.build("edited"), "apt-get update"));
    assert_found(&mending, "/var/lib/apt/lists", "miss hit");
    assert_found(&mending, "/var/cache/apt", "miss hit");
}

#[test]
fn go_hands_its_modules_from_the_download_to_the_build_through_mounts() {
    let dockerfile = "\
FROM NAME-base AS build
ENV GOPATH=/go
WORKDIR /src
COPY go.mod .
RUN go mod download
COPY . .
RUN go build -o /out
FROM NAME-base
COPY --from=build /out /out
";
    let go = keeping(
        "if [ $1 = mod ]; then keep /go/pkg/mod; exit 0; fi\n\
         test -e /go/pkg/mod/$(cat /etc/project)/left\nkeep /root/.cache/go-build\ncp main.go /out",
    );
    let files = [
        ("Dockerfile", dockerfile),
        ("go.mod", "module a"),
        ("main.go", "a"),
    ];
    let mending = Mending::new("mount-go", &[("go", &go)], &files);
    mend_and_run_again(
        &mending,
        "missing-cache-mount",
        ("main.go", "package"),
        "go build",
    );
    mending.project().write("go.mod", "module other");
    mending.build("other");
    assert_found(&mending, "/go/pkg/mod", "miss hit");
    assert_found(&mending, "/root/.cache/go-build", "miss hit hit");
}

#[test]
fn a_user_with_a_number_can_write_to_the_mount() {
    let dockerfile = "\
FROM NAME-base
RUN mkdir -p /pip && chown 1000 /pip
ENV PIP_CACHE_DIR=/pip
WORKDIR /app
RUN chown 1000 /app
COPY requirements.txt .
USER 1000
RUN pip install --no-cache-dir -r requirements.txt
";
    let pip = keeping(
        "case \"$*\" in *--no-cache-dir*) ;; *) keep /pip ;; esac\ncp requirements.txt installed",
    );
    let files = [("Dockerfile", dockerfile), ("requirements.txt", "a")];
    let mending = Mending::new("mount-user", &[("pip", &pip)], &files);
    mend_and_run_again(
        &mending,
        "missing-cache-mount",
        ("requirements.txt", "a\nb"),
        "pip install",
    );
    let dockerfile = fs_err::read_to_string(mending.project().path("Dockerfile")).unwrap();
    assert!(
        dockerfile.ends_with(
            "RUN --mount=type=cache,target=/pip,uid=1000 pip install -r requirements.txt\n"
        ),
        "{dockerfile}"
    );
}

#[test]
fn a_mount_that_is_no_longer_emptied_keeps_its_contents() {
    let dockerfile = "FROM NAME-base\nWORKDIR /app\nCOPY package.json .\n\
                      RUN --mount=type=cache,target=/root/.npm npm ci && npm cache clean --force && npm run x\n";
    let npm = keeping(
        "case $1 in\ncache) rm -rf /root/.npm/$(cat /etc/project) ;;\n\
         ci) keep /root/.npm\ncp package.json installed ;;\nesac",
    );
    let files = [("Dockerfile", dockerfile), ("package.json", "{}")];
    let mending = Mending::new("mount-emptied", &[("npm", &npm)], &files);
    mend_and_run_again(
        &mending,
        "cache-mount-emptied",
        ("package.json", "{ }"),
        "npm ci",
    );
    assert_found(&mending, "/root/.npm", "miss hit");
}

#[test]
fn a_mount_that_is_moved_to_where_yarn_looks_is_used() {
    let dockerfile = "\
FROM NAME-base AS build
WORKDIR /app
COPY package.json .
RUN --mount=type=cache,target=/root/.cache/yarn \\
    yarn --network-timeout 600000
FROM NAME-base
COPY --from=build /app/installed /
";
    let yarn = keeping("keep /usr/local/share/.cache/yarn\ncp package.json installed");
    let files = [("Dockerfile", dockerfile), ("package.json", "{}")];
    let mending = Mending::new("mount-moved", &[("yarn", &yarn)], &files);
    mend_and_run_again(
        &mending,
        "cache-mount-unused-path",
        ("package.json", "{ }"),
        "yarn",
    );
    assert_found(&mending, "/usr/local/share/.cache/yarn", "miss hit");
}

#[test]
fn what_is_left_in_a_mount_is_not_in_the_next_step() {
    let dockerfile = "FROM NAME-base\nRUN --mount=type=cache,target=/c touch /c/result\n\
                      RUN test ! -e /c/result\nRUN cat /c/result || true\n";
    let mending = Mending::new("mount-lost", &[], &[("Dockerfile", dockerfile)]);
    mending.build("lost");
    let found = mending.optimize("analyze Dockerfile --only");
    assert!(
        found.stdout.contains("cache-mount-output-lost"),
        "{}",
        found.stdout
    );
}

#[test]
fn files_that_one_step_reads_are_mounted_instead_of_copied() {
    let dockerfile = "\
FROM NAME-base AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build
FROM NAME-base
COPY --from=build /src /src
";
    let go = "cat go.mod go.sum > $1";
    let files = [
        ("Dockerfile", dockerfile),
        (".dockerignore", "Dockerfile"),
        ("go.mod", "module a"),
        ("go.sum", "sum"),
    ];
    let mending = Mending::new("mount-bind", &[("go", go)], &files);
    let before = mending.build("before");
    mending.mend("copy-instead-of-bind");
    let after = mending.build("after");
    mending.assert_same_image("before", "after");
    assert_eq!(steps(&after).len() + 1, steps(&before).len());
    assert!(!ran(&mending.build("again"), "go mod download"));
    mending.project().write("go.sum", "sum of more");
    assert!(ran(&mending.build("edited"), "go mod download"));
}
