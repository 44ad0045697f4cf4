//! What a file is to the kernel, from its first bytes.

use object::elf::{FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, FileKind};

use crate::model::image::Program;

/// How much of a file is looked at, in bytes.
///
/// Chosen: linkers put the program headers and the interpreter's name into the first page; one that
/// was changed later may have them behind, and counts as needing none.
pub(super) const HEAD_BYTES_MAX: u64 = 16 * 1024;

/// What the file with these first bytes is.
pub(super) fn program(head: &[u8]) -> Program {
    if let Some(rest) = head.strip_prefix(b"#!") {
        return script(rest);
    }
    match FileKind::parse(head) {
        Ok(FileKind::Elf32) => elf::<FileHeader32<Endianness>>(head),
        Ok(FileKind::Elf64) => elf::<FileHeader64<Endianness>>(head),
        _ => Program::Unknown,
    }
}

/// Source: <https://man7.org/linux/man-pages/man2/execve.2.html>, interpreter scripts.
fn script(line: &[u8]) -> Program {
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    match line.split_ascii_whitespace().next() {
        Some(interpreter) => Program::Script(interpreter.to_owned()),
        None => Program::Unknown,
    }
}

fn elf<H: FileHeader<Endian = Endianness>>(head: &[u8]) -> Program {
    let Ok(header) = H::parse(head) else {
        return Program::Unknown;
    };
    let Ok(endian) = header.endian() else {
        return Program::Unknown;
    };
    let segments = header.program_headers(endian, head).unwrap_or_default();
    let mut interpreters = segments
        .iter()
        .filter_map(|segment| segment.interpreter(endian, head).ok().flatten());
    Program::Elf {
        machine: header.e_machine(endian).0,
        interpreter: interpreters
            .next()
            .map(|path| String::from_utf8_lossy(path).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_interpreter_of_a_script_is_its_first_word() {
        let expected = Program::Script("/usr/bin/env".to_owned());
        assert_eq!(program(b"#! /usr/bin/env sh\nexit\n"), expected);
        assert_eq!(program(b"#!\n"), Program::Unknown);
        assert_eq!(program(b"exit\n"), Program::Unknown);
        assert_eq!(program(b""), Program::Unknown);
    }

    /// The header of a 64-bit little-endian program with one segment: the interpreter `/ld`.
    fn header(machine: u16) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend(2_u16.to_le_bytes()); // an executable
        bytes.extend(machine.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(0_u64.to_le_bytes()); // entry
        bytes.extend(64_u64.to_le_bytes()); // program headers
        bytes.extend(0_u64.to_le_bytes()); // section headers
        bytes.extend(0_u32.to_le_bytes());
        for word in [64_u16, 56, 1, 64, 0, 0] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(3_u32.to_le_bytes()); // PT_INTERP
        bytes.extend(4_u32.to_le_bytes());
        for word in [120_u64, 120, 120, 4, 4, 1] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(b"/ld\0");
        bytes
    }

    #[test]
    fn a_native_program_has_a_processor_and_an_interpreter() {
        let expected = Program::Elf {
            machine: 183,
            interpreter: Some("/ld".to_owned()),
        };
        assert_eq!(program(&header(183)), expected);
        let cut = Program::Elf {
            machine: 183,
            interpreter: None,
        };
        assert_eq!(program(&header(183)[..120]), cut);
        assert_eq!(program(&header(183)[..20]), Program::Unknown);
    }

    proptest! {
        #[test]
        fn any_bytes_are_something(tail in prop::collection::vec(any::<u8>(), 0..300)) {
            program(&tail);
            program(&[b"\x7fELF\x02\x01\x01", &tail[..]].concat());
        }
    }
}
