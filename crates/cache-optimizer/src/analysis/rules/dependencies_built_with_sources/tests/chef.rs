//! Splitting a stage for cargo-chef.

use super::super::super::sample::{mended, withheld};
use super::*;

const BASE: &str = "lukemathwalker/cargo-chef:latest-rust-1";

fn text(stage: &str) -> String {
    format!("{stage}FROM debian\nCOPY --from=builder /app/target/release/app /bin/\n")
}

#[test]
fn a_stage_on_an_image_with_cargo_chef_is_split_in_three() {
    let before = text(&format!(
        "# syntax=docker/dockerfile:1\nFROM {BASE} AS builder\nWORKDIR /app\nRUN apt-get update\n# sources\n\
         COPY . .\nRUN cargo build --release --locked --target=x86_64-unknown-linux-musl --bin app && strip app\n"
    ));
    let after = text(&format!(
        "# syntax=docker/dockerfile:1\nFROM {BASE} AS chef\nWORKDIR /app\nRUN apt-get update\n\n\
         FROM chef AS planner\nCOPY . .\nRUN cargo chef prepare --recipe-path recipe.json\n\n\
         FROM chef AS builder\nCOPY --from=planner /app/recipe.json recipe.json\n\
         RUN cargo chef cook --release --target x86_64-unknown-linux-musl --recipe-path recipe.json\n# sources\n\
         COPY . .\nRUN cargo build --release --locked --target=x86_64-unknown-linux-musl --bin app && strip app\n"
    ));
    assert_eq!(mended(check, &before, &[]), after);
    assert!(found(check, &after).is_empty());
}

#[test]
fn a_step_that_installs_cargo_chef_will_do_in_a_base_too() {
    let before = text(
        "FROM rust:1 as tools\nRUN cargo install cargo-chef --locked\nfrom tools as builder\nWORKDIR /app\n\
         copy . ./\nRUN cargo build -r\n",
    );
    let after = text(
        "FROM rust:1 as tools\nRUN cargo install cargo-chef --locked\nfrom tools as chef\nWORKDIR /app\n\n\
         from chef as planner\ncopy . ./\nrun cargo chef prepare --recipe-path recipe.json\n\n\
         from chef as builder\ncopy --from=planner /app/recipe.json recipe.json\n\
         run cargo chef cook --release --recipe-path recipe.json\ncopy . ./\nRUN cargo build -r\n",
    );
    assert_eq!(mended(check, &before, &[]), after);
}

#[test]
fn no_split_is_offered_where_it_is_not_known_to_be_safe() {
    for (before, run, why) in [
        (
            "WORKDIR /app\nARG V\nCOPY . .\n",
            "cargo build",
            "`ARG V` in line 3 counts for one stage only",
        ),
        (
            "COPY . .\n",
            "cargo build",
            "the working directory is not known",
        ),
        (
            "WORKDIR /app\nCOPY . /src\n",
            "cargo build",
            "the sources are not copied into the working directory",
        ),
        (
            "WORKDIR /app\nCOPY src/ src/\n",
            "cargo build",
            "`COPY src/ src/` does not take the whole context",
        ),
        (
            "WORKDIR /app\nCOPY . .\nENV RUSTFLAGS=-g\n",
            "cargo build",
            "`ENV` stands between the sources and the build",
        ),
        (
            "WORKDIR /app\nCOPY . .\n",
            "RUSTFLAGS=-g cargo build",
            "the step is more than `cargo build`",
        ),
        (
            "WORKDIR /app\nCOPY . .\n",
            "cargo build --features \"$F\"",
            "what `--features $F` stands for is not known",
        ),
        (
            "WORKDIR /app\nCOPY . .\n",
            "cargo build --all-features",
            "what `--all-features` means for the dependencies is not known",
        ),
        (
            "WORKDIR /app\nCOPY . .\n",
            "cargo build -p a -p b",
            "the build names more than one package",
        ),
        (
            "WORKDIR /app/target\nCOPY . .\n",
            "cargo build",
            "another stage takes `/app/target/` with the recipe in it",
        ),
    ] {
        let stage = format!("FROM {BASE} AS builder\n{before}RUN {run}\n");
        let text = format!("{stage}FROM debian\nCOPY --from=builder /app/target/ /bin/\n");
        assert_eq!(withheld(check, &text, &[]), [why], "{before}{run}");
    }
}

#[test]
fn the_image_must_not_be_made_of_the_stage_nor_name_stages_by_number() {
    let stage = format!("FROM {BASE} AS builder\nWORKDIR /app\nCOPY . .\nRUN cargo build\n");
    assert_eq!(
        withheld(check, &stage, &[]),
        ["the image is made of the stage that builds, and would keep the recipe"]
    );
    let by_number = format!("{stage}FROM debian\nCOPY --from=0 /app/target/x /\n");
    assert_eq!(
        withheld(check, &by_number, &[]),
        ["a stage is named by its number, which would change"]
    );
    let named = format!("FROM debian AS Chef\n{}", text(&stage));
    assert_eq!(
        withheld(check, &named, &[]),
        ["a stage is named `Chef` already"]
    );
    assert_eq!(
        withheld(check, &text(&stage), &[("target/debug/app", "")]),
        ["`target` is in the context, and would be copied over what was compiled"]
    );
}

#[test]
fn a_stage_without_cargo_chef_gets_the_exact_recipe_as_advice() {
    let stage =
        text("FROM rust:1 AS builder\nWORKDIR /app\nCOPY . .\nRUN cargo build --profile dist\n");
    assert_eq!(
        withheld(check, &stage, &[]),
        ["cargo-chef is not known to be in `rust:1`, and no step before the sources installs it"]
    );
    assert_eq!(
        found(check, &stage)[0].advice,
        "compile them in a step of their own with cargo-chef: in a stage on `rust:1` with `WORKDIR /app`, \
         `RUN cargo install cargo-chef --locked`; in a second stage on top of it, `COPY . .` and `RUN cargo \
         chef prepare --recipe-path recipe.json`; in the stage that builds, on top of the first too and \
         before line 3, `COPY --from=planner /app/recipe.json recipe.json` and `RUN cargo chef cook --profile \
         dist --recipe-path recipe.json`; or give the step cache mounts for the registry and `target`, and \
         copy the program out of the latter in the same step"
    );
}
