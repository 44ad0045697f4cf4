//! Reports that another tool of ours wrote when it was run.

use common::pipe::{PipeError, Received};
use common::report::{Report, ReportData};

/// What was written is no report, or of a version that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct AnswerError(#[from] PipeError);

/// The last report of kind `T` in what `program` wrote. `None` when there is none.
///
/// # Errors
///
/// It wrote something other than reports that can be read.
pub(crate) fn read<T: ReportData>(
    stdout: &[u8],
    program: &str,
) -> Result<Option<Report<T>>, AnswerError> {
    let origin = format!("the output of `{program}`");
    Ok(Received::parse(stdout, &origin)?.decode_last()?)
}

#[cfg(test)]
mod tests {
    use common::report::PlanData;

    use super::*;

    #[test]
    fn what_is_no_report_is_refused_by_the_programs_name() {
        assert_eq!(read::<PlanData>(b"", "a").unwrap(), None);
        let error = read::<PlanData>(b"oops", "a").unwrap_err().to_string();
        assert!(error.starts_with("the output of `a`"), "{error}");
    }
}
