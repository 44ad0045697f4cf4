//! What a person at a terminal sees. `script`, of Debian's base system, is the terminal.

use std::num::NonZeroU16;
use std::process::Command;
use tests::docker::Example;
use tests::project::Made;
use tests::tool::{binary_path, workspace_dir};

/// Runs a build of the example at a terminal of 100 columns and gives all that was drawn.
fn at_a_terminal(example: &Example, args: &str) -> String {
    let command = format!(
        "stty cols 100; {} build --file {} {args}",
        binary_path("build-orchestrator").display(),
        example.path("compose.yml").display(),
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(workspace_dir())
        .env("VERSION", example.version())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let drawn = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{drawn}");
    drawn
}

#[test]
fn a_person_sees_running_steps_and_then_tables() {
    let example = Example::new("terminal");
    let drawn = at_a_terminal(&example, "glossary");
    assert!(
        drawn.contains("[glossary] [deps 5/5] RUN sh scripts/install.sh"),
        "{drawn}"
    );
    assert!(drawn.contains("1 of 1 target built"), "{drawn}");
    assert!(
        !drawn.contains("{\"schema\""),
        "a person gets no JSON: {drawn}"
    );
    let table = drawn.split("Critical path").next().unwrap();
    let widest = table
        .lines()
        .filter(|line| line.starts_with('─'))
        .map(|l| l.trim_end().chars().count())
        .max();
    assert!(widest.unwrap() <= 100, "tables fit the terminal: {drawn}");
}

#[test]
fn verbose_lines_take_the_place_of_the_live_display() {
    let example = Example::new("verbose");
    let drawn = at_a_terminal(&example, "glossary --verbose");
    assert!(
        drawn.contains(" 1 [internal] load build definition"),
        "{drawn}"
    );
    assert!(drawn.contains("building on Docker Engine"), "{drawn}");
}

const TARGET_COUNT: usize = 20;

/// Twenty targets that run at the same time, with steps whose names are wide.
fn twenty() -> Made {
    let mut compose = "services:\n".to_owned();
    for number in 1..=TARGET_COUNT {
        let service = format!(
            "  t{number}:\n    image: NAME:t{number}\n    build: {{context: ., args: {{N: {number}}}}}\n"
        );
        compose.push_str(&service);
    }
    let wide = "0漢字".repeat(30);
    let dockerfile = format!(
        "FROM scratch\nCOPY busybox own /bin/\nARG N\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox sleep 8; : {wide}\"]\n"
    );
    Made::new(
        "twenty",
        &[
            ("compose.yml", &compose),
            ("Dockerfile", &dockerfile),
            ("own", "NAME"),
        ],
    )
}

/// What a terminal of this size showed: each line that ever was on it, at the end, and the most
/// steps that were shown at a time.
fn shown(made: &Made, rows: u16, columns: u16) -> (Vec<String>, usize, bool) {
    let command = format!(
        "stty rows {rows} cols {columns}; {} build --no-cache --parallel {TARGET_COUNT} > report.json",
        binary_path("build-orchestrator").display(),
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(made.dir())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let drawn = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{drawn}");

    let size = |count| NonZeroU16::new(count).unwrap();
    let mut terminal = vt100::Parser::new(size(rows), size(columns), 1000);
    let mut step_count_max = 0;
    let mut was_cut = false;
    for chunk in output
        .stdout
        .split_inclusive(|&byte| byte == b'\n' || byte == b'\r')
    {
        terminal.process(chunk);
        let screen = terminal.screen();
        let lines: Vec<String> = screen.rows(0, columns).collect();
        // What is wider goes on in a row of its own, as what is said above the display may.
        let pairs = lines.iter().zip(lines.iter().skip(1));
        let stray = pairs.filter(|(before, row)| !is_whole(row) && !before.starts_with("[t"));
        assert_eq!(stray.count(), 0, "wider than {columns}: {lines:#?}");
        let summaries = lines
            .iter()
            .filter(|line| line.contains("targets "))
            .count();
        assert!(summaries <= 1, "a frame was left: {lines:#?}");
        let steps = lines.iter().filter(|line| line.contains("] RUN ")).count();
        step_count_max = step_count_max.max(steps);
        was_cut |= lines
            .iter()
            .any(|line| line.contains(" more") && line.contains('…'));
    }
    let mut lines = Vec::new();
    for offset in (1..=terminal.screen().scrollback_len()).rev() {
        terminal.screen_mut().set_scrollback(offset);
        lines.extend(terminal.screen().rows(0, columns).next());
    }
    terminal.screen_mut().set_scrollback(0);
    lines.extend(terminal.screen().rows(0, columns));
    lines.retain(|line| !line.is_empty());
    (lines, step_count_max, was_cut)
}

/// Whether a row starts as the display's lines do: empty, with a time, with what is left out, or
/// with a target that has ended.
fn is_whole(row: &str) -> bool {
    let text = row.trim_start();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_timed = rest.starts_with("s [t") || rest.starts_with("s targets ");
    text.is_empty() || is_timed || text.starts_with("… and ") || row.starts_with("[t")
}

#[test]
fn twenty_steps_fit_every_terminal_and_leave_nothing_behind() {
    let made = twenty();
    for (rows, columns) in [(24, 80), (10, 40)] {
        let (lines, step_count_max, was_cut) = shown(&made, rows, columns);
        let seen = format!("{step_count_max} steps, cut: {was_cut}, at {columns}x{rows}");
        if rows == 24 {
            assert!(step_count_max > 10, "most run at the same time: {seen}");
        } else {
            // One row is the sum, one says how many there are more, and one is the cursor's. While
            // exactly eight run there is nothing more to say, and the row is theirs.
            assert!(matches!(step_count_max, 7 | 8) && was_cut, "{seen}");
        }
        let built = lines.iter().filter(|line| line.contains("] built after "));
        assert_eq!(built.count(), TARGET_COUNT, "{lines:#?}");
        let live = lines
            .iter()
            .filter(|line| is_whole(line) && !line.starts_with("[t"));
        assert_eq!(live.count(), 0, "{lines:#?}");
    }
}
