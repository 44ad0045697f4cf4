//! Scripts, and the commands that are read of them.

use proptest::prelude::*;

use super::scan::scan;
use super::*;
use crate::model::sample::recipe;

fn read(run: &str) -> Option<Chain> {
    let recipe = recipe(&format!("FROM a\n{run}\n"));
    chain(&recipe, &recipe.dockerfile.stages[0].instructions[0])
}

fn texts(run: &str) -> Vec<String> {
    let chain = read(run).unwrap();
    chain.links.iter().map(Link::text).collect()
}

#[test]
fn commands_have_their_places_in_the_file() {
    let run =
        "RUN --network=none \\\n  # a comment\n\n  apk update ; apk \\\n    add 'a b' && true";
    let chain = read(run).unwrap();
    assert_eq!(chain.flags, ["--network=none"]);
    assert_eq!(chain.start(), Spot { line: 5, offset: 2 });
    let semicolon = Spot {
        line: 5,
        offset: 13,
    };
    assert_eq!(
        chain.links[0].separator,
        Some(Separator::Semicolon(semicolon))
    );
    assert_eq!(chain.links[1].text(), "apk add 'a b'");
    assert_eq!(chain.links[1].words[1].spot, Spot { line: 6, offset: 4 });
    assert_eq!(chain.links[1].separator, Some(Separator::And));
    assert!(!chain.is_plain());
}

#[test]
fn substitutions_and_quotes_are_parts_of_words() {
    let run = r#"RUN a "$(b "c" && d)" ${E:-f g} `h; i` && k\;l"#;
    let expected = [r#"a "$(b "c" && d)" ${E:-f g} `h; i`"#, r"k\;l"];
    assert_eq!(texts(run), expected);
    assert!(read(run).unwrap().is_plain());
}

#[test]
fn redirections_know_the_word_that_they_are_written_onto() {
    let chain = read("RUN apk add sqlite>3.38 2>&1 > /dev/null").unwrap();
    let found: Vec<_> = chain.links[0]
        .redirections
        .iter()
        .map(|r| {
            let onto = r.onto.as_ref().map(|word| word.text.as_str());
            (
                onto,
                r.operator.as_str(),
                r.target.text.as_str(),
                r.is_attached,
            )
        })
        .collect();
    let expected = [
        (Some("sqlite"), ">", "3.38", true),
        (None, ">&", "1", true),
        (None, ">", "/dev/null", false),
    ];
    assert_eq!(found, expected);
    assert_eq!(chain.links[0].text(), "apk add sqlite");
}

#[test]
fn what_is_no_list_of_simple_commands_is_refused() {
    for run in [
        "RUN if a; then b; fi",
        "RUN (a && b)",
        "RUN a & b",
        "RUN a # b",
        "RUN a && && b",
        "RUN a >",
        "RUN a 'b",
        "RUN [\"a\", \"b\"]",
        "RUN <<EOF\na\nEOF",
        "RUN a <<< b",
        "RUN { a; }",
        "RUN case a in b) c;; esac",
    ] {
        assert_eq!(read(run), None, "{run}");
    }
}

#[test]
fn another_escape_character_is_refused() {
    let recipe = recipe("# escape=`\nFROM a\nRUN dir c:\\\n");
    let at = &recipe.dockerfile.stages[0].instructions[0];
    assert_eq!(chain(&recipe, at), None);
}

proptest! {
    #[test]
    fn any_script_is_read_or_refused(script in "[a-z$(){}`'\"\\\\<>&|;#\n =]{0,60}") {
        if let Some(chain) = scan(&format!("RUN {script}").lines().collect::<Vec<_>>(), 1) {
            prop_assert!(!chain.links.is_empty());
        }
    }
}
