//! How long a recorded build would take in other conditions.
