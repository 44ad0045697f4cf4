//! Any bytes are test results or a fault; nothing makes the reader panic.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| test_aggregator::fuzz(bytes));
