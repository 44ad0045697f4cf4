//! Failing siblings, retries, time limits, an Engine that goes away.
