//! HTML pages, read by a browser's parser: whole, without the network, and true to the report.

use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};
use tests::tool::{Tool, workspace_dir};

/// Each kind, the tool that shows it, and cells that its page has to have.
const KINDS: [(&str, &str, &[&str]); 5] = [
    ("build", "build-orchestrator", &["3.40 s"]),
    ("plan", "build-orchestrator", &["runtime"]),
    (
        "layer",
        "layer-analyzer",
        &["1.00 kB", "2.00 kB", "COPY a /a", "Dockerfile:2"],
    ),
    (
        "cache",
        "cache-optimizer",
        &["25.0 %", "3.30 s", "RUN make", "Dockerfile:3"],
    ),
    ("test", "test-aggregator", &["outer > inner", "1.50 s"]),
];

/// A text that is dangerous in every place of a page, and how a page shows it.
const HOSTILE: &str = "</title></script><script>alert(1)</script><img src=x onerror=\"a\" 'b&lt;\u{1b}[31m\0\u{202e}é";
const SHOWN: &str = "</title></script><script>alert(1)</script><img src=x onerror=\"a\" \
     'b&lt;\\u{1b}[31m\\u{0}\\u{202e}é";

fn fixture(kind: &str) -> Value {
    let path = workspace_dir().join(format!("tests/fixtures/reports/v1/{kind}.json"));
    serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn rendered(tool: &str, reports: &[Value]) -> String {
    let lines: Vec<String> = reports.iter().map(|report| format!("{report}\n")).collect();
    let run = Tool::new(tool).args("render --format html");
    run.stdin(lines.concat()).run().expect_exit(0)
}

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let elements = select(page, selector).into_iter();
    elements.map(|element| element.text().collect()).collect()
}

/// Parses a page, and asserts what is true of every page.
#[track_caller]
fn parsed(text: &str) -> Html {
    let page = Html::parse_document(text);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    for element in select(&page, "*") {
        for (name, value) in element.value().attrs() {
            assert!(!name.starts_with("on"), "an event handler: {name}={value}");
            assert_ne!(name, "style", "the policy allows no such attribute");
            if matches!(name, "href" | "src" | "action" | "srcset" | "xlink:href") {
                assert!(value.starts_with('#'), "leads outside: {value}");
            }
        }
    }
    for name in ["link", "iframe", "object", "embed", "base", "form", "img"] {
        assert!(select(&page, name).is_empty(), "{name}");
    }
    assert!(!text.contains("http:") && !text.contains("https:"));
    assert_eq!(select(&page, "script").len(), 1);
    assert_eq!(select(&page, "h1").len(), 1);
    let policies = select(&page, "meta[http-equiv=Content-Security-Policy]");
    let policy = policies[0].value().attr("content").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    let ids: Vec<_> = select(&page, "[id]")
        .iter()
        .map(|it| it.value().id())
        .collect();
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "ids name one element each");
    for table in select(&page, "table") {
        let of_table = |selector| table.select(&Selector::parse(selector).unwrap()).count();
        assert_eq!(of_table("caption"), 1);
        let columns = of_table("thead th[scope=col]");
        let rows = of_table("tbody tr");
        assert_eq!(of_table("tbody th[scope=row]"), rows);
        assert_eq!(of_table("tbody td"), rows * (columns - 1));
    }
    page
}

#[test]
fn every_kind_is_a_page_of_its_own_with_the_reports_figures() {
    for (kind, tool, figures) in KINDS {
        let page = parsed(&rendered(tool, &[fixture(kind)]));
        let title = format!("{tool}: {kind} report");
        assert_eq!(texts(&page, "head > title"), [title.as_str()]);
        assert_eq!(texts(&page, "h1"), [title.as_str()]);
        let cells = texts(&page, "td, tbody th");
        for figure in figures {
            let has = |cell: &String| cell.trim_start_matches(['✓', '▲', '✗', ' ']) == *figure;
            assert!(cells.iter().any(has), "{kind}: {figure} in {cells:?}");
        }
        let verdict = fixture(kind)["verdict"].as_str().unwrap().to_owned();
        assert!(texts(&page, "dd")[0].ends_with(&verdict), "{kind}");
    }
}

/// Puts a text in the place of every text of a report that does not have to be one of a few.
fn replace_texts(value: &mut Value, text: &str) {
    const FREE: [&str; 14] = [
        "name",
        "path",
        "message",
        "advice",
        "instruction",
        "text",
        "details",
        "suite",
        "rule",
        "subject",
        "stage",
        "step",
        "class_name",
        "error",
    ];
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(old) if FREE.contains(&name.as_str()) => {
                        text.clone_into(old);
                    }
                    field => replace_texts(field, text),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace_texts(item, text)),
        _ => {}
    }
}

#[test]
fn hostile_names_come_out_as_text_everywhere() {
    for (kind, tool, _) in KINDS {
        let mut report = fixture(kind);
        replace_texts(&mut report, HOSTILE);
        let text = rendered(tool, &[report]);
        let page = parsed(&text);
        let shown = texts(&page, "body").concat();
        assert!(shown.contains(SHOWN), "{kind}:\n{shown}");
        let raw = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n' && c != '\t');
        assert!(!text.contains(raw), "{kind} has a control character");
    }
}

#[test]
fn several_reports_are_one_page() {
    let text = rendered("build-orchestrator", &[fixture("build"), fixture("plan")]);
    let page = parsed(&text);
    assert_eq!(texts(&page, "h1"), ["2 reports"]);
    let expected = [
        "build-orchestrator: plan report",
        "build-orchestrator: build report",
    ];
    assert_eq!(texts(&page, "article > h2"), expected);
    assert_eq!(texts(&page, "nav a"), expected);
}

#[test]
fn a_layers_largest_directories_and_files_are_areas() {
    let mut report = fixture("layer");
    let layers = &mut report["data"]["images"][0]["layers"];
    layers[1]["directories"] = json!([
        { "path": HOSTILE, "size_bytes": 1500, "wasted_bytes": 0, "file_count": 1 }
    ]);
    layers[0]["largest_files"][0]["wasted"] = json!(true);
    let page = parsed(&rendered("layer-analyzer", &[report]));
    // 3,000 bytes on 960 by 540: the second layer has two thirds of it.
    let area = |tile: &ElementRef| -> f64 {
        let side = |name| tile.value().attr(name).unwrap().parse::<f64>().unwrap();
        side("width") * side("height")
    };
    let tiles = select(&page, "figure > svg > g > g > .tile");
    let areas: Vec<f64> = tiles.iter().map(area).collect();
    assert_eq!(areas, [345_600.0, 172_800.0]);
    let titles = texts(&page, "figure g title");
    let expected = [
        "layer 1: 2.00 kB".to_owned(),
        // As much as is left; the file of the same size is larger than that.
        "a: 2.00 kB".to_owned(),
        format!("{SHOWN}: 1.50 kB"),
        "layer 0: COPY a /a: 1.00 kB, 1.00 kB wasted".to_owned(),
        "a: 1.00 kB, 1.00 kB wasted".to_owned(),
    ];
    assert_eq!(titles, expected);
    assert_eq!(select(&page, "figure g .hatched").len(), 1);
    let listed = texts(&page, "figure > details > ul > li");
    assert_eq!(listed.len(), 2, "the same as a list");
}

#[test]
fn a_page_grows_with_the_layers_and_not_with_their_entries() {
    // As many layers as an Engine allows, each with as much as is listed of any number of files.
    let mut report = fixture("layer");
    let mut layer = report["data"]["images"][0]["layers"][0].clone();
    let path =
        |name: &str, index: u32| format!("usr/lib/{name}-with-a-name-of-usual-length-{index}");
    let directories = (0..30).map(|index| {
        let size_bytes = 100_000 + index;
        json!({ "path": path("folder", index), "size_bytes": size_bytes, "wasted_bytes": 1, "file_count": 9 })
    });
    let files = (0..10).map(|index| {
        let path = path(&path("folder", index), index);
        json!({ "path": path, "size_bytes": 50_000 + index, "change": "added", "wasted": true })
    });
    layer["directories"] = directories.collect();
    layer["largest_files"] = files.collect();
    layer["size_bytes"] = json!(4_000_000);
    report["data"]["images"][0]["layers"] = vec![layer; 127].into();
    report["data"]["images"][0]["size_bytes"] = json!(127 * 4_000_000);
    let text = rendered("layer-analyzer", &[report]);
    assert!(text.len() < 2_000_000, "{} bytes", text.len());
}
