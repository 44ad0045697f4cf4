//! Patches for the package managers of compiled languages, and reduced versions of the Dockerfiles in
//! research/cache.md section 4, by their numbers there.

use super::super::sample::{found, mended, withheld};
use super::check;

/// Both files of a fault: what is before the install, and what after the patch.
#[track_caller]
fn assert_mended(before: &str, files: &[(&str, &str)], after: &str) {
    assert_eq!(withheld(check, before, files), Vec::<String>::new());
    assert_eq!(mended(check, before, files), after);
}

const PROJECT: &str = "<Project><ProjectReference Include=\"..\\Core\\Core.csproj\"/></Project>";

#[test]
fn eshop_restores_projects_that_keep_their_folders() {
    // 11
    let before = "\
FROM mcr.microsoft.com/dotnet/sdk:5.0 AS build
WORKDIR /app

COPY *.sln .
COPY . .
WORKDIR /app/src/Web
RUN dotnet restore

RUN dotnet publish -c Release -o out
";
    let files = [
        ("eShopOnWeb.sln", ""),
        ("Directory.Packages.props", "<Project/>"),
        ("src/Web/Web.csproj", PROJECT),
        ("src/Web/Program.cs", ""),
        ("src/Core/Core.csproj", "<Project/>"),
    ];
    let after = before
        .replace(
            "COPY . .\n",
            "COPY Directory.Packages.props ./\nCOPY src/Core/Core.csproj ./src/Core/\n\
             COPY src/Web/Web.csproj ./src/Web/\n",
        )
        .replace("RUN dotnet restore\n", "RUN dotnet restore\nCOPY . /app/\n");
    assert_mended(before, &files, &after);
}

#[test]
fn a_gem_in_a_folder_comes_with_its_gemspec() {
    let before = "FROM ruby\nWORKDIR /app\nCOPY . .\nRUN bundle install --jobs 4\nRUN rake\n";
    let files = [
        ("Gemfile", "gem \"core\", path: \"engines/core\"\n"),
        ("Gemfile.lock", ""),
        ("engines/core/core.gemspec", "Gem::Specification.new\n"),
        ("engines/core/lib/core.rb", ""),
    ];
    let after = "FROM ruby\nWORKDIR /app\nCOPY Gemfile Gemfile.lock ./\n\
                 COPY engines/core/core.gemspec ./engines/core/\nRUN bundle install --jobs 4\nCOPY . .\nRUN rake\n";
    assert_mended(before, &files, after);
}

#[test]
fn a_workspace_of_cargo_comes_with_the_sources_that_its_manifests_need() {
    let before =
        "FROM rust\nWORKDIR /app\nCOPY . .\nRUN cargo fetch --locked\nRUN cargo build --offline\n";
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n"),
        ("Cargo.lock", ""),
        ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n"),
        ("crates/a/src/main.rs", ""),
        ("crates/a/src/more.rs", ""),
    ];
    let after = "FROM rust\nWORKDIR /app\nCOPY Cargo.lock Cargo.toml ./\nCOPY crates/a/Cargo.toml ./crates/a/\n\
                 COPY crates/a/src/main.rs ./crates/a/src/\nRUN cargo fetch --locked\nCOPY . .\n\
                 RUN cargo build --offline\n";
    assert_mended(before, &files, after);
}

#[test]
fn composer_needs_flags_that_leave_the_sources_alone() {
    let files = [
        ("composer.json", "{}"),
        ("composer.lock", ""),
        ("src/a.php", ""),
    ];
    let before = "FROM php\nWORKDIR /app\nCOPY . .\nRUN composer install --no-scripts --no-autoloader\n\
                  RUN composer dump-autoload\n";
    let after = "FROM php\nWORKDIR /app\nCOPY composer.json composer.lock ./\n\
                 RUN composer install --no-scripts --no-autoloader\nCOPY . .\nRUN composer dump-autoload\n";
    assert_mended(before, &files, after);
    let before = "FROM php\nWORKDIR /app\nCOPY . .\nRUN composer install --no-dev\n";
    assert_eq!(
        withheld(check, before, &files),
        [
            "without `--no-scripts` the install needs the sources: it takes `--no-scripts --no-autoloader` \
             first, and `composer dump-autoload` after the sources"
        ]
    );
}

#[test]
fn maven_takes_the_poms_of_all_modules() {
    let before = "FROM maven\nCOPY . /src\nWORKDIR /src\nRUN mvn -B dependency:go-offline && mvn -B package\n";
    let files = [
        (
            "pom.xml",
            "<project><modules><module>a</module></modules></project>",
        ),
        ("a/pom.xml", "<project/>"),
        ("a/src/main/java/A.java", ""),
    ];
    let after = "FROM maven\nCOPY pom.xml /src/\nCOPY a/pom.xml /src/a/\nWORKDIR /src\n\
                 RUN mvn -B dependency:go-offline\nCOPY . /src\nRUN mvn -B package\n";
    assert_mended(before, &files, after);
}

#[test]
fn gradle_takes_its_scripts() {
    let before =
        "FROM gradle\nWORKDIR /src\nCOPY . .\nRUN ./gradlew dependencies\nRUN ./gradlew build\n";
    let files = [
        ("settings.gradle", "include 'app'\n"),
        ("app/build.gradle", "plugins { id 'java' }\n"),
        ("app/src/main/java/A.java", ""),
        ("gradlew", ""),
        ("gradle/wrapper/gradle-wrapper.properties", ""),
    ];
    let after = "FROM gradle\nWORKDIR /src\nCOPY gradlew settings.gradle ./\nCOPY app/build.gradle ./app/\n\
                 COPY gradle ./gradle/\nRUN ./gradlew dependencies\nCOPY . .\nRUN ./gradlew build\n";
    assert_mended(before, &files, after);
}

#[test]
fn hugo_has_no_module_to_download() {
    // 9
    let text = "\
FROM golang:1.6.2
RUN go get github.com/spf13/cobra && go get github.com/spf13/viper
COPY . /go/src/github.com/spf13/hugo
RUN go install github.com/spf13/hugo
WORKDIR /go/src/github.com/spf13/hugo
RUN go get -d -v
RUN go build -o hugo main.go
";
    assert_eq!(found(check, text)[0].line, 3);
    assert_eq!(
        withheld(check, text, &[("main.go", "")]),
        ["the context does not offer a `go.mod`"]
    );
}

#[test]
fn chatwoot_and_atsea_install_before_they_copy_sources() {
    // 10, 14
    let text = "\
FROM ruby:3.3.3-alpine3.19 AS pre-builder
WORKDIR /app
COPY Gemfile Gemfile.lock ./
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
