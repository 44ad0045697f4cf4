//! What happens while a build runs, one JSON object a line.
