//! The order in which targets run: each after those that it depends on, at most so many at once.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

/// Runs every item once all items that it depends on have run, at most `parallel_max` at once.
/// `skip` makes the result of an item that does not run because of a dependency's result.
///
/// An item waits without a slot, so that no limit can deadlock. Source: docker/compose#10735.
/// Dependencies have to come before their dependents.
pub(super) async fn run<T>(
    dependencies: &[Vec<usize>],
    parallel_max: usize,
    skip: impl Fn(usize, &T) -> Option<T>,
    run: impl AsyncFn(usize) -> T,
) -> Vec<T> {
    let run = &run;
    let mut results: Vec<Option<T>> = dependencies.iter().map(|_| None).collect();
    let mut waiting: Vec<usize> = (0..dependencies.len()).collect();
    let mut running = FuturesUnordered::new();
    loop {
        waiting.retain(|&index| {
            let needed = || dependencies[index].iter().map(|&needed| &results[needed]);
            if let Some(result) = needed().flatten().find_map(|result| skip(index, result)) {
                results[index] = Some(result);
                return false;
            }
            let starts = running.len() < parallel_max && needed().all(Option::is_some);
            if starts {
                running.push(async move { (index, run(index).await) });
            }
            !starts
        });
        match running.next().await {
            Some((index, result)) => results[index] = Some(result),
            None => break,
        }
    }
    let results = results.into_iter();
    results
        .map(|result| result.expect("dependencies come before their dependents"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Runs items that take a moment each, of which some fail. Returns the results and, in order,
    /// what started (`+`) and ended (`-`).
    async fn trace(
        dependencies: &[Vec<usize>],
        parallel_max: usize,
        failing: &[usize],
    ) -> (Vec<&'static str>, String) {
        let trace = RefCell::new(String::new());
        let skip = |_, result: &&str| (*result != "built").then_some("skipped");
        let results = run(dependencies, parallel_max, skip, async |index| {
            *trace.borrow_mut() += &["+", &index.to_string()].concat();
            tokio::task::yield_now().await;
            *trace.borrow_mut() += &["-", &index.to_string()].concat();
            if failing.contains(&index) {
                "failed"
            } else {
                "built"
            }
        })
        .await;
        (results, trace.into_inner())
    }

    #[tokio::test]
    async fn a_dependency_runs_first_even_with_one_slot() {
        let (results, trace) = trace(&[vec![], vec![0], vec![0, 1]], 1, &[]).await;
        assert_eq!(results, ["built"; 3]);
        assert_eq!(trace, "+0-0+1-1+2-2");
    }

    #[tokio::test]
    async fn no_more_run_at_once_than_allowed() {
        let (_, trace) = trace(&[vec![], vec![], vec![], vec![]], 2, &[]).await;
        let mut running = 0;
        let counts = trace.chars().map(|c| {
            running += i32::from(c == '+') - i32::from(c == '-');
            running
        });
        assert_eq!(counts.max(), Some(2), "{trace}");
    }

    #[tokio::test]
    async fn a_failure_skips_its_dependents_and_spares_its_siblings() {
        let (results, _) = trace(&[vec![], vec![], vec![0], vec![2], vec![1]], 8, &[0]).await;
        assert_eq!(results, ["failed", "built", "skipped", "skipped", "built"]);
    }
}
