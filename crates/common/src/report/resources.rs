//! What the containers of a project used.
