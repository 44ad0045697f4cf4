//! Any text is a Dockerfile or an error with a place within it, and a word with variables or an
//! error.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    match common::dockerfile::parse(text) {
        Ok(dockerfile) => assert!(!dockerfile.stages.is_empty()),
        Err(error) => assert!(error.line as usize <= text.lines().count() + 1),
    }
    let _ = common::dockerfile::expand(text, '\\', |_| Some("/usr/v1.2".to_owned()));
});
