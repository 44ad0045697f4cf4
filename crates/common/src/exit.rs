//! The exit codes of all tools.

use std::process::ExitCode;

use crate::report::Verdict;

/// How a tool ends. `docs/exit-codes.md` is the same table for users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, nothing to object to. Also when the reader of a pipe has left.
    Ok,
    /// 1: a report was written and its verdict is no.
    Objection,
    /// 2: the job could not be done: wrong usage (clap's own code), bad input, failed I/O.
    Error,
    /// 3: no Engine or registry answers; trying again may help.
    Unavailable,
    /// 130: interrupted, as shells count a death by SIGINT; a partial report was written.
    Interrupted,
}

impl Exit {
    /// The number that the process exits with.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Objection => 1,
            Self::Error => 2,
            Self::Unavailable => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Ok,
            Verdict::Fail => Self::Objection,
            Verdict::Incomplete => Self::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
