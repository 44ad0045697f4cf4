//! Files, archives and images that a build writes.
