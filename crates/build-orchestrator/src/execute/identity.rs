//! Names that have to be unique among all who use an Engine.

use common::report::sha256_hex;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A name for a session or a build, made once.
pub(super) fn unique_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let process = std::process::id();
    let name = format!("{} {process} {now:?} {count}", machine());
    digits(&name)
}

/// The name under which an Engine keeps what it has of a target's context.
///
/// The Engine takes a file for unchanged when size, mode and times are, so two machines must not
/// share a name. Two targets do not, because each would throw out what only the other needs.
pub(super) fn shared_key(context_dir: &Path, target: &str) -> String {
    let dir = fs_err::canonicalize(context_dir).unwrap_or(context_dir.to_owned());
    let name = format!("{}\n{}\n{target}", machine(), dir.display());
    digits(&name)
}

/// What tells this machine from others, as far as it says.
fn machine() -> String {
    let read = |path: &str| fs_err::read_to_string(path).unwrap_or_default();
    read("/etc/machine-id") + &read("/proc/sys/kernel/hostname")
}

fn digits(name: &str) -> String {
    sha256_hex(name.as_bytes()).replace("sha256:", "")
}
