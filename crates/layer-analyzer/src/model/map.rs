//! Maps with a hasher for short keys.
//!
//! The standard one is made for keys that an attacker chooses and answers that he times; a run of
//! these tools has a seed of its own, which no archive knows, and is over after a few million keys.

use std::collections::{HashMap, HashSet};

/// A map from paths or parts of them.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A set of paths or positions.
pub(crate) type Set<K> = HashSet<K, foldhash::fast::RandomState>;
