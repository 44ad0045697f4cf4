//! Tests of chains and of changes within them.

use common::dockerfile::Instruction;
use proptest::prelude::*;

use super::*;
use crate::analysis::patch::patched;

fn parsed(text: &str) -> (Instruction, char) {
    let dockerfile = common::dockerfile::parse(text).unwrap();
    let escape = dockerfile.escape;
    (
        dockerfile.stages[0].instructions.last().unwrap().clone(),
        escape,
    )
}

fn source(run: &str) -> RunSource {
    let text = format!("FROM a\n{run}\n");
    let (instruction, escape) = parsed(&text);
    RunSource::new(&text, &instruction, escape).unwrap()
}

fn programs(run: &str) -> Option<Vec<String>> {
    let links = source(run).chain()?.into_iter();
    Some(links.map(|link| link.command.program).collect())
}

/// The text after changes.
fn changed(run: &str, change: impl Fn(&RunSource, &[Link]) -> Change) -> String {
    let source = source(run);
    let links = source.chain().unwrap_or_default();
    let edit = source.edit(vec![change(&source, &links)]).unwrap();
    edit.lines.join("\n")
}

fn without_link(run: &str, index: usize) -> String {
    changed(run, |source, links| {
        source.remove_link(links, index).unwrap()
    })
}

#[test]
fn a_chain_is_read_over_lines_comments_and_flags() {
    let run = "RUN --mount=type=cache,target=/c \\\n  # why\n  a -x 'b && c' \\\n\n  && A=1 d > /e 2>&1 &&f";
    assert_eq!(programs(run).unwrap(), ["a", "d", "f"]);
}

#[test]
fn what_is_more_than_a_chain_is_none() {
    for run in [
        "RUN a; b",
        "RUN a || b",
        "RUN a | b",
        "RUN a & b",
        "RUN (a && b)",
        "RUN a $(b)",
        "RUN a \"$(b)\"",
        "RUN a `b`",
        "RUN if a && b",
        "RUN ! a && b",
        "RUN { a && b",
        "RUN a && # b",
        "RUN a 'b",
        "RUN [\"a\", \"b\"]",
        "RUN <<EOF\na\nEOF",
        "RUN a &&",
    ] {
        assert_eq!(programs(run), None, "{run}");
    }
}

#[test]
fn a_flag_goes_before_all_others() {
    let one = |run| changed(run, |source, _| source.insert_flags(&["--f".to_owned()]));
    assert_eq!(one("RUN a b"), "RUN --f a b");
    assert_eq!(one("  run  a \\\n b"), "  run --f a \\\n b");
    assert_eq!(one("RUN \\\n    a"), "RUN --f \\\n    a");
    let two = changed("RUN --g a", |source, _| {
        source.insert_flags(&["--e".to_owned(), "--f".to_owned()])
    });
    assert_eq!(two, "RUN --e \\\n    --f \\\n    --g a");
}

#[test]
fn a_command_is_taken_out_wherever_it_stands() {
    let run = "RUN a x \\\n && b \\\n && c";
    assert_eq!(without_link(run, 0), "RUN b \\\n && c");
    assert_eq!(without_link(run, 1), "RUN a x \\\n && c");
    assert_eq!(without_link(run, 2), "RUN a x \\\n && b");
    let trailing = "RUN a && \\\n    b && \\\n    c";
    assert_eq!(without_link(trailing, 1), "RUN a && \\\n    c");
    assert_eq!(without_link(trailing, 2), "RUN a && \\\n    b");
}

#[test]
fn comments_outlive_the_command_after_them() {
    let run = "RUN a \\\n # why b\n && b \\\n && c";
    assert_eq!(without_link(run, 1), "RUN a \\\n # why b\n && c");
    let last = "RUN a \\\n # why b\n && b";
    assert_eq!(without_link(last, 1), "RUN a\n # why b");
}

#[test]
fn an_argument_is_taken_out_with_the_blanks_before_it() {
    let without = |run, index| {
        changed(run, |source, links| {
            RunSource::remove_argument(&links[0], index, source).unwrap()
        })
    };
    assert_eq!(without("RUN pip  install -n x", 1), "RUN pip  install x");
    assert_eq!(
        without("RUN pip \\\n  -n \\\n  install", 0),
        "RUN pip \\\n  install"
    );
    let commented = source("RUN a b \\\n # why\n  -n c");
    let links = commented.chain().unwrap();
    assert_eq!(RunSource::remove_argument(&links[0], 1, &commented), None);
}

#[test]
fn the_escape_directive_decides_what_continues_a_line() {
    let text = "# escape=`\nFROM a\nRUN a `\n  && b\n";
    let (instruction, escape) = parsed(text);
    let source = RunSource::new(text, &instruction, escape).unwrap();
    let links = source.chain().unwrap();
    assert_eq!(links.len(), 2);
    let flags = ["--e".to_owned(), "--f".to_owned()];
    let changes = vec![
        source.insert_flags(&flags),
        source.remove_link(&links, 1).unwrap(),
    ];
    let edit = source.edit(changes).unwrap();
    assert_eq!(edit.lines, ["RUN --e `", "    --f `", "    a"]);
}

#[test]
fn an_edit_replaces_the_lines_of_the_run_alone() {
    let text = "FROM a\nRUN x \\\n  && y\nRUN z\n";
    let dockerfile = common::dockerfile::parse(text).unwrap();
    let run = &dockerfile.stages[0].instructions[0];
    let source = RunSource::new(text, run, '\\').unwrap();
    let links = source.chain().unwrap();
    let edit = source
        .edit(vec![source.remove_link(&links, 1).unwrap()])
        .unwrap();
    assert_eq!(patched(text, [&edit]).unwrap(), "FROM a\nRUN x\nRUN z\n");
}

proptest! {
    #[test]
    fn any_script_is_a_chain_or_none(script in "[a-z$()`'\"\\\\<>&|;# \n=é-]{0,40}") {
        let text = format!("RUN {script}");
        for escape in ['\\', '`'] {
            for link in scan::chain(&text, 3, escape).unwrap_or_default() {
                prop_assert!(text.get(link.range.clone()).is_some());
            }
        }
    }
}
