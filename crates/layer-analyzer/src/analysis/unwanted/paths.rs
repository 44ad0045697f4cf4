//! What should not be in an image by its path: the table.
//!
//! Patterns are paths. One that starts with `/` starts at the root, any other one anywhere; one that
//! ends with `/` is a folder with all that is below, any other one a file. `*` is any text within a
//! name, `#` one digit. A pattern behind `!` takes paths out that the others of its rule match. Of
//! several rules that match a path the first one counts.

use super::super::rules::{Rule, Weight};

/// A rule that looks at paths.
#[derive(Debug)]
pub(crate) struct PathRule {
    /// What it is about.
    pub(crate) rule: Rule,
    /// How many bytes of one layer are more than a note.
    pub(crate) bytes_min: u64,
    /// The paths, with blanks between them.
    pub(crate) patterns: &'static str,
    /// Whether the content decides, where it was read.
    pub(crate) is_by_content: bool,
}

/// Chosen: a hundredth of a small image; less is not worth an edit.
const MUCH: u64 = 1_000_000;

/// Where the rule about crashed programs is, which also goes by content.
pub(super) const CRASH_DUMP: usize = 14;

/// Files that cost space.
pub(crate) const UNWANTED: [PathRule; 22] = [
    unwanted(
        Rule {
            id: "apt-cache",
            weight: Weight::Warning,
            what: "lists and archives of apt",
            advice: "end the `RUN` that installs with `rm -rf /var/lib/apt/lists/*`, or mount a cache at `/var/cache/apt` and `/var/lib/apt`",
            source: "https://docs.docker.com/build/building/best-practices/#apt-get",
        },
        "/var/lib/apt/lists/ /var/cache/apt/ /var/cache/debconf/*-old /var/lib/dpkg/*-old",
    ),
    unwanted(
        Rule {
            id: "apk-cache",
            weight: Weight::Warning,
            what: "the cache of apk",
            advice: "install with `apk add --no-cache`",
            source: "https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper#Local_Cache",
        },
        "/var/cache/apk/ /etc/apk/cache/",
    ),
    unwanted(
        Rule {
            id: "rpm-cache",
            weight: Weight::Warning,
            what: "caches of dnf, yum, zypper or pacman",
            advice: "end the `RUN` that installs with `dnf clean all`, or mount a cache",
            source: "https://dnf.readthedocs.io/en/latest/command_ref.html#clean-command",
        },
        "/var/cache/dnf/ /var/cache/yum/ /var/cache/libdnf5/ /var/cache/zypp/ \
         /var/cache/pacman/pkg/",
    ),
    unwanted(
        Rule {
            id: "python-package-cache",
            weight: Weight::Warning,
            what: "caches of pip, uv, Poetry or conda",
            advice: "install with `pip install --no-cache-dir`, end with `conda clean --all`, or mount a cache at `/root/.cache`",
            source: "https://pip.pypa.io/en/stable/topics/caching/",
        },
        ".cache/pip/ .cache/uv/ .cache/pypoetry/ .cache/pipenv/ conda/pkgs/*.conda \
         conda/pkgs/*.tar.bz2 conda/pkgs/cache/ miniconda3/pkgs/*.conda \
         miniconda3/pkgs/*.tar.bz2 miniconda3/pkgs/cache/",
    ),
    unwanted(
        Rule {
            id: "javascript-package-cache",
            weight: Weight::Warning,
            what: "caches of npm, yarn, pnpm or bun",
            advice: "end with `npm cache clean --force`, or mount a cache at `/root/.npm`",
            source: "https://docs.npmjs.com/cli/commands/npm-cache",
        },
        ".npm/_cacache/ .npm/_npx/ .cache/yarn/ /usr/local/share/.cache/ .yarn/berry/cache/ \
         .local/share/pnpm/store/ .pnpm-store/ .cache/pnpm/ .bun/install/cache/ \
         .cache/node-gyp/",
    ),
    unwanted(
        Rule {
            id: "cargo-cache",
            weight: Weight::Warning,
            what: "the registry of cargo",
            advice: "copy the program into a stage without cargo, or mount a cache at `$CARGO_HOME/registry`",
            source: "https://doc.rust-lang.org/cargo/guide/cargo-home.html",
        },
        ".cargo/registry/ .cargo/git/ /usr/local/cargo/registry/ /usr/local/cargo/git/",
    ),
    unwanted(
        Rule {
            id: "go-cache",
            weight: Weight::Warning,
            what: "the build or module cache of Go",
            advice: "copy the program into a stage without Go, or mount caches at `/root/.cache/go-build` and `/go/pkg/mod`",
            source: "https://docs.docker.com/build/cache/optimize/#use-cache-mounts",
        },
        ".cache/go-build/ go/pkg/mod/ go/pkg/sumdb/",
    ),
    unwanted(
        Rule {
            id: "jvm-package-cache",
            weight: Weight::Warning,
            what: "repositories of Maven, Gradle, Ivy or sbt",
            advice: "copy the archive into a stage without the build tool, or mount a cache at `/root/.m2`",
            source: "https://docs.docker.com/build/cache/optimize/#use-cache-mounts",
        },
        ".m2/repository/ .m2/wrapper/ .gradle/caches/ .gradle/wrapper/ .gradle/daemon/ \
         .ivy2/cache/ .sbt/boot/ .cache/coursier/",
    ),
    unwanted(
        Rule {
            id: "ruby-package-cache",
            weight: Weight::Warning,
            what: "archives that gem or bundler installed from",
            advice: "delete the folder `cache` in the `RUN` that installs, or mount a cache there",
            source: "https://guides.rubygems.org/command-reference/#gem-install",
        },
        "/usr/local/bundle/cache/ gems/#*/cache/ bundle/ruby/*/cache/ .bundle/cache/",
    ),
    unwanted(
        Rule {
            id: "php-package-cache",
            weight: Weight::Warning,
            what: "the cache of Composer",
            advice: "end with `composer clear-cache`, or mount a cache at `$COMPOSER_CACHE_DIR`",
            source: "https://getcomposer.org/doc/03-cli.md#composer-cache-dir",
        },
        ".composer/cache/ .cache/composer/",
    ),
    unwanted(
        Rule {
            id: "nuget-cache",
            weight: Weight::Warning,
            what: "packages of NuGet",
            advice: "copy what `dotnet publish` made into a stage without the SDK",
            source: "https://learn.microsoft.com/nuget/consume-packages/managing-the-global-packages-and-cache-folders",
        },
        ".nuget/packages/ .local/share/NuGet/",
    ),
    PathRule {
        rule: Rule {
            id: "version-control",
            weight: Weight::Warning,
            what: "the history of the sources",
            advice: "name the folder in `.dockerignore`: it holds all that was ever committed",
            source: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
        },
        bytes_min: 0,
        patterns: ".git/ .hg/ .svn/ .bzr/",
        is_by_content: false,
    },
    unwanted(
        Rule {
            id: "build-tree",
            weight: Weight::Warning,
            what: "what compilers and checkers keep for their next run",
            advice: "copy only results from the stage that builds, and name the folders in `.dockerignore`",
            source: "https://docs.docker.com/build/building/multi-stage/",
        },
        "target/debug/ target/*/deps/ target/*/build/ target/*/incremental/ CMakeFiles/ \
         node_modules/.cache/ .next/cache/ .parcel-cache/ .turbo/ .tox/ .nox/ .mypy_cache/ \
         .pytest_cache/ .ruff_cache/ .nyc_output/ *.o !/usr/lib/",
    ),
    unwanted(
        Rule {
            id: "debug-symbols",
            weight: Weight::Warning,
            what: "debug symbols",
            advice: "leave them out of the final stage: debuggers find them elsewhere",
            source: "https://sourceware.org/gdb/current/onlinedocs/gdb.html/Separate-Debug-Files.html",
        },
        "/usr/lib/debug/ *.debug *.dSYM/ *.pdb *.dwo *.dwp",
    ),
    PathRule {
        rule: Rule {
            id: "crash-dump",
            weight: Weight::Warning,
            what: "the memory of programs that crashed",
            advice: "delete it where it is made: it can hold whatever the program knew",
            source: "https://man7.org/linux/man-pages/man5/core.5.html",
        },
        bytes_min: 0,
        patterns: "/core core.#* !core.*.* *.hprof hs_err_pid*.log *.stackdump /var/crash/ \
  /var/lib/systemd/coredump/",
        is_by_content: false,
    },
    unwanted(
        Rule {
            id: "log-file",
            weight: Weight::Warning,
            what: "logs of the build",
            advice: "delete them in the `RUN` that writes them",
            source: "https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch05s10.html",
        },
        "/var/log/ .npm/_logs/ npm-debug.log yarn-error.log yarn-debug.log pip-log.txt",
    ),
    unwanted(
        Rule {
            id: "temporary-file",
            weight: Weight::Warning,
            what: "temporary files",
            advice: "delete them in the `RUN` that makes them, or mount `--mount=type=tmpfs,target=/tmp`",
            source: "https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s18.html",
        },
        "/tmp/ /var/tmp/",
    ),
    unwanted(
        Rule {
            id: "editor-litter",
            weight: Weight::Note,
            what: "leftovers of editors and desktops",
            advice: "name them in `.dockerignore`",
            source: "https://github.com/github/gitignore/tree/main/Global",
        },
        ".DS_Store Thumbs.db __MACOSX/ .idea/ .vscode/ .vs/ *.swp *.swo *.iml",
    ),
    unwanted(
        Rule {
            id: "package-tests",
            weight: Weight::Note,
            what: "tests of installed packages",
            advice: "delete them in the `RUN` that installs, if nothing imports them",
            source: "https://github.com/docker-library/python/blob/master/Dockerfile-linux.template",
        },
        "site-packages/*/tests/ site-packages/*/test/ site-packages/*/*/tests/ \
         dist-packages/*/tests/ dist-packages/*/test/ dist-packages/*/*/tests/ \
         lib/python#*/test/ lib/python#*/*/test/ lib/python#*/*/tests/ node_modules/*/test/ \
         node_modules/*/tests/ node_modules/*/__tests__/ node_modules/@*/*/test/ \
         node_modules/@*/*/__tests__/",
    ),
    unwanted(
        Rule {
            id: "python-bytecode",
            weight: Weight::Note,
            what: "bytecode of Python beside its sources",
            advice: "install with `pip install --no-compile` or set `PYTHONDONTWRITEBYTECODE=1`, if the first start may take longer",
            source: "https://docs.python.org/3/using/cmdline.html#envvar-PYTHONDONTWRITEBYTECODE",
        },
        "__pycache__/",
    ),
    unwanted(
        Rule {
            id: "build-tool",
            weight: Weight::Note,
            what: "compilers, build tools and what they read",
            advice: "build in a stage of its own, and copy the results from there",
            source: "https://docs.docker.com/build/building/multi-stage/",
        },
        "bin/gcc bin/g++ bin/*-gcc-#* bin/*-g++-#* bin/*-cpp-#* bin/*-gcc bin/*-g++ \
         lib/gcc/*/*/cc1* libexec/gcc/*/*/cc1* lib/gcc/*/*/lto1 lib/gcc/*/*/lto-wrapper \
         libexec/gcc/*/*/lto* lib/llvm-*/bin/ bin/clang bin/clang-#* bin/make bin/gmake \
         bin/cmake bin/ninja bin/meson bin/*-ld.bfd bin/*-ld.gold bin/*-as bin/rustc bin/cargo \
         /usr/local/rustup/toolchains/ .rustup/toolchains/ /usr/local/go/bin/ \
         /usr/local/go/pkg/ /usr/local/go/src/ lib/go-#*/ bin/javac bin/mvn lib/jvm/*/jmods/ \
         lib/jvm/*/lib/ct.sym /usr/include/ /usr/lib/*.a /usr/lib/*/*.a",
    ),
    unwanted(
        Rule {
            id: "documentation",
            weight: Weight::Note,
            what: "documentation, manuals and translations",
            advice: "tell the package manager to leave them out, such as with `path-exclude` of dpkg; licences must stay",
            source: "https://wiki.ubuntu.com/ReducingDiskFootprint#Documentation",
        },
        "/usr/share/doc/ /usr/share/man/ /usr/share/info/ /usr/share/gtk-doc/ \
         /usr/share/locale/ /usr/local/share/man/ /usr/local/share/doc/ \
         !/usr/share/doc/*/copyright !/usr/share/locale/locale.alias",
    ),
];

const fn unwanted(rule: Rule, patterns: &'static str) -> PathRule {
    PathRule {
        rule,
        bytes_min: MUCH,
        patterns,
        is_by_content: false,
    }
}
