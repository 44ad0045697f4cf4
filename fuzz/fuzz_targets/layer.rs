//! Any bytes are an image archive or an error; nothing makes the reader panic.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| layer_analyzer::fuzz(bytes));
