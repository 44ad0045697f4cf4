//! From text to stages and instructions.
//!
//! Written by hand, after BuildKit's own parser. The crate `parse-dockerfile` 0.1.9 was tried
//! first: it refuses here-documents after other words (`RUN cat <<EOF > f`), and stages that share
//! a name, both of which BuildKit builds; and it leaves the words of `ARG` and `ENV` unsplit.
//! What only a builder can judge (bad flags, missing arguments of `RUN`) is not refused here.
//! Source: <https://github.com/moby/buildkit/tree/master/frontend/dockerfile/parser>

use super::detail::detail;
use super::statement::{Statement, read_statements};
use super::words::split_flags;
use super::{Detail, Dockerfile, DockerfileError, Stage};

/// Parses a Dockerfile.
///
/// Quotes and escapes in the values of flags are taken off; all other words are left as written.
///
/// # Errors
///
/// The text is not a Dockerfile; the error names line and column.
pub fn parse(text: &str) -> Result<Dockerfile, DockerfileError> {
    let source = read_statements(text)?;
    let mut dockerfile = Dockerfile {
        syntax: source.syntax,
        escape: source.escape,
        global_args: Vec::new(),
        stages: Vec::new(),
    };
    for statement in &source.statements {
        add(&mut dockerfile, statement)?;
    }
    if dockerfile.stages.is_empty() {
        return Err(without_stages(source.statements.last()));
    }
    Ok(dockerfile)
}

fn add(dockerfile: &mut Dockerfile, statement: &Statement) -> Result<(), DockerfileError> {
    let escape = dockerfile.escape;
    if statement.keyword == "FROM" {
        dockerfile.stages.push(stage(statement, escape)?);
        return Ok(());
    }
    let instruction = statement.instruction(detail(statement, escape)?);
    match (dockerfile.stages.last_mut(), instruction.detail) {
        (Some(stage), detail) => stage.instructions.push(super::Instruction {
            detail,
            ..instruction
        }),
        (None, Detail::Arg(args)) => dockerfile.global_args.extend(args),
        (None, _) => {
            let keyword = &statement.keyword;
            return Err(statement.error(format!("`{keyword}` stands before the first `FROM`")));
        }
    }
    Ok(())
}

fn stage(statement: &Statement, escape: char) -> Result<Stage, DockerfileError> {
    let (flags, rest) = split_flags(&statement.arguments, escape);
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (base, name) = match words[..] {
        [base] => (base, None),
        [base, keyword, name] if keyword.eq_ignore_ascii_case("AS") => (base, Some(name)),
        _ => {
            return Err(
                statement.error("`FROM` takes an image, and may name it: `FROM image AS name`")
            );
        }
    };
    if let Some(name) = name.filter(|name| !is_stage_name(name)) {
        return Err(statement.error(format!(
            "`{name}` cannot name a stage: a name starts with a letter and holds letters, digits, `-`, `_` and `.`"
        )));
    }
    let platform = flags.into_iter().find(|flag| flag.name == "platform");
    Ok(Stage {
        name: name.map(str::to_owned),
        base: base.to_owned(),
        platform: platform.and_then(|flag| flag.value),
        line: statement.line,
        instructions: Vec::new(),
    })
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn without_stages(last: Option<&Statement>) -> DockerfileError {
    match last {
        Some(statement) => statement.error("there is no `FROM`"),
        None => DockerfileError {
            line: 1,
            column: 1,
            message: "there are no instructions".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ArgDeclaration, Copy, Instruction, Run};
    use super::*;
    use proptest::prelude::*;

    fn instructions(body: &str) -> Vec<Instruction> {
        let text = format!("FROM a\n{body}");
        parse(&text).unwrap().stages.remove(0).instructions
    }

    fn keywords(body: &str) -> Vec<(String, u32, u32)> {
        let place = |i: Instruction| (i.keyword, i.line, i.end_line);
        instructions(body).into_iter().map(place).collect()
    }

    fn run(body: &str) -> Run {
        match instructions(body).remove(0).detail {
            Detail::Run(run) => run,
            other => panic!("not a `RUN`: {other:?}"),
        }
    }

    fn copy(body: &str) -> Copy {
        match instructions(body).remove(0).detail {
            Detail::Copy(copy) | Detail::Add(copy) => copy,
            other => panic!("not a `COPY`: {other:?}"),
        }
    }

    fn error(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn what_follows_a_here_document_is_an_instruction_of_its_own() {
        let cases = [
            "RUN <<EOF\necho\nEOF\nUSER x\n",
            "RUN <<-\\EOF\n\techo\n\tEOF\nUSER x\n",
            "RUN cat <<'EOF' > f\n$x\nEOF\nUSER x\n",
            "RUN python3 3<<\"EOF\" && :\nprint()\nEOF\nUSER x\n",
            "COPY <<EOF /x\nEOF2\nEOF\nUSER x\n",
            "RUN <<EOF\r\necho\r\nEOF\r\nUSER x\r\n",
        ];
        for body in cases {
            let expected = [("RUN", 2, 4), ("USER", 5, 5)];
            let found = keywords(body);
            for ((keyword, line, end_line), (_, first, last)) in found.iter().zip(expected) {
                assert_eq!((*line, *end_line), (first, last), "{keyword} of {body:?}");
            }
            assert_eq!(found[1].0, "USER", "{body:?}");
        }
    }

    #[test]
    fn a_comment_may_follow_a_here_document() {
        let found = keywords("COPY <<A <<B /x/\nhi\nA\nho\nB\n# c\n\nRUN x\n");
        assert_eq!(found, [("COPY".to_owned(), 2, 6), ("RUN".to_owned(), 9, 9)]);
    }

    #[test]
    fn shifts_and_here_strings_are_no_here_documents() {
        let body = "RUN echo $((1<<2)) '<<A' && cat <<<EOF\nUSER x\n";
        assert_eq!(keywords(body).len(), 2);
    }

    #[test]
    fn a_here_document_without_end_is_refused() {
        assert_eq!(
            error("FROM a\n  RUN <<EOF\nhi\n"),
            "line 2, column 3: the here-document `EOF` has no end"
        );
    }

    #[test]
    fn a_command_includes_the_bodies_of_its_here_documents() {
        assert_eq!(run("RUN sh <<EOF\na\nb\nEOF\n").command, "sh <<EOF\na\nb\n");
    }

    #[test]
    fn comments_and_blank_lines_within_an_instruction_are_left_out() {
        let body = "RUN a && \\\n  # c \\\n\n  b && \\  \n# d\n  c\nUSER x\n";
        let found = instructions(body);
        assert_eq!(found[0].text, "RUN a && b && c");
        assert_eq!((found[0].line, found[0].end_line), (2, 7));
        assert_eq!(found[1].keyword, "USER");
    }

    #[test]
    fn an_escaped_escape_does_not_continue_a_line() {
        assert_eq!(keywords("RUN dir C:\\\\\nUSER x\n").len(), 2);
    }

    #[test]
    fn directives_come_in_any_order() {
        let text = "# Escape=`\n#syntax = docker/dockerfile:1\nFROM a\nRUN dir `\n c:\\\nUSER x\n";
        let dockerfile = parse(text).unwrap();
        assert_eq!(dockerfile.escape, '`');
        assert_eq!(dockerfile.syntax.as_deref(), Some("docker/dockerfile:1"));
        assert_eq!(dockerfile.stages[0].instructions.len(), 2);
    }

    #[test]
    fn a_directive_after_a_comment_is_a_comment() {
        let dockerfile = parse("# hello\n# escape=`\nFROM a\n").unwrap();
        assert_eq!(dockerfile.escape, '\\');
    }

    #[test]
    fn a_stage_has_base_platform_name_and_line() {
        let text =
            "\u{feff}ARG V=\"1 2\" W\nfrom --platform=$BUILDPLATFORM img:$V as Name\nFROM Name\n";
        let dockerfile = parse(text).unwrap();
        let global = |name: &str, default: Option<&str>| ArgDeclaration {
            name: name.to_owned(),
            default: default.map(str::to_owned),
            line: 1,
        };
        assert_eq!(
            dockerfile.global_args,
            [global("V", Some("\"1 2\"")), global("W", None)]
        );
        let stage = &dockerfile.stages[0];
        assert_eq!(stage.base, "img:$V");
        assert_eq!(stage.platform.as_deref(), Some("$BUILDPLATFORM"));
        assert_eq!((stage.name.as_deref(), stage.line), (Some("Name"), 2));
    }

    #[test]
    fn stages_may_share_a_name() {
        assert_eq!(parse("FROM a AS x\nFROM b AS x\n").unwrap().stages.len(), 2);
    }

    #[test]
    fn copy_takes_words_or_json() {
        let words = copy("copy --from=0 --chown=1:1\ta b\tc/\n");
        assert_eq!(words.from.as_deref(), Some("0"));
        assert_eq!(words.flags[1].value.as_deref(), Some("1:1"));
        assert_eq!(words.sources, ["a", "b"]);
        assert_eq!(words.destination, "c/");
        let json = copy("ADD --link [\"a b\", \\\n \"c d\", \"/x y/\"]\n");
        assert_eq!(json.sources, ["a b", "c d"]);
        assert_eq!(json.destination, "/x y/");
        assert_eq!(json.flags[0].value, None);
    }

    #[test]
    fn here_documents_are_no_sources() {
        let added = copy("ADD <<A f <<'B' /x/\nA\nB\n");
        assert_eq!(added.sources, ["f"]);
        assert_eq!(added.destination, "/x/");
    }

    #[test]
    fn mounts_are_told_apart() {
        let run = run(
            "RUN --mount=target=/c,type=cache --mount=type=bind,from=x,src=/a,ro --network=none make\n",
        );
        assert_eq!(run.command, "make");
        assert_eq!(run.flags.len(), 3);
        assert_eq!(run.mounts[0].kind, "cache");
        assert_eq!(run.mounts[0].target.as_deref(), Some("/c"));
        let bind = &run.mounts[1];
        assert_eq!(bind.from.as_deref(), Some("x"));
        assert_eq!((bind.source.as_deref(), &bind.target), (Some("/a"), &None));
        assert_eq!(bind.options[3], ("ro".to_owned(), None));
    }

    #[test]
    fn a_mount_without_a_type_binds() {
        assert_eq!(run("RUN --mount=from=x true\n").mounts[0].kind, "bind");
    }

    #[test]
    fn a_command_in_exec_form_is_its_words() {
        let exec = run("RUN [\"a b\", \"c\"]\n");
        assert_eq!((exec.command.as_str(), exec.is_exec_form), ("a b c", true));
        let shell = run("RUN [ -f x ] && echo [\"a\"]\n");
        assert!(!shell.is_exec_form);
    }

    #[test]
    fn variables_are_pairs_in_both_forms() {
        let found = instructions("ENV A=\"b c\" D=e\\ f\nENV K  v w\n");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = vec![pair("A", "\"b c\""), pair("D", "e\\ f")];
        assert_eq!(found[0].detail, Detail::Env(expected));
        assert_eq!(found[1].detail, Detail::Env(vec![pair("K", "v w")]));
    }

    #[test]
    fn onbuild_holds_an_instruction() {
        let found = instructions("ONBUILD COPY --from=x a b\n");
        let Detail::Onbuild(inner) = &found[0].detail else {
            panic!("not an `ONBUILD`");
        };
        assert_eq!((inner.keyword.as_str(), inner.line), ("COPY", 2));
        assert_eq!(inner.text, "COPY --from=x a b");
    }

    #[test]
    fn a_keyword_may_be_split_between_lines() {
        assert_eq!(keywords("RU\\\nN x\n")[0].0, "RUN");
    }

    #[test]
    fn what_is_no_dockerfile_is_refused_with_its_place() {
        let cases = [
            ("", "line 1, column 1: there are no instructions"),
            ("# only\n", "line 1, column 1: there are no instructions"),
            ("\nARG x=1\n", "line 2, column 1: there is no `FROM`"),
            (
                "RUN x\nFROM a\n",
                "line 1, column 1: `RUN` stands before the first `FROM`",
            ),
            (
                "FROM a\n é x\n",
                "line 2, column 2: unknown instruction `É`",
            ),
            (
                "FROM a\nCOPY x\n",
                "line 2, column 1: `COPY` needs a source and a destination",
            ),
            (
                "FROM a\nCOPY [\"x\"]\n",
                "line 2, column 1: `COPY` needs a source and a destination",
            ),
            ("FROM a\nARG\n", "line 2, column 1: `ARG` needs a name"),
            (
                "FROM a\nENV A\n",
                "line 2, column 1: `ENV` needs a value for `A`",
            ),
            (
                "FROM a\nENV A=1 B\n",
                "line 2, column 1: `ENV` needs a value for `B`",
            ),
            (
                "FROM a b\n",
                "line 1, column 1: `FROM` takes an image, and may name it: `FROM image AS name`",
            ),
            (
                "# escape=x\nFROM a\n",
                "line 1, column 1: the escape character must be `\\` or a backquote, but is `x`",
            ),
            (
                "# escape=`\n# escape=`\nFROM a\n",
                "line 2, column 1: the directive `escape` is given twice",
            ),
            (
                "FROM a\nONBUILD FROM b\n",
                "line 2, column 1: `ONBUILD` cannot hold `FROM`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(error(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in any::<String>()) {
            let _ = parse(&text);
        }

        #[test]
        fn any_instructions_are_parsed_or_refused(
            lines in proptest::collection::vec(
                "(FROM|RUN|COPY|ENV|ARG|ONBUILD|#|# escape=)? ?([a\"'\\\\<E=$\\[`,-]|--mount=|<<|\r|AS){0,8}\\\\?",
                0..8,
            )
        ) {
            let _ = parse(&lines.join("\n"));
        }
    }
}
