//! Merges the results of all files: suites by name, cases in the order in which they are shown.

use std::collections::BTreeMap;

use crate::model::case::{Case, Outcome, Tally};
use crate::model::elapsed::Elapsed;
use crate::model::file::FileResults;

/// The results of all files together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) total: Tally,
    /// The suites that have cases of their own, by name. Shards of one suite are one.
    pub(crate) suites: BTreeMap<String, Tally>,
    /// The cases that did not pass: failed and errored ones first, each by suite and name.
    pub(crate) cases: Vec<RunCase>,
}

/// A case, and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunCase {
    pub(crate) suite: String,
    pub(crate) file_path: String,
    pub(crate) case: Case,
}

/// Merges files. Takes their cases out of them, which is most of what they hold.
pub(crate) fn merge(files: &mut [FileResults]) -> Run {
    let mut run = Run::default();
    for file in files {
        for suite in file
            .suites
            .iter()
            .filter(|suite| suite.tally.case_count() > 0)
        {
            let tally = settled(suite.tally, file.has_decimal_comma);
            run.total.add(&tally);
            run.suites
                .entry(suite.name.clone())
                .or_default()
                .add(&tally);
        }
        for mut case in std::mem::take(&mut file.cases) {
            let settle = |elapsed| settled_time(elapsed, file.has_decimal_comma);
            case.elapsed = case.elapsed.map(settle);
            run.cases.push(RunCase {
                suite: file.suites[case.suite_index].name.clone(),
                file_path: file.path.clone(),
                case,
            });
        }
    }
    // Stable, so that attempts at one test stay in the order in which they were made.
    run.cases
        .sort_by(|a, b| shown_order(a).cmp(&shown_order(b)));
    run
}

fn shown_order(case: &RunCase) -> impl Ord + '_ {
    (
        case.case.outcome == Outcome::Skipped,
        &case.suite,
        &case.case.class_name,
        &case.case.name,
        &case.file_path,
    )
}

fn settled(tally: Tally, has_decimal_comma: bool) -> Tally {
    Tally {
        elapsed: settled_time(tally.elapsed, has_decimal_comma),
        ..tally
    }
}

fn settled_time(elapsed: Elapsed, has_decimal_comma: bool) -> Elapsed {
    Elapsed::certain(elapsed.total_us(has_decimal_comma))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::file::Suite;

    fn case(name: &str, outcome: Outcome) -> Case {
        Case {
            suite_index: 0,
            class_name: None,
            name: name.to_owned(),
            outcome,
            elapsed: Some(Elapsed {
                certain_us: 0,
                ambiguous_us: 1_234_000_000,
            }),
            message: None,
            details: None,
            source: None,
        }
    }

    fn file(path: &str, cases: Vec<Case>) -> FileResults {
        let mut suite = Suite {
            name: "s".to_owned(),
            ..Suite::default()
        };
        for case in &cases {
            suite.tally.count(case.outcome, case.elapsed.unwrap());
        }
        FileResults {
            path: path.to_owned(),
            suites: vec![suite],
            cases,
            ..FileResults::default()
        }
    }

    fn names(run: &Run) -> Vec<&str> {
        run.cases
            .iter()
            .map(|case| case.case.name.as_str())
            .collect()
    }

    #[test]
    fn a_suite_split_over_shards_is_one() {
        let mut files = [
            file("1.xml", vec![case("a", Outcome::Failed)]),
            file(
                "2.xml",
                vec![case("b", Outcome::Skipped), case("c", Outcome::Errored)],
            ),
        ];
        let run = merge(&mut files);
        assert_eq!(run.suites.len(), 1);
        assert_eq!(run.suites["s"], run.total);
        assert_eq!(run.total.case_count(), 3);
        assert_eq!(names(&run), ["a", "c", "b"]);
    }

    #[test]
    fn a_decimal_comma_in_a_file_settles_its_ambiguous_times() {
        let mut files = [
            file("1.xml", vec![case("a", Outcome::Failed)]),
            FileResults {
                has_decimal_comma: true,
                ..file("2.xml", vec![case("b", Outcome::Failed)])
            },
        ];
        let run = merge(&mut files);
        let times: Vec<_> = run.cases.iter().map(|case| case.case.elapsed).collect();
        assert_eq!(
            times,
            [
                Some(Elapsed::certain(1_234_000_000)),
                Some(Elapsed::certain(1_234_000))
            ]
        );
        assert_eq!(run.total.elapsed, Elapsed::certain(1_235_234_000));
    }
}
