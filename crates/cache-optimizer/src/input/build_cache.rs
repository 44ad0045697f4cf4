//! Reads an Engine's build cache, the time that the Engine has, and the disk that it writes to.
//!
//! BuildKit's own `DiskUsage` adds nothing but whether a record is mutable: the Engine copies all other
//! fields from it. Source: `DiskUsage` in moby's builder/builder-next/builder.go, v20.10.24.

use bollard::errors::Error as ApiError;
use common::engine::{Endpoint, Engine};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::Path;

use crate::model::build_cache::{BuildCache, CacheRecord, Disk, RecordKind};

/// Asks for the build cache alone, and from API 1.52 on for each record. Older Engines ignore both.
const DISK_USAGE: &str = "/system/df?type=build-cache&verbose=true";

/// The images without a name, with `{"dangling":["true"]}` as a URL has it.
const DANGLING_IMAGES: &str = "/images/json?filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D";

/// Why a build cache is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildCacheError {
    /// The Engine did not say it.
    #[error("the Engine does not tell what its build cache holds")]
    Answer(#[from] ApiError),
    /// A record has a time that is none.
    #[error("the Engine gives `{0}` as a time")]
    Time(String),
}

/// Reads the build cache.
///
/// # Errors
///
/// The Engine does not answer, or not as its API says.
pub(crate) async fn read(engine: &Engine) -> Result<BuildCache, BuildCacheError> {
    let info: Info = engine.get("/info").await?;
    let usage: DiskUsage = engine.get(DISK_USAGE).await?;
    let dangling: Vec<IgnoredAny> = engine.get(DANGLING_IMAGES).await?;
    Ok(BuildCache {
        records: records(usage)?,
        now_ms: milliseconds(&info.system_time)?,
        dangling_image_count: dangling.len() as u64,
        disk: disk(&engine.endpoint, &info),
    })
}

/// What an Engine says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    name: String,
    docker_root_dir: String,
    system_time: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DiskUsage {
    /// Up to API 1.51.
    #[serde(default)]
    build_cache: Option<Vec<Record>>,
    /// From API 1.52 on.
    #[serde(default)]
    build_cache_usage: Option<Usage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    #[serde(default)]
    items: Option<Vec<Record>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    #[serde(rename = "ID")]
    id: String,
    /// Up to API 1.41.
    #[serde(default)]
    parent: String,
    /// From API 1.42 on.
    #[serde(default)]
    parents: Option<Vec<String>>,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    in_use: bool,
    #[serde(default)]
    shared: bool,
    #[serde(default)]
    size: i64,
    created_at: String,
    #[serde(default)]
    last_used_at: Option<String>,
    #[serde(default)]
    usage_count: u64,
}

fn records(usage: DiskUsage) -> Result<Vec<CacheRecord>, BuildCacheError> {
    let newer = usage.build_cache_usage.and_then(|usage| usage.items);
    let records = usage.build_cache.or(newer).unwrap_or_default();
    records.into_iter().map(record).collect()
}

fn record(record: Record) -> Result<CacheRecord, BuildCacheError> {
    let created_ms = milliseconds(&record.created_at)?;
    let last_used_ms = record.last_used_at.as_deref().map(milliseconds);
    let mut parents = record.parents.unwrap_or_default();
    if parents.is_empty() && !record.parent.is_empty() {
        parents.push(record.parent);
    }
    Ok(CacheRecord {
        kind: kind(&record.r#type),
        id: record.id,
        parents,
        description: record.description,
        is_in_use: record.in_use,
        is_shared: record.shared,
        // Below 0 where the builder has not counted it.
        size_bytes: u64::try_from(record.size).unwrap_or(0),
        created_ms,
        last_used_ms: last_used_ms.transpose()?.unwrap_or(created_ms),
        use_count: record.usage_count,
    })
}

fn kind(name: &str) -> RecordKind {
    match name {
        "exec.cachemount" => RecordKind::CacheMount,
        "source.local" | "source.git.checkout" => RecordKind::Source,
        "internal" | "frontend" => RecordKind::Internal,
        _ => RecordKind::Layer,
    }
}

fn milliseconds(time: &str) -> Result<i64, BuildCacheError> {
    let parsed: Result<Timestamp, _> = time.parse();
    let parsed = parsed.map_err(|_| BuildCacheError::Time(time.to_owned()))?;
    Ok(parsed.as_millisecond())
}

/// The disk of the Engine's folder, if that is a folder of this machine: the Engine listens on a
/// socket in it, has its name, and the folder is there. A socket may also lead elsewhere.
fn disk(endpoint: &Endpoint, info: &Info) -> Option<Disk> {
    let name = rustix::system::uname();
    let is_here =
        matches!(endpoint, Endpoint::Unix(_)) && name.nodename().to_bytes() == info.name.as_bytes();
    let root_dir = Path::new(&info.docker_root_dir);
    let stat = rustix::fs::statvfs(root_dir).ok().filter(|_| is_here)?;
    Some(Disk {
        size_bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
        free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One record, as API 1.41 has it.
    const OLD: &str = r#"{"ID":"b","Parent":"a","Type":"regular","Description":"fileop target","InUse":false,
        "Shared":true,"Size":12,"CreatedAt":"1970-01-01T00:00:01.5Z","LastUsedAt":null,"UsageCount":3}"#;

    /// The same, as API 1.52 has it.
    const NEW: &str = r#"{"ID":"b","Parents":["a","c"],"Type":"exec.cachemount","Description":"fileop target",
        "InUse":false,"Shared":true,"Size":12,"CreatedAt":"1970-01-01T00:00:01.5Z",
        "LastUsedAt":"1970-01-01T00:00:02Z","UsageCount":3}"#;

    fn read(json: &str) -> Vec<CacheRecord> {
        records(serde_json::from_str(json).unwrap()).unwrap()
    }

    #[test]
    fn a_record_of_an_old_engine_has_one_parent_and_was_used_when_it_was_made() {
        let read = read(&format!(r#"{{"BuildCache":[{OLD}],"BuilderSize":12}}"#));
        let expected = CacheRecord {
            id: "b".to_owned(),
            parents: vec!["a".to_owned()],
            kind: RecordKind::Layer,
            description: "fileop target".to_owned(),
            is_in_use: false,
            is_shared: true,
            size_bytes: 12,
            created_ms: 1500,
            last_used_ms: 1500,
            use_count: 3,
        };
        assert_eq!(read, [expected]);
    }

    #[test]
    fn a_new_engine_lists_records_elsewhere_with_all_parents() {
        let read = read(&format!(
            r#"{{"BuildCacheUsage":{{"TotalCount":1,"Items":[{NEW}]}}}}"#
        ));
        assert_eq!(read[0].parents, ["a", "c"]);
        assert_eq!(read[0].last_used_ms, 2000);
        assert_eq!(read[0].kind, RecordKind::CacheMount);
    }

    #[test]
    fn an_empty_cache_is_none() {
        assert!(read(r#"{"BuildCache":null}"#).is_empty());
    }

    proptest! {
        #[test]
        fn any_time_is_one_or_an_error(text: String) {
            let _ = milliseconds(&text);
        }
    }
}
