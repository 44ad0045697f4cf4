//! What `dotnet restore` reads, by the project that it is asked for.

use super::super::sample::{paths, refusal};

const WEB: &str = "<Project Sdk=\"Microsoft.NET.Sdk.Web\"><ItemGroup>\
    <ProjectReference Include=\"..\\Core\\Core.csproj\" />\
    <PackageReference Include=\"A\" Version=\"1\" /></ItemGroup></Project>";
const CORE: &str = "<Project Sdk=\"Microsoft.NET.Sdk\" />";
const SOLUTION: &str = "Project(\"{F}\") = \"Web\", \"src\\Web\\Web.csproj\", \"{1}\"\nEndProject\n\
    Project(\"{F}\") = \"Core\", \"src\\Core\\Core.csproj\", \"{2}\"\nEndProject\n\
    Project(\"{F}\") = \"Tests\", \"tests\\Tests.csproj\", \"{3}\"\nEndProject\n";

const FILES: [(&str, &str); 8] = [
    ("App.sln", SOLUTION),
    ("Directory.Packages.props", "<Project />"),
    ("NuGet.config", "<configuration/>"),
    ("src/Core/Core.cs", ""),
    ("src/Core/Core.csproj", CORE),
    ("src/Web/Program.cs", ""),
    ("src/Web/Web.csproj", WEB),
    ("tests/Tests.csproj", CORE),
];

#[test]
fn a_project_needs_those_it_refers_to_and_what_counts_for_their_folders() {
    let expected = [
        "Directory.Packages.props",
        "NuGet.config",
        "src/Core/Core.csproj",
        "src/Web/Web.csproj",
    ];
    assert_eq!(paths("dotnet restore", "src/Web", &FILES), expected);
    let command = "dotnet restore src/Web/Web.csproj -r linux-x64";
    assert_eq!(paths(command, "", &FILES), expected);
    assert_eq!(
        paths("dotnet restore -r linux-x64 src/Web", "", &FILES),
        expected
    );
}

#[test]
fn a_solution_needs_all_of_its_projects() {
    let expected = [
        "App.sln",
        "Directory.Packages.props",
        "NuGet.config",
        "src/Core/Core.csproj",
        "src/Web/Web.csproj",
        "tests/Tests.csproj",
    ];
    assert_eq!(paths("dotnet restore", "", &FILES), expected);
}

#[test]
fn properties_may_import_those_of_the_folder_above() {
    let props = "<Project><Import Project=\"$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', \
                 '$(MSBuildThisFileDirectory)../'))\" /></Project>";
    let files = [
        ("Directory.Build.props", "<Project/>"),
        ("src/Directory.Build.props", props),
        ("src/A/A.csproj", CORE),
    ];
    let expected = [
        "Directory.Build.props",
        "src/A/A.csproj",
        "src/Directory.Build.props",
    ];
    assert_eq!(paths("dotnet restore src/A", "", &files), expected);
}

#[test]
fn what_cannot_be_said_is_refused_with_the_reason() {
    let refused = |project: &str, more: &[(&str, &str)]| {
        let files = [&[("A.csproj", project)], more].concat();
        refusal("dotnet restore", "", &files)
    };
    for (project, more, why) in [
        ("<Project", &[][..], "`A.csproj` is not XML"),
        (
            "<Project><Import Project=\"build\\x.props\"/></Project>",
            &[],
            "`A.csproj` imports `build/x.props`",
        ),
        (
            "<Project><ProjectReference Include=\"$(Root)\\B.csproj\"/></Project>",
            &[],
            "`A.csproj` refers to `$(Root)/B.csproj`",
        ),
        (
            "<Project><ProjectReference Include=\"..\\B.csproj\"/></Project>",
            &[],
            "`../B.csproj` is outside the context",
        ),
        (
            "<Project><P Condition=\"Exists('x')\"/></Project>",
            &[],
            "`Exists` in `A.csproj` may concern other files",
        ),
        (
            CORE,
            &[("B.csproj", CORE)],
            "there is more than one project in `/`",
        ),
        (
            CORE,
            &[("obj/project.assets.json", "")],
            "`obj` is in the context, and would be copied over what was restored",
        ),
    ] {
        assert_eq!(refused(project, more), why);
    }
    assert_eq!(
        refusal("dotnet restore", "", &[]),
        "there is no project in `/`"
    );
}
