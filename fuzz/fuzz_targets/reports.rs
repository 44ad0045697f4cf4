//! Any bytes are reports or an error, and what was read is passed on so that it reads the same.

#![no_main]

use common::pipe::Received;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(received) = Received::parse(bytes, "the input") {
        let lines = received.to_json_lines();
        let again = Received::parse(lines.as_bytes(), "the output").expect("our own output reads");
        assert_eq!(again.to_json_lines(), lines);
    }
});
