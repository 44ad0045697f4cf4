//! Arguments of `analyze`.

use clap::Args;
use common::cli::{InputArgs, OutputArgs};
use globset::{Glob, GlobBuilder};
use std::ffi::OsString;

use super::gates::GateArgs;
use super::image::ImageArgs;

#[derive(Args, Debug)]
pub(crate) struct AnalyzeArgs {
    /// Images to analyse [default: every image of the build reports that are read]
    ///
    /// The path of an archive or an OCI layout, `-` for an archive on standard input, or the name or
    /// id of an image in the Engine. `archive:PATH`, `oci:PATH`, `oci:PATH:NAME`, `engine:NAME` and
    /// `registry:NAME` say which one is meant.
    #[arg(value_name = "IMAGE")]
    pub(crate) images: Vec<OsString>,

    /// Report the N largest files of each layer, and of an image the N paths that waste most and the
    /// N contents that are repeated most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,

    /// The image that all images are based on [default: as the build reports tell]
    ///
    /// Its layers have to be the lowest of each of them. Named as IMAGE is.
    #[arg(long, value_name = "IMAGE")]
    pub(crate) base: Option<OsString>,

    /// Let no rule look at the files that GLOB matches (can be repeated)
    ///
    /// A path from the root of the image, such as `usr/share/doc/**`; `*` stays within a folder,
    /// `**` does not.
    #[arg(long, value_name = "GLOB", value_parser = parse_glob)]
    pub(crate) ignore: Vec<Glob>,

    #[command(flatten)]
    pub(crate) image: ImageArgs,

    #[command(flatten)]
    pub(crate) gates: GateArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

fn parse_glob(written: &str) -> Result<Glob, globset::Error> {
    let mut glob = GlobBuilder::new(written.trim_start_matches('/'));
    glob.literal_separator(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_a_folder() {
        let is_match = |glob, path| parse_glob(glob).unwrap().compile_matcher().is_match(path);
        assert!(is_match("/usr/share/doc/**", "usr/share/doc/a/b"));
        assert!(is_match("**/*.pem", "etc/a.pem"));
        assert!(!is_match("usr/*", "usr/share/doc"));
        assert!(parse_glob("a[").is_err());
    }
}
