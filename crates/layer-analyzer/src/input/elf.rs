//! Looks at programs while they stream by, for what of them no run reads.
//!
//! What `strip` would take away is told by the section headers alone: sections that are not loaded
//! and hold debug information, symbols, or the symbols' names. Source: elf(5).

/// How much of the section headers is kept, in bytes.
///
/// Chosen: a thousand sections; programs have some forty.
const TABLE_BYTES_MAX: u64 = 64 * 1024;

/// Bytes of the header of a 64-bit program.
const HEADER_BYTES: usize = 64;

const TYPE_CORE: u64 = 4;
const SECTION_PROGBITS: u64 = 1;
const SECTION_SYMTAB: u64 = 2;
const SECTION_STRTAB: u64 = 3;
const FLAG_ALLOC: u64 = 2;

/// One file that streams by.
#[derive(Debug)]
pub(super) struct Elf {
    /// Its first bytes.
    head: [u8; HEADER_BYTES],
    /// How many of them came.
    head_length: usize,
    /// Where the section headers are. `None` for what is no program, or not known yet.
    table: Option<Table>,
    /// How many bytes came by.
    offset: u64,
}

/// The section headers of a program.
#[derive(Debug)]
struct Table {
    layout: Layout,
    start: u64,
    end: u64,
    /// Which section has the names of sections, which `strip` keeps.
    names_index: u64,
    bytes: Vec<u8>,
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElfKind {
    /// A program or library that has this many bytes that `strip` would take away.
    Program { symbols_bytes: u64 },
    /// The memory of a program that crashed.
    Core,
}

impl Elf {
    /// A file of which nothing came yet.
    pub(super) fn new() -> Self {
        Self {
            head: [0; HEADER_BYTES],
            head_length: 0,
            table: None,
            offset: 0,
        }
    }

    /// Takes the next bytes of the file.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        if self.head_length < HEADER_BYTES {
            let count = bytes.len().min(HEADER_BYTES - self.head_length);
            self.head[self.head_length..][..count].copy_from_slice(&bytes[..count]);
            self.head_length += count;
            self.table = Table::find(&self.head[..self.head_length]);
        }
        if let Some(table) = &mut self.table {
            table.take(bytes, self.offset);
        }
        self.offset += bytes.len() as u64;
    }

    /// What the file is, once all of it came by. `None` when it is no program, or a broken one.
    pub(super) fn finish(self) -> Option<ElfKind> {
        let head = &self.head[..self.head_length];
        let layout = Layout::find(head)?;
        if layout.number(head, 16, 2)? == TYPE_CORE {
            return Some(ElfKind::Core);
        }
        let symbols_bytes = self.table?.symbols_bytes()?;
        Some(ElfKind::Program { symbols_bytes })
    }
}

impl Table {
    /// Where the section headers are, if the file is a program or library: the parts of programs
    /// (`*.o`, kernel modules) are of no use without their symbols.
    fn find(head: &[u8]) -> Option<Self> {
        let layout = Layout::find(head)?;
        let is_program = matches!(layout.number(head, 16, 2)?, 2 | 3);
        let (start, counts) = if layout.is_64_bit {
            (layout.number(head, 40, 8)?, 58)
        } else {
            (layout.number(head, 32, 4)?, 46)
        };
        let entry_bytes = layout.number(head, counts, 2)?;
        let count = layout.number(head, counts + 2, 2)?;
        let length = entry_bytes * count;
        let is_usable = entry_bytes == layout.section_bytes() && length <= TABLE_BYTES_MAX;
        (is_program && is_usable && start > 0).then_some(Self {
            layout,
            start,
            end: start.checked_add(length)?,
            names_index: layout.number(head, counts + 4, 2)?,
            bytes: Vec::new(),
        })
    }

    /// Keeps what is of the table in bytes that are at `offset` of the file.
    fn take(&mut self, bytes: &[u8], offset: u64) {
        let to_index = |position: u64| {
            let index = position.saturating_sub(offset);
            usize::try_from(index).map_or(bytes.len(), |index| index.min(bytes.len()))
        };
        self.bytes
            .extend_from_slice(&bytes[to_index(self.start)..to_index(self.end)]);
    }

    fn symbols_bytes(&self) -> Option<u64> {
        if self.bytes.len() as u64 != self.end - self.start {
            return None;
        }
        let layout = self.layout;
        let section_bytes = usize::try_from(layout.section_bytes()).ok()?;
        let mut sum: u64 = 0;
        for (index, section) in (0..).zip(self.bytes.chunks_exact(section_bytes)) {
            let kind = layout.number(section, 4, 4)?;
            let (flags, size) = if layout.is_64_bit {
                (
                    layout.number(section, 8, 8)?,
                    layout.number(section, 32, 8)?,
                )
            } else {
                (
                    layout.number(section, 8, 4)?,
                    layout.number(section, 20, 4)?,
                )
            };
            let is_strippable = matches!(kind, SECTION_PROGBITS | SECTION_SYMTAB | SECTION_STRTAB);
            if is_strippable && flags & FLAG_ALLOC == 0 && index != self.names_index {
                sum = sum.saturating_add(size);
            }
        }
        Some(sum)
    }
}

/// How numbers are written.
#[derive(Clone, Copy, Debug)]
struct Layout {
    is_64_bit: bool,
    is_little_endian: bool,
}

impl Layout {
    fn find(head: &[u8]) -> Option<Self> {
        match head.strip_prefix(b"\x7fELF")? {
            [bits @ (1 | 2), order @ (1 | 2), ..] => Some(Self {
                is_64_bit: *bits == 2,
                is_little_endian: *order == 1,
            }),
            _ => None,
        }
    }

    fn section_bytes(self) -> u64 {
        if self.is_64_bit { 64 } else { 40 }
    }

    fn number(self, bytes: &[u8], start: usize, length: usize) -> Option<u64> {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        let bytes = bytes.get(start..start + length)?.iter();
        Some(if self.is_little_endian {
            bytes.rev().fold(0, add)
        } else {
            bytes.fold(0, add)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A little 64-bit program: the header, sections of `(type, flags, size)` and nothing else.
    fn program(elf_type: u8, sections: &[(u32, u64, u64)]) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[16] = elf_type;
        bytes[40] = 64;
        bytes[58] = 64;
        bytes[60] = u8::try_from(sections.len()).unwrap();
        bytes[62] = bytes[60] - 1;
        for (kind, flags, size) in sections {
            let mut section = [0; 64];
            section[4..8].copy_from_slice(&kind.to_le_bytes());
            section[8..16].copy_from_slice(&flags.to_le_bytes());
            section[32..40].copy_from_slice(&size.to_le_bytes());
            bytes.extend(section);
        }
        bytes
    }

    fn look(bytes: &[u8], chunk_bytes: usize) -> Option<ElfKind> {
        let mut elf = Elf::new();
        bytes.chunks(chunk_bytes).for_each(|chunk| elf.take(chunk));
        elf.finish()
    }

    #[test]
    fn what_is_not_loaded_can_be_stripped() {
        // Code, debug information, symbols, their names, nothing, names of sections.
        let sections = [
            (1, 6, 1000),
            (1, 0, 500),
            (2, 0, 300),
            (3, 0, 200),
            (8, 3, 4000),
            (3, 0, 70),
        ];
        let bytes = program(3, &sections);
        for chunk_bytes in [1, 7, 64, 1000] {
            let expected = ElfKind::Program {
                symbols_bytes: 1000,
            };
            assert_eq!(look(&bytes, chunk_bytes), Some(expected), "{chunk_bytes}");
        }
        assert_eq!(look(&program(1, &sections), 64), None);
        assert_eq!(look(&bytes[..bytes.len() - 1], 64), None);
    }

    #[test]
    fn the_memory_of_a_crashed_program_is_told() {
        assert_eq!(look(&program(4, &[(1, 0, 1)]), 64), Some(ElfKind::Core));
        assert_eq!(look(b"#!/bin/sh\n", 64), None);
        assert_eq!(look(b"", 64), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_program_or_none(
            bytes in prop::collection::vec(any::<u8>(), 0..512),
            start in prop::sample::select(vec![&b""[..], b"\x7fELF\x01\x01", b"\x7fELF\x02\x02"]),
        ) {
            look(&[start, &bytes].concat(), 100);
        }
    }
}
