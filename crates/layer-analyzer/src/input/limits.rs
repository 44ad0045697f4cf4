//! How much of an image is read before it is refused: what is hostile ends here, not in memory.
//!
//! The bytes of contents need no limit, because none is kept.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many entries a reader counts for itself before it tells the budget.
///
/// Chosen: threads that share a budget meet rarely, and what is over the limit stays small.
const BATCH_ENTRY_COUNT: u64 = 256;

/// The limits of what is read together: an archive, a folder, or an image of a registry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Entries of all layers, and members of the archive around them.
    pub(crate) entry_count: u64,
    /// Bytes of their paths, link targets and extended attributes.
    pub(crate) name_bytes: u64,
    /// Bytes of one JSON document.
    pub(crate) document_bytes: u64,
    /// Bytes of all JSON documents.
    pub(crate) json_bytes: u64,
    /// How deep an index can hold another.
    pub(crate) index_depth: usize,
    /// How many manifests one index can list.
    pub(crate) manifest_count: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Chosen: ten times the largest images in use; 1.5 GB of memory.
            entry_count: 10_000_000,
            // Chosen: paths of 100 bytes for every one of these entries.
            name_bytes: 1 << 30,
            // Chosen: containerd and Docker refuse manifests above 4 MiB; configurations are smaller.
            document_bytes: 4 << 20,
            // Chosen: the documents of a thousand images with SBOMs fit, and a runner's memory holds
            // them.
            json_bytes: 256 << 20,
            // Chosen: builders nest two, and registries none.
            index_depth: 8,
            // Chosen: far more than there are platforms, or names in a folder of images.
            manifest_count: 10_000,
        }
    }
}

/// What is left of the limits, which all readers of a source share.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    pub(crate) limits: Limits,
    entry_count: AtomicU64,
    name_bytes: AtomicU64,
    json_bytes: AtomicU64,
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LimitError {
    #[error("there are more than {0} entries, which is the limit")]
    Entries(u64),
    #[error("paths, links and attributes take more than {0} bytes, which is the limit")]
    Names(u64),
    #[error("there are more than {0} bytes of JSON, which is the limit")]
    Json(u64),
    #[error("indexes are nested deeper than {0}, which is the limit")]
    Nesting(usize),
    #[error("an index lists more than {0} manifests, which is the limit")]
    Manifests(usize),
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// A count of entries that is told to the budget from time to time.
    pub(crate) fn tally(&self) -> Tally<'_> {
        Tally {
            budget: self,
            entry_count: 0,
            name_bytes: 0,
        }
    }

    /// Takes a document.
    ///
    /// # Errors
    ///
    /// The documents are more than there may be.
    pub(crate) fn take_json(&self, byte_count: usize) -> Result<(), LimitError> {
        let taken = self.json_bytes.fetch_add(byte_count as u64, Relaxed) + byte_count as u64;
        if taken > self.limits.json_bytes {
            return Err(LimitError::Json(self.limits.json_bytes));
        }
        Ok(())
    }
}

/// Entries that one reader has counted.
#[derive(Debug)]
pub(crate) struct Tally<'a> {
    budget: &'a Budget,
    entry_count: u64,
    name_bytes: u64,
}

impl Tally<'_> {
    /// Takes an entry that keeps `name_bytes` of paths, links and attributes.
    ///
    /// # Errors
    ///
    /// The entries are more than there may be.
    pub(crate) fn take(&mut self, name_bytes: usize) -> Result<(), LimitError> {
        self.entry_count += 1;
        self.name_bytes += name_bytes as u64;
        if self.entry_count >= BATCH_ENTRY_COUNT || self.name_bytes >= 1 << 20 {
            return self.finish();
        }
        Ok(())
    }

    /// Tells the budget what was not told yet.
    ///
    /// # Errors
    ///
    /// The entries are more than there may be.
    pub(crate) fn finish(&mut self) -> Result<(), LimitError> {
        let (budget, limits) = (self.budget, self.budget.limits);
        let entry_count = std::mem::take(&mut self.entry_count);
        let name_bytes = std::mem::take(&mut self.name_bytes);
        if budget.entry_count.fetch_add(entry_count, Relaxed) + entry_count > limits.entry_count {
            return Err(LimitError::Entries(limits.entry_count));
        }
        if budget.name_bytes.fetch_add(name_bytes, Relaxed) + name_bytes > limits.name_bytes {
            return Err(LimitError::Names(limits.name_bytes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_share_one_limit() {
        let budget = Budget::new(Limits {
            entry_count: 3,
            name_bytes: 100,
            ..Limits::default()
        });
        let (mut one, mut other) = (budget.tally(), budget.tally());
        for tally in [&mut one, &mut other] {
            tally.take(10).unwrap();
        }
        one.finish().unwrap();
        other.finish().unwrap();
        one.take(80).unwrap();
        one.finish().unwrap();
        other.take(1).unwrap();
        assert_eq!(other.finish(), Err(LimitError::Entries(3)));
    }

    #[test]
    fn long_names_and_many_documents_end_too() {
        let budget = Budget::new(Limits {
            name_bytes: 100,
            json_bytes: 10,
            ..Limits::default()
        });
        let mut tally = budget.tally();
        tally.take(101).unwrap();
        assert_eq!(tally.finish(), Err(LimitError::Names(100)));
        budget.take_json(10).unwrap();
        assert_eq!(budget.take_json(1), Err(LimitError::Json(10)));
    }
}
