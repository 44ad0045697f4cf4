//! Whether built images keep what their stages promise.
