//! Areas are in proportion, inside, and apart, whatever the sizes.

use proptest::prelude::*;

use super::*;

const SPACE: Rectangle = Rectangle {
    x: 10.0,
    y: 20.0,
    width: 6.0,
    height: 4.0,
};

fn rectangle(x: f64, y: f64, width: f64, height: f64) -> Rectangle {
    Rectangle {
        x,
        y,
        width,
        height,
    }
}

#[test]
fn the_example_of_the_paper_begins_as_there() {
    // 6 and 6 of 24 share the left half, each 3 wide and 2 high.
    let parts = squarify(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], SPACE);
    assert_eq!(parts[0], rectangle(10.0, 20.0, 3.0, 2.0));
    assert_eq!(parts[1], rectangle(10.0, 22.0, 3.0, 2.0));
    // 4 and 3 share a row of 7 along the top of the right half, 7 / 3 high.
    assert!((parts[2].height - 7.0 / 3.0).abs() < 1e-9);
    assert!((parts[2].width - 12.0 / 7.0).abs() < 1e-9);
}

#[test]
fn nothing_gets_nothing() {
    assert!(squarify(&[], SPACE).is_empty());
    assert_eq!(squarify(&[0.0, 0.0], SPACE), [Rectangle::default(); 2]);
    let parts = squarify(&[5.0, 0.0], SPACE);
    assert_eq!(parts[0], SPACE);
    assert!(parts[1].area().abs() < 1e-9);
}

fn overlap(a: Rectangle, b: Rectangle) -> f64 {
    let along = |a: f64, a_length: f64, b: f64, b_length: f64| {
        ((a + a_length).min(b + b_length) - a.max(b)).max(0.0)
    };
    along(a.x, a.width, b.x, b.width) * along(a.y, a.height, b.y, b.height)
}

proptest! {
    #[test]
    fn parts_are_in_proportion_inside_and_apart(
        sizes in proptest::collection::vec(0_u32..1_000_000, 1..60),
    ) {
        let sizes: Vec<f64> = sizes.into_iter().map(f64::from).collect();
        let total: f64 = sizes.iter().sum();
        let parts = squarify(&sizes, SPACE);
        prop_assert_eq!(parts.len(), sizes.len());
        for (index, (part, size)) in parts.iter().zip(&sizes).enumerate() {
            if total > 0.0 {
                prop_assert!((part.area() - size / total * 24.0).abs() < 1e-6, "{part:?}");
                prop_assert!(part.x >= 10.0 - 1e-6 && part.x + part.width <= 16.0 + 1e-6);
                prop_assert!(part.y >= 20.0 - 1e-6 && part.y + part.height <= 24.0 + 1e-6);
            }
            for other in &parts[index + 1..] {
                prop_assert!(overlap(*part, *other) < 1e-6, "{part:?} and {other:?}");
            }
        }
    }
}
