//! Tests of the reader as a whole, on archives that Python's `tarfile` made and on any bytes.

use proptest::prelude::*;

use super::super::bytes::Stream;
use super::*;

fn members(bytes: &[u8]) -> Result<Vec<Member>, TarError> {
    let mut tar = TarReader::new(Stream(bytes));
    let mut members = Vec::new();
    while let Some(member) = tar.next_member()? {
        members.push(member);
    }
    tar.finish()?;
    Ok(members)
}

fn block(name: &str, size: &str, type_flag: u8) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[124..124 + size.len()].copy_from_slice(size.as_bytes());
    block[148..156].fill(b' ');
    block[156] = type_flag;
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    block
}

#[test]
fn an_archive_that_stops_within_a_body_says_where() {
    let mut bytes = block("a", "1000", b'0').to_vec();
    bytes.extend([1; 100]);
    let error = members(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "it is cut off at byte 612");
}

#[test]
fn an_archive_can_end_with_its_last_byte() {
    let mut bytes = block("a", "3", b'0').to_vec();
    bytes.extend(b"abc");
    assert_eq!(members(&bytes).unwrap().len(), 1);
}

#[test]
fn an_archive_that_stops_after_an_extended_header_is_cut_off() {
    let mut bytes = block("long", "4", b'L').to_vec();
    bytes.extend([0; BLOCK_BYTES]);
    let error = members(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "it is cut off at byte 1024");
}

#[test]
fn an_endless_extended_header_is_refused_before_it_is_read() {
    let error = members(&block("x", "77777777777", b'x')).unwrap_err();
    assert!(matches!(error, TarError::LargeExtension { offset: 0 }));
}

#[test]
fn a_path_that_nothing_can_unpack_is_refused() {
    let long_path = |length: usize| {
        let mut bytes = block("long", "10000", b'L').to_vec();
        bytes.extend(b"a".repeat(length));
        bytes.resize(BLOCK_BYTES * 9, 0);
        bytes.extend(block("a", "0", b'0'));
        members(&bytes)
    };
    assert_eq!(long_path(4095).unwrap()[0].path.len(), 4095);
    let error = long_path(4096).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tar header at byte 4608 has a path longer than 4095 bytes"
    );
}

#[test]
fn the_size_of_a_link_is_no_body() {
    let mut bytes = block("a", "1000", b'1').to_vec();
    bytes.extend(block("b", "0", b'0'));
    let sizes: Vec<u64> = members(&bytes)
        .unwrap()
        .iter()
        .map(|m| m.size_bytes)
        .collect();
    assert_eq!(sizes, [0, 0]);
}

proptest! {
    #[test]
    fn any_bytes_are_members_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        let _ = members(&bytes);
    }

    #[test]
    fn any_header_fields_are_members_or_an_error(
        name in "[ -~]{0,100}",
        size in "[0-9 ]{0,12}",
        type_flag: u8,
        body in prop::collection::vec(any::<u8>(), 0..1024),
    ) {
        let mut bytes = block(&name, &size, type_flag).to_vec();
        bytes.extend(body);
        let _ = members(&bytes);
    }
}
