//! Deletes records.
