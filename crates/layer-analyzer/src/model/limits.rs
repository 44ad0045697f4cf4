//! The limits that an image has to keep.

/// The limits that were asked for; what is `None` has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Limits {
    /// Live bytes / all bytes, at least.
    pub(crate) min_efficiency: Option<f64>,
    /// Bytes that no container sees, at most.
    pub(crate) max_wasted_bytes: Option<u64>,
    /// Those bytes / all bytes, at most.
    pub(crate) max_wasted_ratio: Option<f64>,
    /// Bytes of all layers, at most.
    pub(crate) max_size_bytes: Option<u64>,
    /// Bytes of the largest layer, at most.
    pub(crate) max_layer_bytes: Option<u64>,
    /// How much larger all layers may be than they were.
    pub(crate) max_growth: Option<Growth>,
    /// The limits of a `.dive-ci` file, on dive's own measures.
    pub(crate) dive: Option<DiveLimits>,
}

/// How much an image may grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Growth {
    /// By so many bytes.
    Bytes(u64),
    /// By such a share of what it was.
    Ratio(f64),
}

/// The rules of a `.dive-ci` file; `None` is a rule that is switched off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DiveLimits {
    /// `lowestEfficiency`.
    pub(crate) min_efficiency: Option<f64>,
    /// `highestWastedBytes`.
    pub(crate) max_wasted_bytes: Option<u64>,
    /// `highestUserWastedPercent`, which is a ratio.
    pub(crate) max_user_wasted_ratio: Option<f64>,
}

impl Default for DiveLimits {
    /// What dive takes for rules that the file does not name.
    /// Source: dive's README, "CI Integration".
    fn default() -> Self {
        Self {
            min_efficiency: Some(0.9),
            max_wasted_bytes: None,
            max_user_wasted_ratio: Some(0.1),
        }
    }
}
