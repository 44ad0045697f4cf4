//! What a person and a CI log see while it builds.
