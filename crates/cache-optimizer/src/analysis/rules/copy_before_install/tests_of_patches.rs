//! Dockerfiles before and after the patch, and why others get none.

use super::super::sample;
use super::check;

const NPM: [(&str, &str); 3] = [
    ("package.json", "{}"),
    ("package-lock.json", "{}"),
    ("src/index.js", ""),
];

#[track_caller]
fn assert_mended(before: &str, files: &[(&str, &str)], after: &str) {
    assert_eq!(sample::withheld(check, before, files), Vec::<String>::new());
    assert_eq!(sample::mended(check, before, files), after);
    // What is mended once stays as it is.
    assert_eq!(sample::mended(check, after, files), after);
}

#[track_caller]
fn assert_withheld(text: &str, files: &[(&str, &str)], why: &str) {
    assert_eq!(sample::withheld(check, text, files), [why]);
}

#[test]
fn manifests_come_first_with_the_flags_and_the_case_of_the_copy() {
    assert_mended(
        "from node\nworkdir /app\n\n  copy --chown=node:node . .\n\nrun npm ci\ncmd [\"node\"]\n",
        &NPM,
        "from node\nworkdir /app\n\n  copy --chown=node:node package-lock.json package.json ./\n\n\
         run npm ci\n  copy --chown=node:node . .\ncmd [\"node\"]\n",
    );
}

#[test]
fn the_destination_may_be_elsewhere_than_where_the_stage_began() {
    assert_mended(
        "FROM node\nCOPY . /juice-shop\nWORKDIR /juice-shop\nRUN npm install\n",
        &NPM,
        "FROM node\nCOPY package-lock.json package.json /juice-shop/\nWORKDIR /juice-shop\n\
         RUN npm install\nCOPY . /juice-shop\n",
    );
}

#[test]
fn a_relative_destination_is_written_whole_when_the_working_directory_changes() {
    let files = [("web/package.json", "{}"), ("web/a.js", "")];
    assert_mended(
        "FROM node\nWORKDIR /app\nCOPY . .\nWORKDIR web\nRUN npm ci\n",
        &files,
        "FROM node\nWORKDIR /app\nCOPY web/package.json ./web/\nWORKDIR web\nRUN npm ci\nCOPY . /app/\n",
    );
    assert_withheld(
        "FROM node\nCOPY . .\nWORKDIR web\nRUN npm ci\n",
        &files,
        "nothing of the build context is known to lie where it runs",
    );
}

#[test]
fn a_folder_of_the_context_may_be_the_working_directory() {
    assert_mended(
        "FROM node\nWORKDIR /app\nCOPY web /app\nRUN npm ci\n",
        &[
            ("web/package.json", "{}"),
            ("web/a.js", ""),
            ("package.json", ""),
        ],
        "FROM node\nWORKDIR /app\nCOPY web/package.json /app/\nRUN npm ci\nCOPY web /app\n",
    );
}

#[test]
fn an_install_in_a_folder_finds_its_manifests_there() {
    let files = [
        ("web/package.json", "{}"),
        ("web/package-lock.json", "{}"),
        ("web/src/a.js", ""),
        ("main.go", ""),
    ];
    for run in [
        "cd web && npm ci",
        "npm --prefix web ci",
        "(cd web && npm ci)",
    ] {
        let before = format!("FROM node\nWORKDIR /app\nCOPY . .\nRUN {run}\n");
        let after = format!(
            "FROM node\nWORKDIR /app\nCOPY web/package-lock.json web/package.json ./web/\nRUN {run}\nCOPY . .\n"
        );
        if run.starts_with('(') {
            assert_withheld(
                &before,
                &files,
                "the working directory of the install is not known",
            );
        } else {
            assert_mended(&before, &files, &after);
        }
    }
}

#[test]
fn files_of_several_folders_are_not_flattened() {
    // After patch-package#366.
    let files = [
        (
            "package.json",
            r#"{"workspaces": ["packages/*"], "scripts": {"postinstall": "patch-package"}}"#,
        ),
        ("yarn.lock", ""),
        ("packages/a/package.json", "{}"),
        ("packages/a/index.js", ""),
        ("packages/b/package.json", "{}"),
        ("patches/left-pad+1.0.0.patch", ""),
    ];
    assert_mended(
        "FROM node\nWORKDIR /app\nCOPY . ./\nRUN yarn --frozen-lockfile\nRUN yarn build\n",
        &files,
        "FROM node\nWORKDIR /app\n\
         COPY package.json yarn.lock ./\n\
         COPY packages/a/package.json ./packages/a/\n\
         COPY packages/b/package.json ./packages/b/\n\
         COPY patches ./patches/\n\
         RUN yarn --frozen-lockfile\nCOPY . ./\nRUN yarn build\n",
    );
}

#[test]
fn a_plain_chain_that_also_builds_is_split() {
    assert_mended(
        "FROM node\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm \\\n    npm ci \\\n    && npm run build \\\n    && npm prune\n",
        &NPM,
        "FROM node\nWORKDIR /app\nCOPY package-lock.json package.json ./\n\
         RUN --mount=type=cache,target=/root/.npm \\\n    npm ci\n\
         COPY . .\n\
         RUN --mount=type=cache,target=/root/.npm \\\n    npm run build \\\n    && npm prune\n",
    );
}

#[test]
fn a_split_begins_in_the_same_folder() {
    let files = [("web/package.json", "{}"), ("web/a.js", "")];
    assert_mended(
        "FROM node\nWORKDIR /app\nCOPY . .\nRUN cd web && npm ci && npm run build\n",
        &files,
        "FROM node\nWORKDIR /app\nCOPY web/package.json ./web/\nRUN cd web && npm ci\nCOPY . .\n\
         RUN cd web && npm run build\n",
    );
}

#[test]
fn what_is_no_plain_chain_is_not_split() {
    for run in [
        "npm ci; npm run build",
        "npm ci || npm run build",
        "set -e && npm ci && npm run build",
        "export CI=1 && npm ci && npm run build",
        "npm ci && \\\n# now build\n    npm run build",
        "<<EOF\nnpm ci\nnpm run build\nEOF",
    ] {
        let text = format!("FROM node\nCOPY . .\nRUN {run}\n");
        let why =
            "line 3 does more than to install, and is no plain chain of commands that can be split";
        assert_withheld(&text, &NPM, why);
    }
}

#[test]
fn an_install_alone_may_have_any_form() {
    for run in [
        "set -e; npm ci; npm cache clean --force",
        "[\"npm\", \"ci\"]",
        "<<EOF\nset -e\nnpm ci\nEOF",
        "npm ci > /dev/null 2>&1",
    ] {
        let before = format!("FROM node\nCOPY . .\nRUN {run}\n");
        let after =
            format!("FROM node\nCOPY package-lock.json package.json ./\nRUN {run}\nCOPY . .\n");
        assert_mended(&before, &NPM, &after);
    }
}

#[test]
fn an_install_of_the_project_itself_runs_again_after_the_sources() {
    let own = "[project]\nname = 'a'\n[build-system]\nrequires = []\n";
    assert_mended(
        "FROM python\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/root/.cache/uv \\\n  uv sync --locked\n",
        &[("pyproject.toml", own), ("uv.lock", ""), ("src/a.py", "")],
        "FROM python\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\n\
         RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-install-project\n\
         COPY . .\nRUN --mount=type=cache,target=/root/.cache/uv \\\n  uv sync --locked\n",
    );
    let own = "[tool.poetry]\nname = 'a'\n";
    assert_mended(
        "FROM python\nADD . /app\nWORKDIR /app\nRUN poetry config virtualenvs.create false \\\n && /opt/poetry install\n",
        &[("pyproject.toml", own), ("poetry.lock", ""), ("a.py", "")],
        "FROM python\nCOPY poetry.lock pyproject.toml /app/\nWORKDIR /app\n\
         RUN poetry config virtualenvs.create false && /opt/poetry install --no-root\n\
         ADD . /app\nRUN poetry config virtualenvs.create false \\\n && /opt/poetry install\n",
    );
}

#[test]
fn requirements_that_include_others_all_come_first() {
    assert_mended(
        "FROM python\nWORKDIR /app\nCOPY . .\nRUN pip install --no-cache-dir -r requirements/prod.txt\n",
        &[
            ("requirements/prod.txt", "-r base.txt\n"),
            ("requirements/base.txt", "flask\n"),
            ("app.py", ""),
        ],
        "FROM python\nWORKDIR /app\nCOPY requirements/base.txt requirements/prod.txt ./requirements/\n\
         RUN pip install --no-cache-dir -r requirements/prod.txt\nCOPY . .\n",
    );
}

#[test]
fn several_copies_wait_together_and_manifests_stay() {
    assert_mended(
        "FROM node\nWORKDIR /app\nCOPY package.json .\nCOPY lib lib\n# sources\nCOPY src/ src/\nCOPY tool.js tool.js\nRUN npm ci\n",
        &[
            ("package.json", "{}"),
            ("lib/a.js", ""),
            ("src/a.js", ""),
            ("tool.js", ""),
        ],
        "FROM node\nWORKDIR /app\nCOPY package.json .\n# sources\nRUN npm ci\nCOPY lib lib\nCOPY src/ src/\nCOPY tool.js tool.js\n",
    );
}

#[test]
fn what_comes_between_stays_when_it_needs_no_sources() {
    let between = "ENV A=b\nUSER node\nEXPOSE 80\nRUN apk add git && npm i -g npm@10\nCOPY --from=tools /bin/x /usr/bin/\n";
    assert_mended(
        &format!("FROM node\nCOPY . /app\nWORKDIR /app\n{between}RUN npm ci\n"),
        &NPM,
        &format!(
            "FROM node\nCOPY package-lock.json package.json /app/\nWORKDIR /app\n{between}RUN npm ci\nCOPY . /app\n"
        ),
    );
    for (between, why) in [
        (
            "RUN make",
            "line 4, which runs before the install, may need the sources",
        ),
        (
            "RUN cat <src/a",
            "line 4, which runs before the install, may need the sources",
        ),
        (
            "VOLUME /app",
            "line 4 makes a volume between the sources and the install",
        ),
        (
            "COPY --from=x /m ./m",
            "line 4 copies into the same folder as line 3",
        ),
        (
            "COPY --chown=1 src/index.js ./index.js",
            "line 4 copies into the same folder as line 3",
        ),
        (
            "ADD https://example.com/a ./",
            "line 4 copies into the same folder as line 3",
        ),
    ] {
        let text = format!("FROM node\nWORKDIR /app\nCOPY . .\n{between}\nRUN npm ci\n");
        assert_withheld(&text, &NPM, why);
    }
}

#[test]
fn variables_must_mean_the_same_after_the_install() {
    let text = "FROM node\nENV D=/app\nWORKDIR $D\nCOPY . $D/\nRUN npm ci\n";
    assert_mended(
        text,
        &NPM,
        "FROM node\nENV D=/app\nWORKDIR $D\nCOPY package-lock.json package.json $D/\nRUN npm ci\nCOPY . $D/\n",
    );
    let changed = "FROM node\nWORKDIR /app\nENV U=a\nCOPY --chown=$U . .\nENV U=b\nRUN npm ci\n";
    let why = "`$U` in line 4 may mean something else after it";
    assert_withheld(changed, &NPM, why);
}

#[test]
fn what_the_copy_would_overwrite_is_to_be_ignored_first() {
    let files = [
        ("package.json", "{}"),
        ("src/a.js", ""),
        ("node_modules/a/index.js", ""),
    ];
    let why = "`node_modules` of the build context would overwrite what is installed: name it in `.dockerignore` first";
    assert_withheld("FROM node\nCOPY . .\nRUN npm ci\n", &files, why);
    let files = [("r.txt", ""), ("lib/a.py", "")];
    let why = "`lib` of the build context would overwrite what is installed: name it in `.dockerignore` first";
    let text = "FROM python\nCOPY . .\nRUN pip install -r r.txt --target ./lib\n";
    assert_withheld(text, &files, why);
}

#[test]
fn what_another_install_waits_for_is_said() {
    let files = [("package.json", "{}"), ("r.txt", "flask"), ("a.js", "")];
    let text = "FROM node\nCOPY . .\nRUN npm ci\nRUN pip install -r r.txt\n";
    let why = "the patch for an install above it changes the same line: run again after it";
    assert_withheld(text, &files, why);
    let once = sample::mended(check, text, &files);
    let twice = sample::mended(check, &once, &files);
    assert_eq!(
        twice,
        "FROM node\nCOPY package.json ./\nRUN npm ci\nCOPY r.txt ./\nRUN pip install -r r.txt\nCOPY . .\n"
    );
}

#[test]
fn installs_of_one_step_are_mended_together() {
    assert_mended(
        "FROM node\nCOPY . .\nRUN npm ci && pip install -r r.txt\n",
        &[("package.json", "{}"), ("r.txt", "flask"), ("a.js", "")],
        "FROM node\nCOPY package.json r.txt ./\nRUN npm ci && pip install -r r.txt\nCOPY . .\n",
    );
}

#[test]
fn an_install_that_reads_all_that_is_copied_is_no_fault() {
    let manifest = r#"{"dependencies": {"a": "file:libs/a"}}"#;
    let files = [
        ("package.json", manifest),
        ("libs/a/package.json", "{}"),
        ("libs/a/a.js", ""),
    ];
    let text = "FROM node\nCOPY package.json ./\nCOPY libs/ libs/\nRUN npm ci\n";
    assert!(sample::withheld(check, text, &files).is_empty());
    assert_eq!(sample::mended(check, text, &files), text);
}

#[test]
fn other_forms_and_systems_get_no_patch() {
    for (text, why) in [
        (
            "# escape=`\nFROM node\nCOPY . .\nRUN npm ci\n",
            "paths of Windows are not understood",
        ),
        (
            "FROM node\nSHELL [\"powershell\", \"-Command\"]\nCOPY . .\nRUN npm ci\n",
            "its shell is not a POSIX one",
        ),
        (
            "FROM node\nCOPY . .\nRUN --mount=type=bind,target=/x npm ci\n",
            "the install reads files from a mount",
        ),
        (
            "FROM node AS a\nCOPY . .\nFROM a\nRUN npm ci\n",
            "the sources are copied in a stage that this one starts from",
        ),
        (
            "FROM node\nCOPY . .\nRUN make && npm ci\n",
            "`make`, which runs before the install, may read the sources",
        ),
        (
            "FROM node\nCOPY --exclude=*.md . .\nRUN npm ci\n",
            "nothing of the build context is known to lie where it runs",
        ),
        (
            "FROM node\nCOPY . /src\nWORKDIR /app\nRUN npm ci\n",
            "nothing of the build context is known to lie where it runs",
        ),
    ] {
        assert_withheld(text, &NPM, why);
    }
}

#[test]
fn onbuild_instructions_are_another_builds() {
    let text = "FROM node\nONBUILD COPY . .\nONBUILD RUN npm ci\n";
    assert_eq!(sample::mended(check, text, &NPM), text);
}
