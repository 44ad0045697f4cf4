//! Any bytes are an image archive and a layer or errors; nothing makes the readers panic.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| layer_analyzer::fuzz(&with_checksums(bytes)));

/// Makes every block that calls itself a tar header one: a mutation that breaks a checksum, which
/// nearly all do, would get no further than that.
fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let (blocks, _) = bytes.as_chunks_mut::<512>();
    for block in blocks
        .iter_mut()
        .filter(|block| block[257..].starts_with(b"ustar"))
    {
        block[148..156].fill(b' ');
        let sum: u64 = block.iter().copied().map(u64::from).sum();
        block[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
    }
    bytes
}
