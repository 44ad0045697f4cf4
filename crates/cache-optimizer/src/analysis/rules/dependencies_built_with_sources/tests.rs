//! Builds that are found, those that are not, and the changes that are offered.

mod chef;
mod download;
mod real;

use super::super::sample::{found, lines};
use super::*;

fn faulty_lines(text: &str) -> Vec<u32> {
    lines(check, text)
}

#[test]
fn a_build_right_after_the_sources_is_found() {
    let found = found(
        check,
        "FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n",
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].line, 4);
    assert_eq!(
        found[0].message,
        "`go build -o /app` downloads and compiles all modules after `COPY . .` in line 3, so each \
         change of the sources does that again"
    );
    assert_eq!(
        found[0].advice,
        "copy `go.mod` and `go.sum` first, then `go mod download`, then copy the sources; a cache mount \
         at `/root/.cache/go-build` keeps what is compiled too"
    );
    assert_eq!(found[0].saved_ms, None);
}

#[test]
fn every_tool_is_known_wherever_the_command_stands() {
    for run in [
        "cargo build --release",
        "set -eux; if [ $A = b ]; then export C=1; fi && cargo build -p app",
        "mvn -B package",
        "./gradlew bootJar",
        "dotnet publish -c Release",
        "<<EOF\nset -e\ngo build ./...\nEOF",
    ] {
        let text = format!("FROM a\nCOPY . .\nRUN {run}\n");
        assert_eq!(faulty_lines(&text), [3], "{run}");
    }
}

#[test]
fn a_step_for_the_dependencies_before_the_build_is_as_it_should_be() {
    for text in [
        "FROM a\nCOPY go.mod .\nRUN go mod download\nCOPY . .\nRUN go build\n",
        "FROM a\nCOPY . .\nRUN dotnet restore\nRUN dotnet publish\n",
        "FROM a\nCOPY pom.xml .\nRUN mvn dependency:resolve\nCOPY . .\nRUN mvn package\n",
        "FROM a\nCOPY Cargo.toml .\nRUN mkdir src && touch src/lib.rs && cargo build\nCOPY . .\nRUN cargo build\n",
        "FROM a AS cook\nRUN cargo chef cook\nFROM a\nCOPY . .\nCOPY --from=cook /app/target target\nRUN cargo build\n",
        "FROM a AS base\nRUN go get example.com/a\nFROM base\nCOPY . .\nRUN go build\n",
        "FROM a\nCOPY . .\nRUN go mod download && go build\n",
    ] {
        assert!(found(check, text).is_empty(), "{text}");
    }
}

#[test]
fn a_build_with_a_cache_or_without_sources_is_left_alone() {
    for text in [
        "FROM a\nCOPY . .\nRUN --mount=type=cache,target=/root/.cargo/registry cargo build\n",
        "FROM a\nCOPY . .\nRUN --mount=from=deps,target=/go/pkg go build\n",
        "FROM a\nCOPY main.go .\nRUN go build main.go\n",
        "FROM a\nCOPY --from=src /src /src\nRUN go build\n",
        "FROM a\nENV RUSTC_WRAPPER=/bin/sccache\nCOPY . .\nRUN cargo build\n",
        "FROM a\nENV GOFLAGS=-mod=vendor\nCOPY . .\nRUN go build\n",
        "FROM a\nONBUILD COPY . .\nONBUILD RUN go build\n",
        "FROM a\nCOPY . .\nRUN echo go build\n",
    ] {
        assert!(found(check, text).is_empty(), "{text}");
    }
}

#[test]
fn each_stage_is_found_once_for_each_tool() {
    let text = "FROM a\nCOPY . .\nRUN go build ./a\nRUN go build ./b\nRUN cargo build\nFROM a\nCOPY . .\nRUN go build\n";
    assert_eq!(faulty_lines(text), [3, 5, 8]);
}
