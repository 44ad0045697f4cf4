//! Any text is a Dockerfile or an error with a place within it.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    match common::dockerfile::parse(text) {
        Ok(dockerfile) => assert!(!dockerfile.stages.is_empty()),
        Err(error) => assert!(error.line as usize <= text.lines().count() + 1),
    }
});
