//! The harness of mended projects itself: what it builds runs, and is told apart from the cache.

use tests::mending::{Mending, ran, steps};

#[test]
fn a_stand_in_runs_once_and_is_cached_then() {
    let dockerfile = "FROM NAME-base\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\n";
    let files = [("Dockerfile", dockerfile), ("package.json", "{}")];
    let npm = ("npm", "cat package.json > installed");
    let mending = Mending::new("harness", &[npm], &files);
    let first = mending.build("1");
    assert!(ran(&first, "npm ci"));
    assert_eq!(steps(&first).len(), 3);
    assert!(!ran(&mending.build("2"), "npm ci"));
    mending.assert_same_image("1", "2");
}
