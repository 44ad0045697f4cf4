//! Adding a step that downloads, for Go and .NET.

use super::super::super::sample::{mended, withheld};
use super::*;

const MODULE: &str = "module a\nrequire b.com/b v1.0.0\n";
const GO: [(&str, &str); 3] = [("go.mod", MODULE), ("go.sum", ""), ("main.go", "")];

/// A stage that builds, and one that takes the program.
fn text(stage: &str) -> String {
    format!("FROM golang AS build\n{stage}FROM scratch\nCOPY --from=build /app /app\n")
}

#[test]
fn modules_are_downloaded_before_the_sources_are_copied() {
    let before =
        "WORKDIR /src\n\n# sources\nCOPY    --chown=1000 . .\nRUN     go build -o /app .\n";
    let after = "WORKDIR /src\n\nCOPY    --chown=1000 go.mod go.sum ./\nRUN     go mod download\n\
                 # sources\nCOPY    --chown=1000 . .\nRUN     go build -o /app .\n";
    assert_eq!(mended(check, &text(before), &GO), text(after));
    assert!(found(check, &text(after)).is_empty());
}

#[test]
fn a_build_in_another_folder_downloads_there() {
    let files = [
        ("go.work", "use (\n./api\n./lib\n)\n"),
        ("api/go.mod", MODULE),
        ("api/go.sum", ""),
        ("lib/go.mod", "module lib\n"),
    ];
    let before = "COPY . /src\nWORKDIR /src/api\nRUN go build -o /app .\n";
    let after = "COPY go.work /src/\nCOPY api/go.mod api/go.sum /src/api/\nCOPY lib/go.mod /src/lib/\n\
                 RUN cd /src/api && go mod download\nCOPY . /src\nWORKDIR /src/api\nRUN go build -o /app .\n";
    assert_eq!(mended(check, &text(before), &files), text(after));
    let before = "WORKDIR /src\nCOPY . .\nRUN --mount=type=ssh cd api && go build -o /app .\n";
    let after = "WORKDIR /src\nCOPY go.work ./\nCOPY api/go.mod api/go.sum ./api/\nCOPY lib/go.mod ./lib/\n\
                 RUN --mount=type=ssh cd api && go mod download\nCOPY . .\n\
                 RUN --mount=type=ssh cd api && go build -o /app .\n";
    assert_eq!(mended(check, &text(before), &files), text(after));
}

#[test]
fn manifests_that_are_there_already_are_not_copied_twice() {
    let before = "COPY go.* ./\nCOPY cmd/ cmd/\nRUN go build -o /app ./cmd\n";
    let after = "COPY go.* ./\nRUN go mod download\nCOPY cmd/ cmd/\nRUN go build -o /app ./cmd\n";
    let files = [&GO[..], &[("cmd/main.go", "")]].concat();
    assert_eq!(mended(check, &text(before), &files), text(after));
}

#[test]
fn packages_are_restored_with_each_project_in_its_folder() {
    let files = [
        (
            "App.sln",
            "Project(\"{F}\") = \"Web\", \"src\\Web\\Web.csproj\", \"{1}\"\n",
        ),
        ("Directory.Build.props", "<Project/>"),
        (
            "src/Web/Web.csproj",
            "<Project><ProjectReference Include=\"..\\Core\\Core.csproj\"/></Project>",
        ),
        ("src/Core/Core.csproj", "<Project/>"),
        ("src/Core/A.cs", ""),
    ];
    let before = "WORKDIR /source\nCOPY . .\nRUN dotnet publish src/Web -c Release -r linux-x64 --self-contained -o /app\n";
    let after = "WORKDIR /source\nCOPY Directory.Build.props ./\nCOPY src/Core/Core.csproj ./src/Core/\n\
                 COPY src/Web/Web.csproj ./src/Web/\nRUN dotnet restore src/Web -r linux-x64\nCOPY . .\n\
                 RUN dotnet publish src/Web -c Release -r linux-x64 --self-contained -o /app\n";
    assert_eq!(mended(check, &text(before), &files), text(after));
}

#[test]
fn no_step_is_offered_where_it_is_not_known_to_be_safe() {
    for (stage, why) in [
        (
            "COPY . .\nRUN git config --global x y\nRUN go build\n",
            "`RUN git config --global x y` in line 3 stands between the sources and the build, which the \
             download may need",
        ),
        (
            "COPY . .\nCOPY .netrc /root/\nRUN go build\n",
            "`COPY .netrc /root/` in line 3 stands between the sources and the build, which the download may \
             need",
        ),
        (
            "COPY . .\nENV GOPROXY=direct\nRUN go build\n",
            "`ENV GOPROXY=direct` in line 3 stands between the sources and the build, which the download may \
             need",
        ),
        (
            "COPY . .\nRUN apk add git && go build\n",
            "`apk add git` runs in the same step before the build, and the download may need it",
        ),
        (
            "COPY . .\nRUN GOPROXY=direct go build\n",
            "the step sets `GOPR` up itself",
        ),
        (
            "COPY . .\nRUN [\"go\", \"build\"]\n",
            "the step has no shell",
        ),
        (
            "COPY . .\nRUN cd $D && go build\n",
            "the build's folder is not known",
        ),
        (
            "WORKDIR /a\nCOPY . /b/\nRUN go build\n",
            "the build runs outside of what is copied",
        ),
        (
            "COPY --exclude=x . .\nRUN go build\n",
            "the sources are copied with `--exclude`",
        ),
    ] {
        assert_eq!(withheld(check, &text(stage), &GO), [why], "{stage}");
    }
    let kept = "FROM golang\nWORKDIR /a\nCOPY . .\nRUN go build\n";
    assert_eq!(
        withheld(check, kept, &GO),
        [
            "`go mod download` also takes modules that only tests need, and the image would keep them"
        ]
    );
    assert_eq!(
        withheld(check, &text("COPY . .\nRUN go build\n"), &[]),
        ["the context does not offer a `go.mod`"]
    );
}

#[test]
fn a_module_without_requirements_or_with_a_vendor_folder_downloads_nothing() {
    let text = text("COPY . .\nRUN go build\n");
    for files in [
        vec![("go.mod", "module a\n")],
        vec![("go.mod", MODULE), ("vendor/modules.txt", "")],
    ] {
        assert_eq!(mended(check, &text, &files), text);
        assert!(withheld(check, &text, &files).is_empty());
    }
}
