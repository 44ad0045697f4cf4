//! Reduced versions of the Dockerfiles in research/cache.md section 4, by their numbers there.

use super::super::super::sample::withheld;
use super::*;

#[test]
fn meilisearch_compiles_all_with_the_sources() {
    // 2
    let text = "\
FROM    rust:1.89-alpine3.22 AS compiler
RUN     apk add -q --no-cache build-base openssl-dev
WORKDIR /
ARG     COMMIT_SHA
ENV     VERGEN_GIT_SHA=${COMMIT_SHA}
COPY    . .
RUN     set -eux; \\
        if [ \"$(apk --print-arch)\" = \"aarch64\" ]; then \\
            export JEMALLOC_SYS_WITH_LG_PAGE=16; \\
        fi && \\
        cargo build --release -p meilisearch -p meilitool

FROM    alpine:3.22
COPY    --from=compiler /target/release/meilisearch /bin/meilisearch
";
    assert_eq!(faulty_lines(text), [7]);
    assert_eq!(
        withheld(
            check,
            text,
            &[("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n")]
        ),
        [
            "cargo-chef is not known to be in `rust:1.89-alpine3.22`, and no step before the sources installs it"
        ]
    );
}

#[test]
fn minios_console_downloads_its_modules_first() {
    // 6
    let text = "\
FROM golang:1.15 as golayer
ADD go.mod /go/src/github.com/minio/console/go.mod
ADD go.sum /go/src/github.com/minio/console/go.sum
WORKDIR /go/src/github.com/minio/console/
RUN go mod download
ADD . /go/src/github.com/minio/console/
ENV CGO_ENABLED=0
RUN go build -ldflags \"-w -s\" -a -o console ./cmd/console
FROM scratch
COPY --from=golayer /go/src/github.com/minio/console/console .
";
    assert!(found(check, text).is_empty());
}

#[test]
fn hugo_gets_its_modules_by_name_first() {
    // 9: what it gets after the sources is for `copy-before-install` to tell.
    let text = "\
FROM golang:1.6.2
RUN go get github.com/spf13/cobra && go get github.com/spf13/viper
COPY . /go/src/github.com/spf13/hugo
RUN go get -d -v github.com/spf13/hugo
RUN go install github.com/spf13/hugo
";
    assert!(found(check, text).is_empty());
}

#[test]
fn chatwoot_and_atsea_install_before_they_copy_sources() {
    // 10, 14
    let text = "\
FROM ruby:3.3.3-alpine3.19 AS pre-builder
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN bundle config set --local force_ruby_platform true
RUN if [ \"$RAILS_ENV\" = \"production\" ]; then bundle install -j 4 -r 3; fi
COPY . /app
FROM maven:latest AS appserver
WORKDIR /usr/src/atsea
COPY pom.xml .
RUN mvn -B -f pom.xml -s /usr/share/maven/ref/settings-docker.xml dependency:resolve
COPY . .
RUN mvn -B -s /usr/share/maven/ref/settings-docker.xml package -DskipTests
";
    assert!(found(check, text).is_empty());
}

#[test]
fn qdrant_cooks_its_dependencies_first() {
    // 12
    let text = "\
FROM lukemathwalker/cargo-chef:latest-rust-1.62.0 AS chef
WORKDIR /qdrant
FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json
FROM chef as builder
WORKDIR /qdrant
COPY --from=planner /qdrant/recipe.json recipe.json
RUN cargo chef cook --release --recipe-path recipe.json
COPY . .
RUN cargo build --release --bin qdrant
";
    assert!(found(check, text).is_empty());
}
