//! From the builder's vertexes to steps with stage, instruction and line.
//!
//! The wire has no kind, stage or line of a vertex: they are in its name, `[stage n/m] TEXT`.
//! Source: research/build.md section 3.2.

use common::dockerfile::{Dockerfile, Instruction, Stage, makes_step};
use std::collections::HashMap;

use super::lost_time::union_ms;
use crate::model::outcome::Vertex;
use crate::model::step::{Failure, Step, StepKind};

/// The steps of a target, in the order in which they started; those that never did come last.
pub(crate) fn steps(target: &str, dockerfile: &Dockerfile, vertexes: &[Vertex]) -> Vec<Step> {
    let labels: Vec<Label> = vertexes
        .iter()
        .map(|vertex| Label::parse(&vertex.name, dockerfile))
        .collect();
    let ids = ids(target, &labels);
    let by_digest: HashMap<&str, &String> = vertexes
        .iter()
        .map(|vertex| vertex.digest.as_str())
        .zip(&ids)
        .collect();
    let mut steps: Vec<Step> = vertexes
        .iter()
        .zip(labels)
        .zip(&ids)
        .map(|((vertex, label), id)| step(id, &label, vertex, dockerfile, &by_digest))
        .collect();
    steps.sort_by_key(|step| step.started_ms.unwrap_or(u64::MAX));
    steps
}

fn step(
    id: &str,
    label: &Label<'_>,
    vertex: &Vertex,
    dockerfile: &Dockerfile,
    by_digest: &HashMap<&str, &String>,
) -> Step {
    let inputs = vertex
        .inputs
        .iter()
        .filter_map(|digest| by_digest.get(digest.as_str()));
    let mut depends_on: Vec<String> = inputs.map(|id| (*id).clone()).collect();
    depends_on.sort();
    depends_on.dedup();
    Step {
        id: id.to_owned(),
        kind: label.kind(),
        stage: label.place.as_ref().map(|place| place.stage.clone()),
        name: label.text.to_owned(),
        line: label
            .place
            .as_ref()
            .and_then(|place| line(dockerfile, place, label.text)),
        cached: (vertex.cached || vertex.is_ended).then_some(vertex.cached),
        shared_with: None,
        started_ms: vertex
            .intervals
            .iter()
            .map(|interval| interval.started_ms)
            .min(),
        ended_ms: vertex
            .intervals
            .iter()
            .map(|interval| interval.ended_ms)
            .max(),
        duration_ms: if vertex.cached {
            0
        } else {
            union_ms(&vertex.intervals)
        },
        depends_on,
        context_files: None,
        run: None,
        base_digest: None,
        failure: vertex.error.clone().map(|message| Failure {
            message,
            log_tail: vertex.log_tail.clone(),
        }),
    }
}

/// Names each step within its target. Work of the same name is numbered.
fn ids(target: &str, labels: &[Label<'_>]) -> Vec<String> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let numbered = labels.iter().map(|label| {
        let id = match &label.place {
            Some(place) => format!("{target}/{}/{}", place.stage, place.number),
            None => format!("{target}/{}", label.text),
        };
        let count = seen.entry(id.clone()).or_default();
        *count += 1;
        if *count == 1 {
            id
        } else {
            format!("{id}#{count}")
        }
    });
    numbered.collect()
}

/// A vertex's name, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Label<'a> {
    /// Where it stands in the Dockerfile. `None` for the builder's own work.
    place: Option<Place>,
    /// The name without its bracket.
    text: &'a str,
}

/// The bracket of a vertex's name: `[stage n/m]`.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    stage: String,
    /// Which of the stage's steps it is, from 1.
    number: u32,
    /// How many steps the stage has.
    count: u32,
}

impl<'a> Label<'a> {
    fn parse(name: &'a str, dockerfile: &Dockerfile) -> Self {
        let bracketed = name
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("] "));
        match bracketed {
            Some((bracket, text)) => Self {
                place: Place::parse(bracket, dockerfile),
                text,
            },
            None => Self {
                place: None,
                text: name,
            },
        }
    }

    fn kind(&self) -> StepKind {
        if self.place.is_some() && self.text.starts_with("FROM ") {
            StepKind::Base
        } else if self.place.is_some() {
            StepKind::Instruction
        } else if self.text.starts_with("exporting ") {
            StepKind::Export
        } else {
            StepKind::Internal
        }
    }
}

impl Place {
    /// Parses `stage n/m`, or `n/m` alone when the Dockerfile has only one stage. Numbers are padded
    /// with blanks, and a builder of several platforms puts the platform first.
    fn parse(bracket: &str, dockerfile: &Dockerfile) -> Option<Self> {
        let mut words = bracket.split_whitespace().rev();
        let (number, count) = words.next()?.split_once('/')?;
        let stage = words.next().filter(|word| !word.contains('/'));
        Some(Self {
            stage: stage.map_or_else(|| only_stage(dockerfile), str::to_owned),
            number: number.parse().ok()?,
            count: count.parse().ok()?,
        })
    }
}

fn only_stage(dockerfile: &Dockerfile) -> String {
    let name = dockerfile
        .stages
        .first()
        .and_then(|stage| stage.name.as_deref());
    name.unwrap_or("stage-0").to_owned()
}

/// The line of the instruction that a step carries out.
fn line(dockerfile: &Dockerfile, place: &Place, text: &str) -> Option<u32> {
    let stage = stage(dockerfile, &place.stage)?;
    let keyword = text.split_whitespace().next()?;
    if keyword == "FROM" {
        return Some(stage.line);
    }
    let makers: Vec<&Instruction> = stage
        .instructions
        .iter()
        .filter(|i| makes_step(&i.keyword))
        .collect();
    // What the stage counts beyond its instructions comes first: its base, and what an image's
    // `ONBUILD` adds.
    let ahead = usize::try_from(place.count)
        .ok()?
        .checked_sub(makers.len())?;
    let index = usize::try_from(place.number).ok()?.checked_sub(ahead + 1)?;
    let instruction = makers.get(index)?;
    (instruction.keyword == keyword).then_some(instruction.line)
}

fn stage<'a>(dockerfile: &'a Dockerfile, label: &str) -> Option<&'a Stage> {
    let index = dockerfile
        .stage_index(label, dockerfile.stages.len())
        .or_else(|| {
            let index: usize = label.strip_prefix("stage-")?.parse().ok()?;
            dockerfile
                .stages
                .get(index)
                .is_some_and(|stage| stage.name.is_none())
                .then_some(index)
        })?;
    dockerfile.stages.get(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Interval;
    use common::dockerfile::parse;

    fn dockerfile() -> Dockerfile {
        let build = "FROM debian AS build\nWORKDIR /src\nLABEL a=b\nCOPY . .\nRUN make\n";
        parse(&format!("{build}FROM scratch\nCOPY --from=build /a /a\n")).unwrap()
    }

    fn vertex(digest: &str, name: &str, inputs: &[&str], spans: &[(u64, u64)]) -> Vertex {
        Vertex {
            digest: digest.to_owned(),
            name: name.to_owned(),
            inputs: inputs.iter().map(|&digest| digest.to_owned()).collect(),
            intervals: spans
                .iter()
                .map(|&(started_ms, ended_ms)| Interval {
                    started_ms,
                    ended_ms,
                })
                .collect(),
            is_ended: !spans.is_empty(),
            ..Vertex::default()
        }
    }

    #[test]
    fn names_become_places_and_lines() {
        let vertexes = [
            vertex(
                "0",
                "[internal] load build definition from Dockerfile",
                &[],
                &[(0, 5)],
            ),
            vertex(
                "1",
                "[build 1/4] FROM docker.io/library/debian",
                &[],
                &[(5, 6)],
            ),
            vertex("2", "[build 2/4] WORKDIR /src", &["1"], &[(6, 7)]),
            vertex("3", "[build 3/4] COPY . .", &["2", "9"], &[(7, 8)]),
            vertex("4", "[build 4/4] RUN make", &["3"], &[(8, 90)]),
            vertex(
                "5",
                "[stage-1 1/1] COPY --from=build /a /a",
                &["4"],
                &[(90, 91)],
            ),
            vertex("6", "exporting to image", &[], &[(91, 95)]),
        ];
        let steps = steps("app", &dockerfile(), &vertexes);
        let seen: Vec<_> = steps
            .iter()
            .map(|s| (s.id.as_str(), s.kind, s.line))
            .collect();
        assert_eq!(
            seen,
            [
                (
                    "app/load build definition from Dockerfile",
                    StepKind::Internal,
                    None
                ),
                ("app/build/1", StepKind::Base, Some(1)),
                ("app/build/2", StepKind::Instruction, Some(2)),
                ("app/build/3", StepKind::Instruction, Some(4)),
                ("app/build/4", StepKind::Instruction, Some(5)),
                ("app/stage-1/1", StepKind::Instruction, Some(7)),
                ("app/exporting to image", StepKind::Export, None),
            ]
        );
        assert_eq!(steps[3].depends_on, ["app/build/2"]);
        assert_eq!(steps[4].name, "RUN make");
        assert_eq!(steps[4].duration_ms, 82);
    }

    #[test]
    fn brackets_of_all_kinds_are_understood() {
        let place = |stage: &str, number, count| {
            let stage = stage.to_owned();
            Some(Place {
                stage,
                number,
                count,
            })
        };
        let cases = [
            ("build 2/10", place("build", 2, 10)),
            ("build  2/10", place("build", 2, 10)),
            ("linux/amd64 build 2/10", place("build", 2, 10)),
            ("1/3", place("only", 1, 3)),
            (" 1/12", place("only", 1, 12)),
            ("linux/arm/v7 1/3", place("only", 1, 3)),
            ("internal", None),
            ("auth", None),
        ];
        let named = parse("FROM scratch AS only\n").unwrap();
        for (bracket, expected) in cases {
            assert_eq!(Place::parse(bracket, &named), expected, "{bracket}");
        }
        let unnamed = parse("FROM scratch\n").unwrap();
        assert_eq!(Place::parse("1/3", &unnamed), place("stage-0", 1, 3));
    }

    #[test]
    fn the_steps_of_an_only_stage_have_their_lines() {
        for from in ["FROM scratch", "FROM scratch AS app"] {
            let dockerfile = parse(&format!("{from}\nCOPY a a\nRUN make\n")).unwrap();
            let vertexes = [vertex("1", "[2/2] RUN make", &[], &[(0, 1)])];
            assert_eq!(
                steps("app", &dockerfile, &vertexes)[0].line,
                Some(3),
                "{from}"
            );
        }
    }

    #[test]
    fn a_step_that_the_dockerfile_does_not_have_gets_no_line() {
        // The base image has an `ONBUILD COPY`, which the builder counts right after `FROM`.
        let vertexes = [
            vertex("1", "[build 2/5] ONBUILD COPY . /app", &[], &[(0, 1)]),
            vertex("2", "[build 5/5] RUN make", &[], &[(1, 2)]),
            vertex("3", "[elsewhere 1/1] RUN make", &[], &[(2, 3)]),
        ];
        let lines: Vec<_> = steps("app", &dockerfile(), &vertexes)
            .iter()
            .map(|step| step.line)
            .collect();
        assert_eq!(lines, [None, Some(5), None]);
    }

    #[test]
    fn spans_that_overlap_are_counted_once_and_the_cache_takes_no_time() {
        let mut cached = vertex("2", "[build 4/4] RUN make", &[], &[(50, 50)]);
        cached.cached = true;
        let waiting = vertex(
            "1",
            "[build 3/4] COPY . .",
            &[],
            &[(10, 30), (20, 40), (60, 65)],
        );
        let never = vertex("3", "exporting to image", &[], &[]);
        let steps = steps("app", &dockerfile(), &[never, cached, waiting]);
        let seen: Vec<_> = steps
            .iter()
            .map(|s| (s.cached, s.started_ms, s.ended_ms, s.duration_ms))
            .collect();
        assert_eq!(
            seen,
            [
                (Some(false), Some(10), Some(65), 35),
                (Some(true), Some(50), Some(50), 0),
                (None, None, None, 0),
            ]
        );
    }

    #[test]
    fn a_step_that_was_broken_off_has_no_result() {
        let mut broken_off = vertex("1", "[build 4/4] RUN make", &[], &[(10, 30)]);
        broken_off.is_ended = false;
        let step = &steps("app", &dockerfile(), &[broken_off])[0];
        assert_eq!((step.cached, step.duration_ms), (None, 20));
    }

    #[test]
    fn work_of_the_same_name_is_numbered() {
        let name = "[internal] load build context";
        let vertexes = [
            vertex("1", name, &[], &[(0, 1)]),
            vertex("2", name, &["1"], &[(1, 2)]),
        ];
        let steps = steps("app", &dockerfile(), &vertexes);
        assert_eq!(steps[1].id, "app/load build context#2");
        assert_eq!(steps[1].depends_on, ["app/load build context"]);
    }
}
