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
        (
            "Cargo.toml",
            "[package]\nname = \"app\"\n[dependencies]\na = \"1\"\n",
        ),
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

const INSTALL: &str = "copy-before-install";

/// Reads the manifests of all members, and refuses a package without a source.
const CARGO_FETCH: (&str, &str) = (
    "cargo",
    r#"
case "$1" in
fetch)
    test -f Cargo.lock
    for manifest in crates/*/Cargo.toml; do
        folder=${manifest%/Cargo.toml}
        test -f "$folder/src/main.rs" || test -f "$folder/src/lib.rs"
        cat "$manifest" >> /registry
    done
    test -f /registry
    ;;
build) cat /registry crates/*/src/*.rs > app ;;
*) exit 2 ;;
esac
"#,
);

#[test]
fn crates_are_fetched_once_for_a_workspace() {
    let dockerfile = "\
FROM NAME-base
WORKDIR /app
COPY . .
RUN cargo fetch --locked
RUN cargo build --release --offline
";
    let files = [
        ("Dockerfile", dockerfile),
        (".dockerignore", "Dockerfile\n"),
        ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
        ("Cargo.lock", "version = 4\n"),
        ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n"),
        ("crates/a/src/main.rs", "fn main() {}\n"),
        ("crates/a/src/more.rs", "// more\n"),
        ("crates/b/Cargo.toml", "[package]\nname = \"b\"\n"),
        ("crates/b/src/lib.rs", "// lib\n"),
    ];
    let mending = Mending::new("cargo-fetch", &[CARGO_FETCH], &files);
    let edit = ("crates/a/src/more.rs", "// more and more\n");
    mending.assert_mended(INSTALL, edit, "cargo fetch");
}

/// Reads the Gemfile and its lock, and the gemspec of each gem in a folder with what it loads.
const BUNDLE: (&str, &str) = (
    "bundle",
    r#"
test "$1" = install
cat Gemfile Gemfile.lock .ruby-version > /gems
for folder in $(sed -n 's/.*path: "\([^"]*\)".*/\1/p' Gemfile); do
    cat "$folder"/*.gemspec >> /gems
    for file in $(sed -n 's/^require_relative "\([^"]*\)".*/\1/p' "$folder"/*.gemspec); do
        cat "$folder/$file.rb" >> /gems
    done
done
"#,
);

#[test]
fn gems_are_installed_once_with_a_gem_in_a_folder() {
    let dockerfile = "FROM NAME-base\nWORKDIR /app\nCOPY . .\nRUN bundle install --jobs 4\n";
    let files = [
        ("Dockerfile", dockerfile),
        (".dockerignore", "Dockerfile\n"),
        ("Gemfile", "gem \"core\", path: \"engines/core\"\n"),
        ("Gemfile.lock", "GEM\n"),
        (".ruby-version", "3.3.3\n"),
        (
            "engines/core/core.gemspec",
            "require_relative \"lib/version\"\nGem::Specification.new\n",
        ),
        ("engines/core/lib/version.rb", "VERSION = 1\n"),
        ("app/models/a.rb", "class A; end\n"),
    ];
    let mending = Mending::new("bundle-install", &[BUNDLE], &files);
    let edit = ("app/models/a.rb", "class A; def edited; end; end\n");
    mending.assert_mended(INSTALL, edit, "bundle install");
}

/// Reads the manifest, its lock and the packages in folders; the autoloader is made of the sources.
const COMPOSER: (&str, &str) = (
    "composer",
    r#"
case "$1 $2 $3" in
"install --no-scripts --no-autoloader")
    mkdir -p vendor
    cat composer.json composer.lock packages/*/composer.json packages/*/*.php > vendor/installed
    ;;
"dump-autoload  ") test -f vendor/installed; find src -name '*.php' | sort > vendor/autoload.php ;;
*) exit 2 ;;
esac
"#,
);

#[test]
fn packages_of_php_are_installed_once_before_the_autoloader_is_made() {
    let dockerfile = "\
FROM NAME-base
WORKDIR /app
COPY . .
RUN composer install --no-scripts --no-autoloader
RUN composer dump-autoload
";
    let manifest = r#"{"repositories": [{"type": "path", "url": "packages/*"}]}"#;
    let files = [
        ("Dockerfile", dockerfile),
        (".dockerignore", "Dockerfile\n"),
        ("composer.json", manifest),
        ("composer.lock", "{}"),
        ("packages/b/composer.json", "{}"),
        ("packages/b/b.php", "<?php\n"),
        ("src/a.php", "<?php\n"),
    ];
    let mending = Mending::new("composer-install", &[COMPOSER], &files);
    mending.assert_mended(
        INSTALL,
        ("src/a.php", "<?php // edited\n"),
        "composer install",
    );
}

/// Reads the POMs of the project, its parent and its modules.
const MAVEN: (&str, &str) = (
    "mvn",
    r#"
case "$1" in
dependency:go-offline)
    cat pom.xml build/pom.xml .mvn/maven.config > /repository
    for module in $(sed -n 's/.*<module>\(.*\)<\/module>.*/\1/p' pom.xml); do cat "$module/pom.xml" >> /repository; done
    ;;
package) cat /repository a/src/A.java > app.jar ;;
*) exit 2 ;;
esac
"#,
);

#[test]
fn dependencies_of_maven_are_downloaded_once_for_all_modules() {
    let dockerfile = "\
FROM NAME-base
WORKDIR /app
COPY . .
RUN mvn dependency:go-offline && mvn package
";
    let pom = "<project>\n<parent><artifactId>p</artifactId><relativePath>build</relativePath></parent>\n\
               <modules>\n<module>a</module>\n</modules>\n</project>\n";
    let files = [
        ("Dockerfile", dockerfile),
        (".dockerignore", "Dockerfile\n"),
        ("pom.xml", pom),
        ("build/pom.xml", "<project/>\n"),
        (".mvn/maven.config", "-B\n"),
        ("a/pom.xml", "<project/>\n"),
        ("a/src/A.java", "class A {}\n"),
    ];
    let mending = Mending::new("maven-offline", &[MAVEN], &files);
    let edit = ("a/src/A.java", "class A { int edited; }\n");
    mending.assert_mended(INSTALL, edit, "mvn dependency:go-offline");
}
