//! Reads the gzip of a layer with zlib-rs, as layer-analyzer does, and with libdeflate, which needs
//! both sides whole in memory. Prints the megabytes of the layer per second, medians, as JSON.
//!
//! Usage: inflate-bench ROUNDS FILE.gz…

use std::error::Error;
use std::io::{BufReader, Read};
use std::time::Instant;

use flate2::bufread::MultiGzDecoder;
use libdeflater::Decompressor;

/// The buffer that layer-analyzer reads layers with.
const BUFFER_BYTES: usize = 128 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().ok_or("ROUNDS is missing")?.parse()?;
    let mut found = serde_json::Map::new();
    for path in arguments {
        let gzip = std::fs::read(&path)?;
        let mut layer = vec![0; streamed(&gzip)?];
        let mut speeds = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            let started = Instant::now();
            let byte_count = streamed(&gzip)?;
            speeds[0].push(byte_count as f64 / 1e6 / started.elapsed().as_secs_f64());
            let started = Instant::now();
            let byte_count = Decompressor::new().gzip_decompress(&gzip, &mut layer)?;
            speeds[1].push(byte_count as f64 / 1e6 / started.elapsed().as_secs_f64());
            assert_eq!(byte_count, layer.len(), "the layer is one gzip member");
        }
        let [zlib_rs, libdeflate] = speeds.map(median);
        let speeds = serde_json::json!({
            "layer_bytes": layer.len(), "gzip_bytes": gzip.len(),
            "zlib-rs": zlib_rs, "libdeflate": libdeflate,
        });
        found.insert(path, speeds);
    }
    println!("{}", serde_json::Value::Object(found));
    Ok(())
}

/// Reads as a stream, and returns the bytes that there are.
fn streamed(gzip: &[u8]) -> std::io::Result<usize> {
    let mut decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, gzip));
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut byte_count = 0;
    loop {
        match decoder.read(&mut buffer)? {
            0 => return Ok(byte_count),
            read => byte_count += read,
        }
    }
}

fn median(mut speeds: Vec<f64>) -> f64 {
    speeds.sort_by(f64::total_cmp);
    speeds[speeds.len() / 2]
}
