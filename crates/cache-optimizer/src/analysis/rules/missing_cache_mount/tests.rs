//! Tests of what is found and of the exact patches, among them of reduced real Dockerfiles.

use super::super::sample::{found, lines, mended, withheld};
use super::*;

/// The lines from the first `RUN` of a Dockerfile with this end, after its patches.
fn mended_run(head: &str, run: &str) -> String {
    let text = format!("{head}{run}\n");
    let after = mended(check, &text, &[]);
    after[head.len()..].trim_end().to_owned()
}

/// Why a Dockerfile has no patch.
fn reason(text: &str) -> String {
    let mut reasons = withheld(check, text, &[]);
    assert_eq!(mended(check, text, &[]), text, "nothing is patched");
    reasons.pop().expect("something is found")
}

#[test]
fn each_tool_has_a_mount_where_it_keeps_its_cache() {
    for (image, run, targets) in [
        ("node", "npm ci", "/root/.npm"),
        (
            "node",
            "yarn --frozen-lockfile",
            "/usr/local/share/.cache/yarn",
        ),
        ("node", "pnpm install", "/root/.local/share/pnpm/store"),
        ("oven/bun", "bun install", "/root/.bun/install/cache"),
        (
            "python",
            "python3 -m pip install -r a.txt",
            "/root/.cache/pip",
        ),
        ("python", "pip3.12 install flask", "/root/.cache/pip"),
        ("python", "uv sync --locked", "/root/.cache/uv"),
        (
            "python",
            "poetry install",
            "/root/.cache/pypoetry/artifacts /root/.cache/pypoetry/cache",
        ),
        ("python", "pipenv sync", "/root/.cache/pipenv"),
        (
            "rust:1",
            "cargo build --release",
            "/usr/local/cargo/registry /usr/local/cargo/git/db",
        ),
        (
            "golang:1.22",
            "go build ./...",
            "/go/pkg/mod /root/.cache/go-build",
        ),
        ("golang", "go build -mod=vendor", "/root/.cache/go-build"),
        ("maven", "mvn -B package", "/root/.m2/repository"),
        (
            "mcr.microsoft.com/dotnet/sdk:8.0",
            "dotnet publish -o /app",
            "/root/.nuget/packages",
        ),
        ("composer:2", "composer install", "/tmp/cache"),
    ] {
        let head = format!("FROM {image}\nWORKDIR /app\n");
        let flags: Vec<String> = targets
            .split(' ')
            .map(|target| format!("--mount=type=cache,target={target}"))
            .collect();
        let expected = match flags.as_slice() {
            [flag] => format!("RUN {flag} {run}"),
            flags => format!("RUN {} \\\n    {run}", flags.join(" \\\n    ")),
        };
        assert_eq!(mended_run(&head, &format!("RUN {run}")), expected, "{run}");
    }
}

#[test]
fn what_is_found_names_the_command_the_folder_and_ci() {
    let found = found(check, "FROM node\nRUN npm ci --omit=dev\n");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].line, 2);
    assert_eq!(found[0].confidence, Confidence::Likely);
    assert_eq!(
        found[0].message,
        "`npm ci --omit=dev` starts from nothing each time the step runs, since no cache mount keeps \
         its downloads"
    );
    assert_eq!(
        found[0].advice,
        "mount a cache at `/root/.npm`; CI whose builders start empty has to save the mounts too, as \
         `buildkit-cache-dance` does"
    );
}

#[test]
fn apt_keeps_lists_and_packages_and_no_longer_cleans_up() {
    let run = "RUN apt-get update \\\n    && apt-get install -y make \\\n    && apt-get clean \\\n    \
               && rm -rf /var/lib/apt/lists/* /tmp/*";
    let expected = "\
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\
    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update \\
    && apt-get install -y make \\
    && rm -rf /tmp/*";
    assert_eq!(mended_run("FROM debian\n", run), expected);
}

#[test]
fn docker_clean_that_is_gone_already_is_left_alone() {
    let head = "FROM debian\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\n";
    let expected = "\
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\
    apt-get update && apt-get install -y make";
    let run = "RUN apt-get update && apt-get install -y make";
    assert_eq!(mended_run(head, run), expected);
}

#[test]
fn flags_and_commands_that_turn_the_cache_off_go() {
    for (run, expected) in [
        (
            "pip install --no-cache-dir -r a.txt",
            "pip install -r a.txt",
        ),
        ("npm ci && npm cache clean --force", "npm ci"),
        (
            "yarn install && yarn cache clean && rm -rf /tmp/x",
            "yarn install && rm -rf /tmp/x",
        ),
        ("npm ci && rm -rf ~/.npm", "npm ci"),
        (
            "npm ci && rm -rf $HOME/.npm/_cacache dist",
            "npm ci && rm -rf dist",
        ),
    ] {
        let after = mended_run("FROM x\nWORKDIR /app\n", &format!("RUN {run}"));
        let command = after.split_once(' ').unwrap().1.split_once(' ').unwrap().1;
        assert_eq!(command, expected, "{run}");
    }
    assert_eq!(
        mended_run("FROM alpine\n", "RUN apk add --no-cache git"),
        "RUN --mount=type=cache,target=/etc/apk/cache,sharing=locked apk add --update-cache git"
    );
}

#[test]
fn variables_and_users_decide_where_and_whose_the_mount_is() {
    assert_eq!(
        mended_run("FROM node\nENV PNPM_HOME=/pnpm\n", "RUN pnpm install"),
        "RUN --mount=type=cache,target=/pnpm/store pnpm install"
    );
    assert_eq!(
        mended_run("FROM node:20\nUSER node\n", "RUN npm ci"),
        "RUN --mount=type=cache,target=/home/node/.npm,uid=1000 npm ci"
    );
    assert_eq!(
        mended_run(
            "FROM a\nENV PIP_CACHE_DIR=/pip\nUSER 1001:0\n",
            "RUN pip install x"
        ),
        "RUN --mount=type=cache,target=/pip,uid=1001 pip install x"
    );
    assert_eq!(
        mended_run("FROM a\nARG TARGETARCH\n", "RUN npm ci"),
        "RUN --mount=type=cache,id=root-.npm-$TARGETARCH,target=/root/.npm npm ci"
    );
}

#[test]
fn the_way_it_is_written_stays() {
    assert_eq!(
        mended_run(
            "# escape=`\nFROM golang\n",
            "  run go build `\n # why\n  ./..."
        ),
        "  run --mount=type=cache,target=/go/pkg/mod `\n      --mount=type=cache,target=/root/.cache/go-build `\n      go build `\n # why\n  ./..."
    );
    assert_eq!(
        mended_run("FROM node\n", "RUN <<EOF\nset -e\nnpm ci\nEOF"),
        "RUN --mount=type=cache,target=/root/.npm <<EOF\nset -e\nnpm ci\nEOF"
    );
    assert_eq!(
        mended_run("FROM node\n", "RUN [\"npm\", \"ci\"]"),
        "RUN --mount=type=cache,target=/root/.npm [\"npm\", \"ci\"]"
    );
}

#[test]
fn a_mounted_cache_is_as_it_should_be() {
    for text in [
        "FROM node\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
        "FROM node\nRUN --mount=type=cache,target=/root npm ci\n",
        "FROM debian\nRUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y x\n",
        "FROM node\nONBUILD RUN npm ci\n",
        "FROM node\nRUN npm run install\n",
        "FROM node\nRUN npm --version\n",
        "FROM fedora\nRUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y x\n",
    ] {
        assert_eq!(lines(check, text), [] as [u32; 0], "{text}");
    }
}

#[test]
fn no_patch_where_the_folder_or_its_owner_is_not_known() {
    for (text, why) in [
        (
            "FROM debian\nRUN cargo build\n",
            "the base image decides where `CARGO_HOME` is",
        ),
        (
            "FROM debian\nRUN go build\n",
            "the base image decides where `GOPATH` is",
        ),
        (
            "FROM a\nUSER app\nRUN npm ci\n",
            "the home folder of the user `app` is not known",
        ),
        (
            "FROM a\nENV HOME=/h\nUSER app\nRUN npm ci\n",
            "the number of the user `app`, who must own the mount, is not known",
        ),
        (
            "FROM a\nENV HOME=/h\nUSER 1\nRUN pip install x\n",
            "`/h/.cache` would belong to root when the mount makes it",
        ),
        (
            "FROM a\nARG GOCACHE\nRUN go build\n",
            "the value of `GOCACHE` is not known",
        ),
        (
            "FROM golang\nRUN GOCACHE=/c go build\n",
            "the script sets `GOCACHE`",
        ),
        (
            "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x\n",
            "`PIP_NO_CACHE_DIR` turns the cache off",
        ),
        (
            "FROM a\nRUN npm ci --cache /c\n",
            "`--cache` says where the cache is",
        ),
        (
            "# syntax=docker/dockerfile:1.1\nFROM a\nRUN npm ci\n",
            "the frontend `docker/dockerfile:1.1` knows no mounts",
        ),
    ] {
        assert_eq!(reason(text), why, "{text}");
    }
}

#[test]
fn no_patch_where_something_later_needs_the_cache() {
    for (text, why) in [
        (
            "FROM rust\nRUN cargo fetch\nRUN cargo build --offline\n",
            "line 3 fails without downloads of steps before it, and a mount may be empty",
        ),
        (
            "FROM golang\nRUN go mod download\nRUN make\n",
            "`make` in line 3 may need what is downloaded here",
        ),
        (
            "FROM maven AS b\nRUN mvn package\nFROM x\nCOPY --from=b /root/.m2 /m2\n",
            "line 4 takes the cache from the stage",
        ),
        (
            "FROM maven AS b\nRUN mvn package\nFROM b AS c\nFROM x\nCOPY --from=c / /\n",
            "line 5 takes the cache from the stage",
        ),
        (
            "FROM maven\nCOPY m2 /root/.m2/repository\nRUN mvn package\n",
            "line 2 names the cache's folder",
        ),
        (
            "FROM a\nRUN npm ci && cp -r /root/.npm /npm\n",
            "`cp` in line 2 works on the cache's own files",
        ),
        (
            "FROM debian\nRUN apt-get update && apt-get install -y a\nRUN apt-get install -y b\n",
            "line 3 installs from package lists that an earlier step fetches",
        ),
        (
            "FROM maven\nRUN mvn install\n",
            "`install` puts the project's own results there",
        ),
        (
            "FROM golang\nRUN go mod download\nENV GOCACHE=$X\nRUN go build\n",
            "the value of `GOCACHE` is not known",
        ),
    ] {
        assert_eq!(reason(text), why, "{text}");
    }
}

#[test]
fn a_download_goes_without_a_mount_when_the_build_has_none() {
    let text = "FROM golang\nRUN go mod download\nENV GOCACHE=$X\nRUN go build\n";
    let reasons = withheld(check, text, &[]);
    assert_eq!(
        reasons[0],
        "line 4 needs the same downloads of go, and has no patch"
    );
}

#[test]
fn no_patch_where_the_clean_up_cannot_be_taken_out() {
    for run in [
        "npm ci; npm cache clean --force",
        "npm ci && npm cache clean --force || true",
        "npm ci && rm -rf /root/.*",
        "npm ci && rm -rf /root",
        "npm ci && rm -rf $CACHE",
    ] {
        let text = format!("FROM a\nRUN {run}\n");
        assert!(reason(&text).contains("mount"), "{run}");
    }
    let apt = "FROM a\nRUN apt-get update; apt-get install -y x\n";
    assert_eq!(
        reason(apt),
        "`docker-clean` has to be removed first, in a chain of `&&`"
    );
}

/// After Dockerfile 7 of research/cache.md section 4: an `if`, a default of a global argument that
/// names the image, and a mount that is there already.
#[test]
fn lemmy_gets_mounts_for_what_cargo_downloads() {
    let text = "\
ARG RUST_VERSION=1.81
ARG AMD_BUILDER_IMAGE=rust:${RUST_VERSION}
FROM --platform=${BUILDPLATFORM} ${AMD_BUILDER_IMAGE} AS build-amd64
WORKDIR /lemmy
COPY . ./
RUN --mount=type=cache,target=/lemmy/target set -ex; \\
    if [ \"${MODE}\" = \"release\" ]; then \\
        cargo clean --release; \\
        cargo build --release; \\
        mv target/release/lemmy_server ./lemmy_server; \\
        #
        # Compress the binary with upx
        upx lemmy_server; \\
    fi
";
    let expected = text.replace(
        "RUN --mount",
        "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n    \
         --mount=type=cache,target=/usr/local/cargo/git/db \\\n    --mount",
    );
    assert_eq!(mended(check, text, &[]), expected);
}

/// After Dockerfile 6.
#[test]
fn minio_console_gets_mounts_for_modules_builds_and_yarn() {
    let text = "\
FROM node:10 as uilayer
WORKDIR /app
RUN yarn install
FROM golang:1.15 as golayer
ADD go.mod /go/src/console/go.mod
WORKDIR /go/src/console/
RUN go mod download
ADD . /go/src/console/
RUN go build -ldflags \"-w -s\" -a -o console ./cmd/console
FROM scratch
COPY --from=golayer /go/src/console/console .
";
    let expected = text
        .replace(
            "RUN yarn",
            "RUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn",
        )
        .replace(
            "RUN go mod",
            "RUN --mount=type=cache,target=/go/pkg/mod go mod",
        )
        .replace(
            "RUN go build",
            "RUN --mount=type=cache,target=/go/pkg/mod \\\n    \
             --mount=type=cache,target=/root/.cache/go-build \\\n    go build",
        );
    assert_eq!(mended(check, text, &[]), expected);
}

/// After Dockerfile 16: `npm ci` beside bind mounts.
#[test]
fn superset_gets_a_mount_for_npm() {
    let text = "\
FROM --platform=${BUILDPLATFORM} node:18-bullseye-slim AS superset-node
WORKDIR /app/superset-frontend
RUN --mount=type=bind,target=./package.json,src=./superset-frontend/package.json \\
    --mount=type=bind,target=./package-lock.json,src=./superset-frontend/package-lock.json \\
    npm ci
";
    let expected = text.replace(
        "RUN --mount",
        "RUN --mount=type=cache,target=/root/.npm --mount",
    );
    assert_eq!(mended(check, text, &[]), expected);
}

/// After Dockerfile 8: the mount is not where Yarn 1 as root keeps its cache.
#[test]
fn excalidraw_gets_a_mount_that_yarn_uses() {
    let text = "FROM node:24\nRUN --mount=type=cache,target=/root/.cache/yarn \\\n    \
                npm_config_target_arch=${TARGETARCH} yarn --network-timeout 600000\n";
    assert_eq!(
        lines(check, text),
        [] as [u32; 0],
        "the other rule mends that mount"
    );
}

#[test]
fn a_later_yarn_has_no_patch() {
    let files = [("package.json", r#"{"packageManager": "yarn@4.1.0"}"#)];
    let text = "FROM node\nRUN yarn install\n";
    assert_eq!(mended(check, text, &files), text);
    let first = [("package.json", r#"{"packageManager": "yarn@1.22.0"}"#)];
    assert_ne!(mended(check, text, &first), text);
}
