//! Which builds' artifacts are kept.

use std::collections::BTreeMap;

/// The artifacts of a build, as far as it matters for how long they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// How old it is, in seconds. Below 0 for one from the future, as of a clock that was wrong.
    pub(crate) age_seconds: i64,
    /// Bytes of each file of content, by digest.
    pub(crate) sizes_bytes: BTreeMap<String, u64>,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Builds that are older are not. `None` keeps any age.
    pub(crate) age_max_seconds: Option<i64>,
    /// Bytes of all content, what builds share counted once. `None` keeps any size.
    pub(crate) size_max_bytes: Option<u64>,
}

/// How many of the builds are kept, which stand newest first: the rest is too old, or too much.
pub(crate) fn kept_count(builds: &[Kept], limits: Limits) -> usize {
    let mut sizes = BTreeMap::new();
    for (count, build) in builds.iter().enumerate() {
        let is_old = limits
            .age_max_seconds
            .is_some_and(|max| build.age_seconds > max);
        sizes.extend(&build.sizes_bytes);
        let size_bytes: u64 = sizes.values().copied().sum();
        if is_old || limits.size_max_bytes.is_some_and(|max| size_bytes > max) {
            return count;
        }
    }
    builds.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn build(age_seconds: i64, files: &[(&str, u64)]) -> Kept {
        let files = files
            .iter()
            .map(|&(digest, size)| (digest.to_owned(), size));
        Kept {
            age_seconds,
            sizes_bytes: files.collect(),
        }
    }

    #[test]
    fn what_builds_share_is_counted_once() {
        let builds = [
            build(0, &[("a", 10), ("b", 5)]),
            build(10, &[("a", 10), ("c", 5)]),
            build(20, &[("d", 1)]),
        ];
        let count = |size| {
            kept_count(
                &builds,
                Limits {
                    size_max_bytes: Some(size),
                    age_max_seconds: None,
                },
            )
        };
        assert_eq!([count(21), count(20), count(19), count(14)], [3, 2, 1, 0]);
    }

    #[test]
    fn builds_are_kept_up_to_their_age() {
        let builds = [build(-5, &[]), build(10, &[]), build(11, &[])];
        let limits = Limits {
            age_max_seconds: Some(10),
            size_max_bytes: None,
        };
        assert_eq!(kept_count(&builds, limits), 2);
        assert_eq!(kept_count(&builds, Limits::default()), 3);
    }

    proptest! {
        #[test]
        fn what_is_kept_is_never_too_much(
            sizes in prop::collection::vec(prop::collection::vec(0_u8..9, 0..4), 0..9),
            max in 0_u64..60,
        ) {
            let builds: Vec<Kept> = sizes
                .iter()
                .map(|files| Kept {
                    age_seconds: 0,
                    // A digest has one size.
                    sizes_bytes: files.iter().map(|digest| (digest.to_string(), u64::from(*digest))).collect(),
                })
                .collect();
            let limits = Limits { size_max_bytes: Some(max), age_max_seconds: None };
            let count = kept_count(&builds, limits);
            let mut all = BTreeMap::new();
            for build in &builds[..count] {
                all.extend(build.sizes_bytes.clone());
            }
            prop_assert!(all.values().sum::<u64>() <= max);
        }
    }
}
