//! Divides a rectangle by sizes, into parts that are as square as it can be done in rows.
//!
//! Own code, because the crates for it are not kept up: `treemap` 0.3.2 is of 2019, and `streemap`
//! has had no version after its first.
//! Source: Bruls, Huizing, van Wijk, "Squarified Treemaps", 2000.

/// A rectangle with its corner at the top left.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rectangle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rectangle {
    /// The area.
    pub(super) fn area(self) -> f64 {
        self.width * self.height
    }
}

/// The part of `space` that each size gets, in their order. They look best when the largest come
/// first. Sizes that are not positive get nothing.
pub(super) fn squarify(sizes: &[f64], space: Rectangle) -> Vec<Rectangle> {
    let total: f64 = sizes.iter().map(|size| size.max(0.0)).sum();
    if total <= 0.0 || space.area() <= 0.0 {
        return vec![Rectangle::default(); sizes.len()];
    }
    let scale = space.area() / total;
    let areas: Vec<f64> = sizes.iter().map(|size| size.max(0.0) * scale).collect();
    let mut parts = Vec::with_capacity(areas.len());
    let (mut left, mut rest) = (areas.as_slice(), space);
    while !left.is_empty() {
        let (row, others) = left.split_at(row_length(left, rest.width.min(rest.height)));
        rest = lay(row, rest, &mut parts);
        left = others;
    }
    parts
}

/// How many areas make the row along `side` whose worst part is closest to a square.
fn row_length(areas: &[f64], side: f64) -> usize {
    let (mut sum, mut smallest, mut largest) = (0.0, f64::INFINITY, 0.0_f64);
    let mut worst = f64::INFINITY;
    for (count, area) in areas.iter().enumerate() {
        sum += area;
        smallest = smallest.min(*area);
        largest = largest.max(*area);
        let thickness = sum / side;
        let next = (thickness * thickness / smallest).max(largest / (thickness * thickness));
        if count > 0 && next > worst {
            return count;
        }
        worst = next;
    }
    areas.len()
}

/// Lays a row along the shorter side of `space`; returns what is left of it.
fn lay(row: &[f64], space: Rectangle, parts: &mut Vec<Rectangle>) -> Rectangle {
    let sum: f64 = row.iter().sum();
    let is_wide = space.width >= space.height;
    let side = space.width.min(space.height);
    let thickness = if side > 0.0 { sum / side } else { 0.0 };
    let mut offset = 0.0;
    for area in row {
        let length = if sum > 0.0 { side * area / sum } else { 0.0 };
        parts.push(if is_wide {
            Rectangle {
                x: space.x,
                y: space.y + offset,
                width: thickness,
                height: length,
            }
        } else {
            Rectangle {
                x: space.x + offset,
                y: space.y,
                width: length,
                height: thickness,
            }
        });
        offset += length;
    }
    let (right, down) = if is_wide {
        (thickness, 0.0)
    } else {
        (0.0, thickness)
    };
    Rectangle {
        x: space.x + right,
        y: space.y + down,
        width: (space.width - right).max(0.0),
        height: (space.height - down).max(0.0),
    }
}

#[cfg(test)]
mod tests;
