//! The package managers of distributions.

use super::{Folder, Reads, Tool};

pub(super) const TOOLS: [Tool; 3] = [
    // Of `/var/lib/apt` only the lists: beside them apt remembers which packages came as dependencies,
    // which is the image's own and must not be shared with others.
    // Source: <https://docs.docker.com/reference/dockerfile/#example-cache-apt-packages>, apt.conf(5)
    Tool {
        name: "apt",
        programs: &["apt", "apt-get"],
        uses: |_, words| {
            let verbs = [
                "install",
                "upgrade",
                "dist-upgrade",
                "full-upgrade",
                "build-dep",
            ];
            words
                .first()
                .is_some_and(|word| verbs.contains(word))
                .then_some(Reads::Nothing)
        },
        folders: |_, _| {
            let folders = ["/var/cache/apt", "/var/lib/apt/lists"].map(Folder::exclusive);
            Ok(folders.to_vec())
        },
    },
    // A folder at this path turns the cache on.
    // Source: <https://wiki.alpinelinux.org/wiki/Local_APK_cache>
    Tool {
        name: "apk",
        programs: &["apk"],
        uses: |_, words| matches!(words, ["add" | "upgrade", ..]).then_some(Reads::Nothing),
        folders: |_, _| Ok(vec![Folder::exclusive("/etc/apk/cache")]),
    },
    // Source: dnf.conf(5), `cachedir` and `keepcache`, of versions 4 and 5
    Tool {
        name: "dnf",
        programs: &["dnf", "microdnf", "yum"],
        uses: |_, words| {
            let verbs = ["install", "update", "upgrade", "groupinstall"];
            words
                .iter()
                .take(1)
                .any(|word| verbs.contains(word))
                .then_some(Reads::Nothing)
        },
        folders: |_, _| {
            Err("where it keeps packages, and whether it does, depends on its version".to_owned())
        },
    },
];
