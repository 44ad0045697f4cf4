//! Deletes records of the build cache by their exact ids.

use bollard::errors::Error as ApiError;
use bollard::query_parameters::PruneBuildOptions;
use common::engine::Engine;
use std::collections::HashMap;

/// How many records one request deletes.
///
/// Chosen: the request's line stays far below the 1 MB that the Engine reads.
const BATCH: usize = 200;

/// Deletes the records of these ids, in this order: those that lie upon others come first. Gives the
/// bytes that the Engine says it freed. A record that a build took up meanwhile stays.
///
/// # Errors
///
/// The Engine does not answer, or refuses.
pub(crate) async fn delete(engine: &Engine, ids: &[&str]) -> Result<u64, ApiError> {
    let mut freed_bytes = 0;
    for batch in ids.chunks(BATCH) {
        let response = engine.api.prune_build(Some(options(batch))).await?;
        let reclaimed = response.space_reclaimed.unwrap_or(0);
        freed_bytes += u64::try_from(reclaimed).unwrap_or(0);
    }
    Ok(freed_bytes)
}

/// One value for each filter is all that the Engine takes, but that of `id` is a regular expression.
/// Never `all`, which deletes what images share, and no other filter: the Engine ignores those that it
/// does not know, and deletes everything.
/// Source: research/cache.md section 1.7
fn options(ids: &[&str]) -> PruneBuildOptions {
    let filter = format!("^({})$", ids.join("|"));
    PruneBuildOptions {
        filters: Some(HashMap::from([("id".to_owned(), vec![filter])])),
        ..PruneBuildOptions::default()
    }
}

/// Whether an id holds nothing that a regular expression or a filter would take for more than a letter.
pub(crate) fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_deleted_by_exact_ids_and_nothing_else() {
        let options = options(&["abc", "def"]);
        let filters = options.filters.unwrap();
        assert_eq!(filters.len(), 1);
        assert_eq!(filters["id"], ["^(abc|def)$"]);
        assert_eq!((options.all, options.reserved_space), (None, None));
    }

    #[test]
    fn an_id_that_could_mean_another_is_not_plain() {
        assert!(is_plain("u118vi1aetyzbi0l2791xgwkh"));
        assert!(!is_plain("a.*") && !is_plain("a|b") && !is_plain(""));
    }
}
