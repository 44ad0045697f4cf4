//! Copies that are narrowed, and why others are not.

use super::super::sample::{check_recipe, context_of, found, mended, withheld};
use super::*;
use crate::model::recipe::Recipe;
use crate::model::sample::recipe;

/// After atsea.
const ATSEA: &str = "\
FROM node:20 AS storefront
WORKDIR /usr/src/atsea/app/react-app
COPY react-app/package.json .
RUN npm install
COPY . /usr/src/atsea/app
RUN npm run build

FROM openjdk:21
WORKDIR /static
COPY --from=storefront /usr/src/atsea/app/react-app/build/ .
";

const FILES: [(&str, &str); 4] = [
    ("pom.xml", "<project/>"),
    ("react-app/package.json", "{}"),
    ("react-app/src/index.js", "1"),
    ("src/main/java/App.java", "class App {}"),
];

#[test]
fn a_copy_is_narrowed_to_the_folder_that_the_steps_work_in() {
    let after = mended(check, ATSEA, &FILES);
    let expected = ATSEA.replace(
        "COPY . /usr/src/atsea/app",
        "COPY react-app /usr/src/atsea/app/react-app",
    );
    assert_eq!(after, expected);
}

#[test]
fn the_finding_says_what_it_costs() {
    let recipe = Recipe {
        context: context_of(&FILES),
        ..recipe(ATSEA)
    };
    let found = check_recipe(check, &recipe, &[(6, 8000)]);
    assert_eq!(found.len(), 1);
    let message = "`COPY . /usr/src/atsea/app` takes all of the context, but the steps after it work in \
                   `react-app` alone: 22 B besides run them again";
    assert_eq!((found[0].line, found[0].message.as_str()), (5, message));
    assert_eq!(
        (found[0].saved_ms, found[0].saved_bytes),
        (Some(8000), Some(22))
    );
}

#[test]
fn flags_and_a_relative_destination_are_kept() {
    let text = "FROM golang AS b\nWORKDIR /src\n  copy  --chown=1 .   .\nRUN cd api && go build -o /out/api\n\
                FROM scratch\nCOPY --from=b /out/api /api\n";
    let files = [
        ("api/go.mod", "module a"),
        ("api/a.go", "package a"),
        ("web/a.js", "1"),
    ];
    let after = mended(check, text, &files);
    assert_eq!(after, text.replace(" .   .", " api api"));
}

#[test]
fn without_a_proof_there_is_no_patch() {
    let with = |extra: &'static [(&'static str, &'static str)]| {
        let files: Vec<_> = FILES.iter().chain(extra).copied().collect();
        withheld(check, ATSEA, &files)
    };
    assert_eq!(
        with(&[("tsconfig.json", "{}")]),
        ["`tsconfig.json` is outside of it, and Node could read it"]
    );
    assert_eq!(
        with(&[("shared/a.ts", "1")]),
        ["`shared/a.ts` is outside of it, and Node could read it"]
    );
    assert_eq!(
        with(&[("react-app/b/package.json", "{\"a\": \"file:../../lib\"}")]),
        ["`react-app/b/package.json` names something above its folder"]
    );
    let script = ATSEA.replace("npm run build", "npm run build -- --out ../x");
    assert_eq!(
        withheld(check, &script, &FILES),
        ["a command names a path that may be outside of it"]
    );
    let python = ATSEA.replace("npm run build", "python3 setup.py build");
    assert_eq!(
        withheld(check, &python, &FILES),
        ["what the tools of python read outside of it is not known"]
    );
    let split = ATSEA.replace("COPY . /", "COPY . \\\n  /");
    assert_eq!(
        withheld(check, &split, &FILES),
        ["it is written over several lines, or as a list"]
    );
}

#[test]
fn a_stage_that_may_use_the_rest_is_left_alone() {
    let files = |text: &str| {
        let recipe = Recipe {
            context: context_of(&FILES),
            ..recipe(text)
        };
        check_recipe(check, &recipe, &[]).len()
    };
    assert_eq!(files(ATSEA), 1);
    for (from, to) in [
        // Another step works elsewhere, or what it does is not known.
        (
            "RUN npm run build",
            "RUN npm run build && cd .. && mvn package",
        ),
        ("RUN npm run build", "RUN npm run build\nRUN make"),
        // What is outside of it is copied on.
        ("app/react-app/build/", "app/"),
        ("app/react-app/build/", "app/pom.xml"),
        // It is the image, or one on top of it is.
        ("FROM openjdk:21", "FROM storefront"),
        (
            "WORKDIR /static\n",
            "RUN --mount=from=storefront,target=/s cp -r /s/usr /\n",
        ),
    ] {
        assert_eq!(files(&ATSEA.replace(from, to)), 0, "{to}");
    }
    assert!(found(check, ATSEA).is_empty());
}

#[test]
fn the_exec_form_and_here_documents_are_read_and_another_escape_is_kept() {
    let exec = ATSEA.replace("RUN npm run build", "RUN [\"npm\", \"run\", \"build\"]");
    assert!(mended(check, &exec, &FILES).contains("COPY react-app /usr"));
    let here = ATSEA.replace("RUN npm run build", "RUN <<EOF\nset -e\nnpm run build\nEOF");
    assert!(mended(check, &here, &FILES).contains("COPY react-app /usr"));
    let other = ATSEA.replace("RUN npm run build", "RUN <<EOF\nmake\nEOF");
    assert_eq!(mended(check, &other, &FILES), other);
    let escape = format!(
        "# escape=`\n{}",
        ATSEA.replace("npm run build", "npm run `\n  build")
    );
    assert!(mended(check, &escape, &FILES).contains("COPY react-app /usr"));
}
