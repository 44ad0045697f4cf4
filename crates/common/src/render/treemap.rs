//! A picture of what takes up space: areas within areas.
//!
//! How it is drawn is the business of the format.

/// Sizes as areas within areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Treemap {
    /// What the picture shows.
    pub title: String,
    /// What hatched areas are, such as `wasted`.
    pub hatching: String,
    /// What takes up all the space. Its children have a colour each.
    pub root: Tile,
}

/// One area.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tile {
    /// What takes up the space. One that starts like its parent's and goes on with `/` is drawn
    /// without that start.
    pub label: String,
    /// Bytes, those of the children included. What these do not take up is drawn as all else.
    pub size_bytes: u64,
    /// How many of the bytes are drawn hatched, those of the children included.
    pub hatched_bytes: u64,
    /// What the space consists of, in any order.
    pub children: Vec<Tile>,
}
