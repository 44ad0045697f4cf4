//! Dependencies of compiled languages in a layer of their own, by patches that are built for real.
//!
//! No image with these tools can be pulled. Their stand-ins read the files that the tools do, and fail
//! without them.

use tests::mending::{Mending, ran, steps};

const SEPARATE: &str = "dependencies-built-with-sources";

/// Proves that an edit makes `build` run with the dependencies, and after the patch makes it run alone:
/// `dependencies`, a step that the patch adds, is cached, and the image is the same.
#[track_caller]
fn assert_separated(mending: &Mending, edit: (&str, &str), build: &str, dependencies: &str) {
    let path = mending.project().path(edit.0);
    let original = fs_err::read_to_string(&path).expect("the file to edit is there");
    assert_ne!(original.len(), edit.1.len(), "size or time must change");
    mending.build("before");
    mending.project().write(edit.0, edit.1);
    let edited = mending.build("edited");
    assert!(ran(&edited, build), "{:?}", steps(&edited));
    mending.project().write(edit.0, &original);
    mending.mend(SEPARATE);
    let after = mending.build("after");
    assert!(ran(&after, dependencies), "{:?}", steps(&after));
    mending.assert_same_image("before", "after");
    mending.project().write(edit.0, edit.1);
    let mended = mending.build("mended");
    assert!(!ran(&mended, dependencies), "{:?}", steps(&mended));
    assert!(ran(&mended, build), "{:?}", steps(&mended));
    mending.assert_same_image("edited", "mended");
}

/// Reads `go.mod`, `go.sum` and the manifests of replaced modules; a build downloads what is missing.
const GO: (&str, &str) = (
    "go",
    r#"
download() {
    test -f go.mod
    for folder in $(sed -n 's/^replace .* => \.\///p' go.mod); do test -f "$folder/go.mod"; done
    cat go.sum > /modules
}
case "$1" in
mod) test "$2" = download; download ;;
build) test -f /modules || download; cat main.go /modules > "$3" ;;
*) exit 2 ;;
esac
"#,
);

#[test]
fn modules_of_go_are_downloaded_once() {
    let dockerfile = "\
FROM NAME-base AS build
WORKDIR /src
COPY . .
RUN go build -o /app .
FROM scratch
COPY --from=build /app /app
";
    let files = [
        ("Dockerfile", dockerfile),
        (
            "go.mod",
            "module a\nrequire b.com/b v1.0.0\nreplace b.com/b => ./b\n",
        ),
        ("go.sum", "b.com/b v1.0.0 h1:x\n"),
        ("main.go", "package main\n"),
        ("b/go.mod", "module b.com/b\n"),
        ("b/b.go", "package b\n"),
    ];
    let go = (GO.0, GO.1.replace("\"$3\"", "/app"));
    let mending = Mending::new("go-modules", &[(go.0, &go.1)], &files);
    let edit = ("main.go", "package main // edited\n");
    assert_separated(&mending, edit, "go build", "go mod download");
    let text = fs_err::read_to_string(mending.project().path("Dockerfile")).expect("it is there");
    let expected = "COPY go.mod go.sum ./\nCOPY b/go.mod ./b/\nRUN go mod download\nCOPY . .\n";
    assert!(text.contains(expected), "{text}");
}

/// Prepares a recipe of all manifests, cooks it, and builds on top of what was cooked.
const CARGO: (&str, &str) = (
    "cargo",
    r#"
manifests() { find . -name Cargo.toml -o -name Cargo.lock | sort | while read -r file; do cat "$file"; done; }
case "$1 $2" in
"install cargo-chef") touch /usr/bin/cargo-chef ;;
"chef prepare") test -f /usr/bin/cargo-chef; test -f Cargo.lock; manifests > recipe.json ;;
"chef cook")
    test -f /usr/bin/cargo-chef
    mkdir -p target/release/deps src
    cp recipe.json target/release/deps/compiled
    echo 'fn main() {}' > src/main.rs
    ;;
"build --release")
    mkdir -p target/release/deps
    manifests > /tmp/manifests
    test -f target/release/deps/compiled || cp /tmp/manifests target/release/deps/compiled
    cat src/main.rs target/release/deps/compiled > target/release/app
    ;;
*) exit 2 ;;
esac
"#,
);

#[test]
fn dependencies_of_rust_are_cooked_once_where_cargo_chef_is_installed() {
    let dockerfile = "\
FROM NAME-base AS builder
WORKDIR /app
RUN cargo install cargo-chef --locked
# All of it
COPY . .
RUN cargo build --release --locked
FROM scratch
COPY --from=builder /app/target/release/app /bin/app
";
    let files = [
        ("Dockerfile", dockerfile),
        ("Cargo.toml", "[package]\nname = \"app\"\n"),
        ("Cargo.lock", "version = 4\n"),
        ("src/main.rs", "fn main() { println!(); }\n"),
    ];
    let mending = Mending::new("cargo-chef", &[CARGO], &files);
    let edit = ("src/main.rs", "fn main() { println!(\"edited\"); }\n");
    assert_separated(&mending, edit, "cargo build --release", "cargo chef cook");
}

/// Restores the projects that a project refers to, and publishes what was restored.
const DOTNET: (&str, &str) = (
    "dotnet",
    r#"
restore() {
    test -f ../../Directory.Packages.props
    mkdir -p obj
    cat *.csproj > obj/project.assets.json
    for project in $(sed -n 's/.*Include="\([^"]*\)".*/\1/p' *.csproj | sed 's/\\/\//g'); do
        cat "$project" >> obj/project.assets.json
    done
    : > obj/restored
}
case "$1" in
restore) restore ;;
publish) test -f obj/restored || restore; mkdir -p out; cat Program.cs obj/project.assets.json > out/Web.dll ;;
*) exit 2 ;;
esac
"#,
);

#[test]
fn packages_of_dotnet_are_restored_once() {
    // After eShopOnWeb, whose step for packages comes after the sources as well.
    let dockerfile = "\
FROM NAME-base AS build
WORKDIR /app
COPY . .
WORKDIR /app/src/Web
RUN dotnet publish -c Release -o out
FROM scratch
COPY --from=build /app/src/Web/out /app
";
    let reference = "<Project><ProjectReference Include=\"..\\Core\\Core.csproj\" /></Project>\n";
    let files = [
        ("Dockerfile", dockerfile),
        ("Directory.Packages.props", "<Project />\n"),
        ("src/Web/Web.csproj", reference),
        ("src/Web/Program.cs", "class Program {}\n"),
        ("src/Core/Core.csproj", "<Project />\n"),
    ];
    let mending = Mending::new("dotnet-restore", &[DOTNET], &files);
    let edit = ("src/Web/Program.cs", "class Program { int edited; }\n");
    assert_separated(&mending, edit, "dotnet publish", "dotnet restore");
}
