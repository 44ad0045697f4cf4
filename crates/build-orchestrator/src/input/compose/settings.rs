//! How a `build` section is built: caches, attestations, and what `RUN` steps find.

use super::files::Files;
use super::values::entries;
use crate::input::attributes::cache;
use crate::input::yaml::{Fault, Node, Value};
use crate::model::plan::{Attributes, Target};

/// The entitlement behind `privileged`.
///
/// Source: <https://docs.docker.com/build/bake/reference/#targetentitlements>
const INSECURE: &str = "security.insecure";

/// Reads the caches.
pub(super) fn caches(files: &mut Files, target: &mut Target, section: &Node) -> Result<(), Fault> {
    let mut read = |key: &str| match section.get(key) {
        None => Ok(Vec::new()),
        Some(node) => {
            let texts = files.list(node, key)?;
            let caches = texts
                .iter()
                .map(|text| cache(text).map_err(|fault| node.fault(fault)));
            caches.collect()
        }
    };
    target.cache_from = read("cache_from")?;
    target.cache_to = read("cache_to")?;
    Ok(())
}

/// Reads the attestations: whether there are any, or what is to be in them.
pub(super) fn attestations(
    files: &mut Files,
    target: &mut Target,
    section: &Node,
) -> Result<(), Fault> {
    for kind in ["provenance", "sbom"] {
        let Some(node) = section.get(kind) else {
            continue;
        };
        let text = files.text(node, kind)?;
        let attestation = if text.contains('=') {
            cache(&format!("type={kind},{text}")).map_err(|message| node.fault(message))?
        } else if files.boolean(node, kind)? {
            Attributes {
                kind: kind.to_owned(),
                ..Attributes::default()
            }
        } else {
            continue;
        };
        target.attestations.push(attestation);
    }
    Ok(())
}

/// Reads the rest: what `RUN` steps find, may and run again.
pub(super) fn settings(
    files: &mut Files,
    target: &mut Target,
    section: &Node,
) -> Result<(), Fault> {
    if let Some(node) = section.get("network") {
        target.network = Some(files.text(node, "network")?).filter(|network| !network.is_empty());
    }
    if let Some(node) = section.get("shm_size") {
        let text = files.text(node, "shm_size")?;
        let wrong = || node.fault(format!("`shm_size` is not a number of bytes: `{text}`"));
        target.shm_size_bytes = Some(size_bytes(&text).ok_or_else(wrong)?);
    }
    if let Some(node) = section.get("ulimits") {
        target.ulimits = ulimits(files, node)?;
    }
    if let Some(node) = section.get("extra_hosts") {
        target.extra_hosts = extra_hosts(files, node)?;
    }
    if let Some(node) = section.get("entitlements") {
        target.entitlements = files.list(node, "entitlements")?;
    }
    let mut is_set = |key: &str| match section.get(key) {
        Some(node) => files.boolean(node, key),
        None => Ok(false),
    };
    target.no_cache = is_set("no_cache")?;
    target.pull = is_set("pull")?;
    if is_set("privileged")? && target.entitlements.iter().all(|known| known != INSECURE) {
        target.entitlements.push(INSECURE.to_owned());
    }
    if let Some(node) = section.get("isolation") {
        files.warn(
            node,
            "`build.isolation` is for Windows only, and passed over",
        );
    }
    Ok(())
}

/// A number of bytes, such as `2g`, `512m`, `1.5GiB` or `1000000`. A `k` is 1024.
///
/// Source: <https://docs.docker.com/reference/compose-file/extension/#specifying-byte-values>
fn size_bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit.trim() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let bytes = whole.parse::<u64>().ok()?.checked_mul(1 << shift)?;
    // Three digits behind the point are enough for whoever writes one.
    let thousandths: u64 = format!("{part:0<3}").get(..3)?.parse().ok()?;
    bytes.checked_add((thousandths << shift) / 1000)
}

/// The limits, as `NAME=SOFT[:HARD]`.
fn ulimits(files: &mut Files, node: &Node) -> Result<Vec<String>, Fault> {
    let mut limits = Vec::new();
    for entry in entries(node, "ulimits")? {
        let (name, node) = (&entry.key, &entry.node);
        let mut number = |node: &Node| {
            let text = files.text(node, name)?;
            let wrong = |_| node.fault(format!("the limit `{name}` is not a number: `{text}`"));
            text.trim().parse::<i64>().map_err(wrong)
        };
        let limit = match (&node.value, node.get("soft"), node.get("hard")) {
            (Value::Map(_), Some(soft), Some(hard)) => {
                format!("{}:{}", number(soft)?, number(hard)?)
            }
            (Value::Map(_), ..) => {
                return Err(node.fault(format!("the limit `{name}` has to have `soft` and `hard`")));
            }
            _ => number(node)?.to_string(),
        };
        limits.push(format!("{name}={limit}"));
    }
    Ok(limits)
}

/// The names that steps can resolve, as `NAME=ADDRESS`.
fn extra_hosts(files: &mut Files, node: &Node) -> Result<Vec<String>, Fault> {
    let mut hosts = Vec::new();
    for pair in files.pair_list(node, "extra_hosts", &['=', ':'])? {
        let address = pair.value.unwrap_or_default();
        let address = address.trim().trim_start_matches('[').trim_end_matches(']');
        if address.is_empty() {
            let message = format!("the host `{}` has no address", pair.name);
            return Err(pair.node.fault(message));
        }
        let host = format!("{}={address}", pair.name.trim());
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_powers_of_1024() {
        let cases = [
            ("1000000", Some(1_000_000)),
            ("2g", Some(2_147_483_648)),
            ("512M", Some(536_870_912)),
            ("1.5 gb", Some(1_610_612_736)),
            ("64kib", Some(65_536)),
            ("7b", Some(7)),
            ("", None),
            ("2x", None),
            ("g", None),
            ("99999999999999999999", None),
            ("99999999999t", None),
        ];
        for (text, expected) in cases {
            assert_eq!(size_bytes(text), expected, "{text}");
        }
    }
}
