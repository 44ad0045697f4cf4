//! Composer and Bundler.

use super::{Folder, Reads, Tool};

pub(super) const TOOLS: [Tool; 2] = [
    // Source: <https://getcomposer.org/doc/03-cli.md#composer-cache-dir> and
    // <https://github.com/composer/docker>, whose image has `COMPOSER_HOME` at `/tmp`
    Tool {
        name: "composer",
        programs: &["composer", "composer.phar"],
        uses: |_, words| {
            let installs = matches!(words, ["install" | "i" | "update" | "require", ..]);
            installs.then_some(Reads::Nothing)
        },
        folders: |_, around| {
            let variables = [("COMPOSER_CACHE_DIR", ""), ("COMPOSER_HOME", "/cache")];
            match (around.first_set(&variables)?, around.image.as_deref()) {
                (Some(path), _) => Ok(vec![Folder::shared(path)]),
                (None, Some("composer")) => Ok(vec![Folder::shared("/tmp/cache")]),
                (None, _) => Err(
                    "without `COMPOSER_CACHE_DIR` it depends on the image where the cache is"
                        .to_owned(),
                ),
            }
        },
    },
    // Source: <https://bundler.io/man/bundle-config.1.html>
    Tool {
        name: "bundler",
        programs: &["bundle", "bundler"],
        uses: |_, words| matches!(words, [] | ["install", ..]).then_some(Reads::Nothing),
        folders: |_, _| {
            Err("Bundler keeps what it downloads beside the gems that it installs".to_owned())
        },
    },
];
