//! Any text is a bake file or a fault, in HCL and in JSON; nothing makes the reader panic or run on.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| build_orchestrator::fuzz_bake(text));
