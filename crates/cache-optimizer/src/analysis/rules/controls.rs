//! Dockerfiles that are as they should be, in contexts that are: the rules about contexts and stages
//! find nothing.

use super::RULES;
use super::sample::found_in;

/// What the rules about contexts and stages find.
fn found(text: &str, files: &[(&str, &str)], ignore: &str) -> Vec<(&'static str, u32)> {
    let own = [
        "build-tools-in-runtime",
        "build-work-in-runtime",
        "copied-file-ignored",
        "copy-too-broad",
        "copy-whole-stage",
        "dockerignore-pattern-misses",
        "missing-dockerignore",
        "serial-stages",
        "unused-file-copied",
        "unused-stage",
    ];
    let rules = RULES.iter().filter(|rule| own.contains(&rule.id));
    rules
        .flat_map(|rule| {
            let found = found_in(rule.check, text, files, Some(ignore)).into_iter();
            found.map(|found| (rule.id, found.line))
        })
        .collect()
}

/// After example-voting-app's worker.
#[test]
fn a_worker_that_is_published_to_a_folder_of_its_own_is_clean() {
    let text = "\
FROM --platform=${BUILDPLATFORM} mcr.microsoft.com/dotnet/sdk:7.0 AS build
ARG TARGETPLATFORM
ARG TARGETARCH
WORKDIR /source
COPY *.csproj .
RUN dotnet restore -a $TARGETARCH
COPY . .
RUN dotnet publish -c release -o /app -a $TARGETARCH --self-contained false --no-restore
FROM mcr.microsoft.com/dotnet/runtime:7.0
WORKDIR /app
COPY --from=build /app .
ENTRYPOINT [\"dotnet\", \"Worker.dll\"]
";
    let files = [
        ("Program.cs", "class A {}"),
        ("Worker.csproj", "<Project/>"),
    ];
    assert_eq!(found(text, &files, "bin/\nobj/\n"), []);
}

/// After searxng.
#[test]
fn an_application_whose_folders_are_copied_one_by_one_is_clean() {
    let text = "\
FROM searxng/base:searxng-builder AS builder
COPY ./requirements.txt ./requirements-server.txt ./
RUN --mount=type=cache,id=uv,target=/root/.cache/uv set -eux; \\
    uv venv; \\
    uv pip install --requirements ./requirements.txt --requirements ./requirements-server.txt
COPY --exclude=./searx/version_frozen.py ./searx/ ./searx/
ARG TIMESTAMP_SETTINGS=0
RUN python -m compileall -q ./searx/
FROM searxng/base:searxng AS dist
COPY --chown=977:977 --from=builder /usr/local/searxng/.venv/ ./.venv/
COPY --chown=977:977 --from=builder /usr/local/searxng/searx/ ./searx/
COPY --chown=977:977 ./container/entrypoint.sh ./
ARG CREATED=\"0001-01-01T00:00:00Z\"
LABEL org.opencontainers.image.created=$CREATED
EXPOSE 8080
ENTRYPOINT [\"/usr/local/searxng/entrypoint.sh\"]
";
    let files = [
        ("README.rst", "a"),
        ("container/entrypoint.sh", "exec granian"),
        ("docs/a.rst", "a"),
        ("requirements.txt", "flask"),
        ("requirements-server.txt", "granian"),
        ("searx/a.py", "a"),
    ];
    assert_eq!(
        found(
            text,
            &files,
            "*\n!container/\n!requirements*.txt\n!searx/\n"
        ),
        []
    );
}
