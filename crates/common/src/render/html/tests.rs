//! Small pages, looked at piece by piece.

use super::*;
use crate::render::{Bar, Table};

fn section(kind: &str, document: Document) -> Section {
    let input = Input {
        kind: "archive".to_owned(),
        id: "<b>.tar".to_owned(),
    };
    Section {
        title: format!("some-tool: {kind} report"),
        verdict: Verdict::Fail,
        created_at: "2026-11-25T12:00:00.000Z".to_owned(),
        id: "sha256:12".to_owned(),
        inputs: vec![input; 7],
        document,
    }
}

fn page(document: Document) -> String {
    write(&[section("test", document)])
}

#[track_caller]
fn assert_has(page: &str, part: &str) {
    assert!(page.contains(part), "{part}\n-- is not in\n{page}");
}

#[test]
fn one_report_is_the_page() {
    let page = page(Document::new().heading("A & B"));
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n"));
    assert!(page.ends_with("</script>\n</body>\n</html>\n"));
    assert_has(&page, "<title>some-tool: test report</title>");
    assert_has(&page, "<h1>some-tool: test report</h1>");
    assert_has(&page, "<h2 id=\"report-0-0\">A &amp; B</h2>");
    assert_has(
        &page,
        "<span class=\"bad\"><span role=\"img\" aria-label=\"bad\">✗</span> fail",
    );
    assert_has(&page, "archive <code>&lt;b&gt;.tar</code><br>2 more</dd>");
    assert!(!page.contains("<nav"), "one heading needs no list of them");
}

#[test]
fn several_reports_are_sections_of_one_page_with_links() {
    let document = || Document::new().heading("Part");
    let page = write(&[section("build", document()), section("test", document())]);
    assert_eq!(page.matches("<h1").count(), 1);
    assert_has(&page, "<h1>2 reports</h1>");
    assert_has(&page, "<a href=\"#report-1\">some-tool: test report</a>");
    assert_has(
        &page,
        "<article id=\"report-1\">\n<h2>some-tool: test report</h2>",
    );
    assert_has(&page, "<h3 id=\"report-1-0\">Part</h3>");
}

#[test]
fn many_headings_are_listed_at_the_top() {
    let names = ["a", "b", "c", "d"];
    let document = names.into_iter().fold(Document::new(), Document::heading);
    assert_has(&page(document), "<li><a href=\"#report-0-3\">d</a></li>");
}

#[test]
fn a_table_has_scopes_a_caption_aligned_numbers_and_values_to_sort_by() {
    let mut table = Table::new(["Path", "Size#"]);
    let bar = Bar {
        length: 1500,
        hatched: 500,
        whole: 2000,
    };
    table.row(["a".into(), Cell::from("1.50 kB").with_bar(bar)]);
    table.row(["<b>".into(), Cell::toned("-", Tone::Warning)]);
    let page = page(Document::new().heading("Files").table(table));
    assert_has(
        &page,
        "role=\"region\" tabindex=\"0\" aria-labelledby=\"report-0-1\"",
    );
    assert_has(
        &page,
        "<caption id=\"report-0-1\" class=\"unseen\">Files: Path</caption>",
    );
    assert_has(
        &page,
        "<tr><th scope=\"col\">Path</th><th scope=\"col\" class=\"number\">Size</th></tr>",
    );
    assert_has(
        &page,
        "<tr><th scope=\"row\">a</th><td class=\"number\" data-value=\"1500\">1.50 kB<svg",
    );
    // Three quarters long, of which the last third.
    assert_has(&page, "class=\"live\" width=\"75.0%\"");
    assert_has(&page, "class=\"hatched\" x=\"50.0%\" width=\"25.0%\"");
    assert_has(
        &page,
        "<th scope=\"row\">&lt;b&gt;</th><td class=\"number\"><span class=\"warning\">\
        <span role=\"img\" aria-label=\"warning\">▲</span> -</span></td>",
    );
}

#[test]
fn the_policy_lets_run_what_is_on_the_page_and_nothing_else() {
    let page = page(Document::new());
    let between = |start: &str, end: &str| {
        let (_, rest) = page.split_once(start).unwrap();
        rest.split_once(end).unwrap().0
    };
    let policy = between("Content-Security-Policy\" content=\"", "\"");
    let (style, script) = (
        between("<style>", "</style>"),
        between("<script>", "</script>"),
    );
    let expected = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script)
    );
    assert_eq!(policy, expected);
    // `printf abc | openssl dgst -sha256 -binary | base64`
    assert_eq!(
        hash("abc"),
        "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
    );
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!script.contains("</") && !script.contains("<!--"));
}
