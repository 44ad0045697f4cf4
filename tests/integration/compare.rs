//! Comparing and predicting builds.
