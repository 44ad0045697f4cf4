//! Tests of what is found, and of what is not because someone may need the copies.

use super::super::sample::{check_recipe, context_of, mended};
use super::*;
use crate::model::recipe::Recipe;
use crate::model::sample::recipe;

const FILES: [(&str, &str); 6] = [
    ("go.mod", "module x"),
    ("go.sum", ""),
    ("web/package.json", "{}"),
    ("web/package-lock.json", "{}"),
    ("requirements.txt", "flask"),
    ("src/main.go", ""),
];

fn lines(text: &str) -> Vec<u32> {
    let recipe = Recipe {
        context: context_of(&FILES),
        ..recipe(text)
    };
    let found = check_recipe(check, &recipe, &[]);
    found.iter().map(|found| found.line).collect()
}

#[test]
fn what_is_copied_again_right_after_is_mounted() {
    let text = "\
FROM golang AS build
WORKDIR /src
# what go mod download needs
COPY go.mod go.sum ./
RUN go mod download
ENV CGO_ENABLED=0
COPY . .
RUN go build -o /app
FROM scratch
COPY --from=build /app /app
";
    let expected = "\
FROM golang AS build
WORKDIR /src
# what go mod download needs
RUN --mount=type=bind,source=go.mod,target=go.mod \\
    --mount=type=bind,source=go.sum,target=go.sum \\
    go mod download
ENV CGO_ENABLED=0
COPY . .
RUN go build -o /app
FROM scratch
COPY --from=build /app /app
";
    assert_eq!(mended(check, text, &FILES), expected);
    assert_eq!(lines(text), [4]);
}

#[test]
fn what_never_leaves_its_stage_is_mounted() {
    let text = "\
FROM python AS build
WORKDIR /src
COPY requirements.txt .
RUN pip install --user -r requirements.txt
FROM python
COPY --from=build /root/.local /root/.local
";
    let expected = text.replace("COPY requirements.txt .\n", "").replace(
        "RUN pip",
        "RUN --mount=type=bind,source=requirements.txt,target=requirements.txt pip",
    );
    assert_eq!(mended(check, text, &FILES), expected);
}

#[test]
fn several_copies_before_one_install_go_together() {
    let text = "\
FROM node AS web
WORKDIR /web
COPY web/package.json ./
COPY ./web/package-lock.json ./package-lock.json
RUN npm ci
FROM nginx
COPY --from=web /web/node_modules /node_modules
";
    let expected = text
        .replace(
            "COPY web/package.json ./\nCOPY ./web/package-lock.json ./package-lock.json\n",
            "",
        )
        .replace(
            "RUN npm",
            "RUN --mount=type=bind,source=web/package.json,target=package.json \\\n    \
             --mount=type=bind,source=web/package-lock.json,target=package-lock.json \\\n    npm",
        );
    assert_eq!(mended(check, text, &FILES), expected);
}

#[test]
fn copies_that_something_else_may_need_stay() {
    for rest in [
        // Nothing copies them again, and this is the image.
        "COPY requirements.txt .\nRUN pip install -r requirements.txt",
        "COPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY src/ src/",
        "COPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . /other",
        "COPY requirements.txt .\nRUN pip install -r requirements.txt\nRUN cat requirements.txt\nCOPY . .",
        // It may write to them, or do more.
        "COPY go.mod go.sum ./\nRUN go mod tidy\nCOPY . .",
        "COPY go.mod go.sum ./\nRUN go mod download && make\nCOPY . .",
        "COPY requirements.txt .\nRUN pip install -r requirements.txt .\nCOPY . .",
        // It does not read them all.
        "COPY go.mod go.sum requirements.txt ./\nRUN go mod download\nCOPY . .",
        // They are not where the install looks, or not known.
        "COPY go.mod go.sum /elsewhere/\nRUN go mod download\nCOPY . .",
        "COPY go.* ./\nRUN go mod download\nCOPY . .",
        "COPY go.mod missing.sum ./\nRUN go mod download\nCOPY . .",
        "COPY --chown=1000 go.mod go.sum ./\nRUN go mod download\nCOPY . .",
        "COPY src/ ./\nRUN go mod download\nCOPY . .",
    ] {
        let text = format!("FROM a\nWORKDIR /src\n{rest}\n");
        assert_eq!(lines(&text), [] as [u32; 0], "{rest}");
    }
}

#[test]
fn a_stage_that_others_take_wholly_or_go_on_from_keeps_them() {
    for end in [
        "FROM a\nCOPY --from=build /src /src",
        "FROM a\nCOPY --from=build / /",
        "FROM a\nCOPY --from=build /s* /x",
        "FROM build\nRUN cat requirements.txt",
        "FROM a\nRUN --mount=from=build,target=/b cp /b/src/requirements.txt .",
        "FROM a\nRUN true",
    ] {
        let text = format!(
            "FROM a AS build\nWORKDIR /src\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n{end}\n"
        );
        assert_eq!(lines(&text), [] as [u32; 0], "{end}");
    }
}

#[test]
fn a_folder_that_only_the_copy_makes_keeps_it() {
    let text = "FROM golang\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\n";
    assert_eq!(lines(text), [] as [u32; 0]);
}
