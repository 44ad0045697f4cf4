//! What of its inputs a step records.
