//! Finds a `RUN` that only deletes what another one before it left behind: the layer of that one keeps
//! it, so the image is no smaller. Only where the layers ship.

mod leftovers;

use common::dockerfile::{Detail, Instruction, Stage};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::chain::chain;
use crate::analysis::raw_lines::{between, raw_lines, replaced};
use crate::analysis::run_commands::run_commands;
use crate::analysis::stage_uses;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut shipped = stage_uses::chain(dockerfile, dockerfile.stages.len() - 1);
    shipped.sort_unstable();
    let stages = shipped.iter().map(|&index| &dockerfile.stages[index]);
    let found = stages.flat_map(|stage| {
        (0..stage.instructions.len()).filter_map(|index| check_run(subject, stage, index))
    });
    found.collect()
}

fn check_run(subject: &Subject<'_>, stage: &Stage, index: usize) -> Option<Found> {
    let at = &stage.instructions[index];
    let makers = leftovers::makers(&commands(at))?;
    let above = stage.instructions[..index].iter().enumerate().rev();
    let mut runs = above.filter(|(_, above)| makes(above, &makers));
    let (maker, made_at) = runs.next()?;
    Some(Found {
        confidence: Confidence::Certain,
        remedy: moved(subject, stage, maker, index),
        ..Found::new(
            at.line,
            format!(
                "`{}` frees nothing: what it deletes stays in the layer of line {}",
                at.text, made_at.line
            ),
            format!("delete it in line {}", made_at.line),
        )
    })
}

fn commands(at: &Instruction) -> Vec<crate::analysis::shell::Command> {
    match &at.detail {
        Detail::Run(run) => run_commands(run),
        _ => Vec::new(),
    }
}

/// Whether a `RUN` runs one of the programs that leave something behind, into its layer.
fn makes(at: &Instruction, makers: &[&str]) -> bool {
    let Detail::Run(run) = &at.detail else {
        return false;
    };
    let is_maker =
        |command: &crate::analysis::shell::Command| makers.contains(&command.program.as_str());
    // What is in a cache mount is in no layer.
    run.mounts.iter().all(|mount| mount.kind != "cache")
        && run_commands(run).iter().any(is_maker)
        && leftovers::makers(&run_commands(run)).is_none()
}

fn moved(subject: &Subject<'_>, stage: &Stage, maker: usize, index: usize) -> Remedy {
    let recipe = subject.recipe;
    let (made_at, at) = (&stage.instructions[maker], &stage.instructions[index]);
    if maker + 1 != index {
        let between = &stage.instructions[maker + 1];
        return Remedy::Withheld(format!("line {} stands between", between.line));
    }
    let (Some(first), Some(second)) = (chain(recipe, made_at), chain(recipe, at)) else {
        return withheld("one of the two is no plain list of commands");
    };
    if !first.is_plain() || !second.is_plain() {
        return withheld("a failure of one command does not end the list that it would join");
    }
    if first.flags != second.flags {
        return withheld("the flags of the two differ");
    }
    if !first.leaves_shell_alone() {
        return withheld("the step changes its folder or its variables on the way");
    }
    let (Some(above), Some(lines)) = (raw_lines(recipe, made_at), raw_lines(recipe, at)) else {
        return withheld("the Dockerfile is written inside another file");
    };
    let start = second.start();
    let skipped = (start.line - at.line) as usize;
    let mut joined: Vec<String> = above.iter().map(|&line| line.to_owned()).collect();
    let mut rest = lines[skipped..].iter().copied();
    let command = rest.next().map_or("", |line| &line[start.offset..]);
    if let (Some(last), true) = (joined.last_mut(), above.len() > 1 || lines.len() > 1) {
        last.truncate(last.trim_end().len());
        last.push_str(" \\");
        joined.push(format!("{}&& {command}", indent(&above)));
    } else if let Some(last) = joined.last_mut() {
        last.truncate(last.trim_end().len());
        last.push_str(" && ");
        last.push_str(command);
    }
    joined.extend(rest.map(str::to_owned));
    // Comments and blank lines between the two stay.
    let kept = between(recipe, made_at.end_line + 1, at.line - 1);
    joined.extend(kept.into_iter().map(str::to_owned));
    Remedy::Patch(vec![replaced(made_at.line, at.end_line, joined)])
}

/// The blanks before the last line of several, else those that are usual.
fn indent(lines: &[&str]) -> String {
    match lines {
        [_, .., last] => last[..last.len() - last.trim_start().len()].to_owned(),
        _ => "    ".to_owned(),
    }
}

fn withheld(why: &str) -> Remedy {
    Remedy::Withheld(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, withheld};
    use super::*;

    #[test]
    fn a_cleanup_moves_into_the_step_that_made_what_it_deletes() {
        let text = "\
FROM debian:12
RUN apt-get update && \\
    apt-get install -y git
# No lists.
RUN apt-get clean && rm -rf /var/lib/apt/lists/*
CMD [\"git\"]
";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].message,
            "`RUN apt-get clean && rm -rf /var/lib/apt/lists/*` frees nothing: what it deletes stays in the \
             layer of line 2"
        );
        let expected = "\
FROM debian:12
RUN apt-get update && \\
    apt-get install -y git \\
    && apt-get clean && rm -rf /var/lib/apt/lists/*
# No lists.
CMD [\"git\"]
";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn a_short_step_stays_in_one_line() {
        let text = "FROM a\nRUN npm ci\nRUN npm cache clean --force\n";
        let expected = "FROM a\nRUN npm ci && npm cache clean --force\n";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn where_layers_do_not_ship_nothing_is_lost() {
        // calcom/cal.com, reduced: what is copied out of a stage is what is left in it.
        let text = "\
FROM node:18 AS builder
RUN yarn install
RUN rm -rf node_modules/.cache .yarn/cache
FROM node:18
COPY --from=builder /calcom /calcom
";
        assert!(found(check, text).is_empty());
    }

    #[test]
    fn a_cleanup_of_what_no_step_above_made_is_left_alone() {
        for body in [
            "RUN rm -rf /var/lib/apt/lists/*",
            "RUN apt-get install -y git && rm -rf /var/lib/apt/lists/*",
            "RUN apk add git\nRUN rm -rf /app/docs",
            "RUN --mount=type=cache,target=/root/.npm npm ci\nRUN rm -rf /root/.npm",
            "RUN npm ci\nRUN rm -rf node_modules/.cache && npm run build",
            "COPY . .\nRUN rm -rf /var/cache/apk/*",
        ] {
            assert!(
                found(check, &format!("FROM a\n{body}\n")).is_empty(),
                "{body}"
            );
        }
    }

    #[test]
    fn no_patch_is_offered_past_another_step_or_for_more_than_a_list() {
        // chatwoot/chatwoot, reduced.
        let between = "FROM a\nRUN bundle install\nCOPY . .\nRUN rm -rf /gems/cache /usr/local/bundle/cache\n";
        assert_eq!(lines(check, between), [4]);
        assert_eq!(withheld(check, between, &[]), ["line 3 stands between"]);
        for body in [
            "RUN if a; then apk add git; fi\nRUN rm -rf /var/cache/apk/*",
            "RUN apk add git; true\nRUN rm -rf /var/cache/apk/*",
            "RUN <<EOF\napk add git\nEOF\nRUN rm -rf /var/cache/apk/*",
            "RUN --network=host apk add git\nRUN rm -rf /var/cache/apk/*",
            "RUN cd web && npm ci\nRUN rm -rf node_modules/.cache",
            "RUN A=b && npm ci\nRUN rm -rf $A/.npm",
        ] {
            let text = format!("FROM a\n{body}\n");
            assert_eq!(withheld(check, &text, &[]).len(), 1, "{body}");
        }
    }
}
