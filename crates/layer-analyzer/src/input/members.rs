//! What an archive holds under which name, and where its links lead.

use std::collections::HashMap;

use super::blobs::BlobError;
use super::limits::{LimitError, Tally};
use super::tar::{Member, MemberKind};
use crate::model::path;

/// How many links may lead from a name to its content.
///
/// Chosen: Linux's own limit (`path_resolution(7)`).
const LINK_COUNT_MAX: usize = 40;

/// The members of an archive, by their normal names: no `..` and no `/` at the start leads out.
#[derive(Debug)]
pub(super) struct Members<T> {
    contents: HashMap<Vec<u8>, T>,
    /// What symbolic and hard links point to.
    links: HashMap<Vec<u8>, Vec<u8>>,
    /// Where the archive stops, when it has no end marker.
    pub(super) cut_at: Option<u64>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self {
            contents: HashMap::new(),
            links: HashMap::new(),
            cut_at: None,
        }
    }
}

impl<T> Members<T> {
    /// Adds a file with what it holds. Of two members with a name the last one counts, as where an
    /// archive is unpacked.
    pub(super) fn add_file(
        &mut self,
        name: Vec<u8>,
        content: T,
        tally: &mut Tally,
    ) -> Result<(), LimitError> {
        tally.take(name.len())?;
        self.links.remove(&name);
        self.contents.insert(name, content);
        Ok(())
    }

    /// Adds a link.
    pub(super) fn add_link(
        &mut self,
        name: Vec<u8>,
        member: &Member,
        tally: &mut Tally,
    ) -> Result<(), LimitError> {
        let target = link_target(&name, member);
        tally.take(name.len() + target.len())?;
        self.contents.remove(&name);
        self.links.insert(name, target);
        Ok(())
    }

    /// What a name stands for, through links, and its name there: Engines before 25 save a layer that
    /// an image has twice as a symbolic link to the other one. Source: moby#24003.
    pub(super) fn find(&self, name: &str) -> Result<(&[u8], &T), BlobError> {
        let asked = path::normal(name.as_bytes());
        let mut found = asked.as_slice();
        for _ in 0..=LINK_COUNT_MAX {
            if let Some((name, content)) = self.contents.get_key_value(found) {
                return Ok((name, content));
            }
            match self.links.get(found) {
                Some(target) => found = target,
                None => return Err(self.missing(name, found, found == asked)),
            }
        }
        Err(BlobError::LinkLoop {
            name: name.to_owned(),
        })
    }

    fn missing(&self, name: &str, found: &[u8], is_direct: bool) -> BlobError {
        let name = name.to_owned();
        if let Some(offset) = self.cut_at {
            return BlobError::CutOff { name, offset };
        }
        if is_direct {
            return BlobError::Missing { name };
        }
        let target = path::to_text(found);
        BlobError::DeadLink { name, target }
    }
}

/// The normal name that a link leads to: symbolic links start at their own folder.
fn link_target(name: &[u8], member: &Member) -> Vec<u8> {
    let is_relative = member.kind == MemberKind::Symlink && !member.link.starts_with(b"/");
    let folder = if is_relative {
        path::split_last(name).0
    } else {
        b""
    };
    path::normal(&path::join(folder, &member.link))
}
