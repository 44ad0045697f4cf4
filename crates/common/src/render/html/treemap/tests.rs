//! What is drawn, what is said, and what is too small for either.

use super::*;
use crate::render::Tile;

fn tile(label: &str, size_bytes: u64, hatched_bytes: u64, children: Vec<Tile>) -> Tile {
    Tile {
        label: label.to_owned(),
        size_bytes,
        hatched_bytes,
        children,
    }
}

fn drawn(root: Tile) -> String {
    let treemap = Treemap {
        title: "Bytes of <app>".to_owned(),
        hatching: "wasted".to_owned(),
        root,
    };
    write(&treemap, "f")
}

#[track_caller]
fn assert_has(html: &str, part: &str) {
    assert!(html.contains(part), "{part}\n-- is not in\n{html}");
}

#[test]
fn areas_are_drawn_in_proportion_and_listed() {
    let library = tile("usr/lib", 300, 100, Vec::new());
    let html = drawn(tile(
        "app",
        400,
        100,
        vec![
            tile("b\"", 100, 0, Vec::new()),
            tile("usr", 300, 100, vec![library]),
        ],
    ));
    assert_has(&html, "<figcaption>Bytes of &lt;app&gt;. Areas are bytes; ");
    assert_has(
        &html,
        "aria-label=\"Bytes of &lt;app&gt; (app: 400 B, 100 B wasted); the",
    );
    // The larger one first: three quarters of 960 by 540.
    assert_has(
        &html,
        "<g class=\"g0\"><g><title>usr: 300 B, 100 B wasted</title>\
        <rect class=\"tile\" x=\"0.0\" y=\"0.0\" width=\"720.0\" height=\"540.0\"/>\
        <text x=\"4.0\" y=\"11.5\">usr</text>",
    );
    // Within it the library, without the start of its path, below the line with the label: 540 less
    // 14 above and 1.5 below. The lowest third of it is hatched.
    assert_has(
        &html,
        "<rect class=\"tile\" x=\"1.5\" y=\"14.0\" width=\"717.0\" height=\"524.5\"/>\
        <rect class=\"hatched\" x=\"1.5\" y=\"363.7\" width=\"717.0\" height=\"174.8\"/>\
        <text x=\"5.5\" y=\"25.5\">lib</text>",
    );
    assert_has(
        &html,
        "<li>usr: 300 B, 100 B wasted\n<ul>\n<li>usr/lib: 300 B, 100 B wasted</li>\n</ul>\n</li>\n\
        <li>b&quot;: 100 B</li>\n</ul>",
    );
    assert_eq!(
        html.matches("class=\"hatched\"").count(),
        2,
        "legend and library"
    );
}

#[test]
fn what_is_too_small_to_be_seen_is_counted() {
    let mut children = vec![tile("large", 1_000_000, 0, Vec::new())];
    children.extend((0..7).map(|index| tile(&format!("small{index}"), 2, 1, Vec::new())));
    let html = drawn(tile("all", 1_000_014, 7, children));
    assert_has(&html, "<li>7 more: 14 B, 7 B wasted</li>");
    assert!(!html.contains("small"), "{html}");
}

#[test]
fn what_has_no_tile_is_all_else() {
    let html = drawn(tile("all", 1000, 0, vec![tile("half", 500, 0, Vec::new())]));
    assert_has(&html, "<li>half: 500 B</li>\n<li>all else: 500 B</li>");
}

#[test]
fn numbers_that_cannot_be_are_drawn_somehow() {
    let most = || tile("most", u64::MAX, u64::MAX, Vec::new());
    let html = drawn(tile("all", 1, u64::MAX, vec![most(), most()]));
    assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
}

#[test]
fn a_label_is_cut_to_its_area() {
    let fit = |text, width| {
        fitting(
            text,
            Rectangle {
                width,
                height: 20.0,
                ..Rectangle::default()
            },
        )
    };
    // 8 for the margins, 7 a character.
    assert_eq!(fit("abcdef", 50.0).as_deref(), Some("abcdef"));
    assert_eq!(fit("abcdef", 49.0).as_deref(), Some("abcd…"));
    assert_eq!(fit("日本語文", 63.0).as_deref(), Some("日本…"));
    assert_eq!(fit("abcdef", 22.0), None);
    assert_eq!(fit("a", 20.0).as_deref(), Some("a"));
}
