//! Graphs, traces and metadata files.
