//! The table of the limits that were asked for.

use common::render::{Cell, Table, Tone};
use common::report::{Gate, GateUnit, LayerData};
use common::units::format_bytes;

/// A row for each limit of each image.
pub(super) fn gates(data: &LayerData) -> Table {
    let mut table = Table::new(["Gate", "Image", "Value#", "Limit#", "Passed"]);
    for gate in &data.gates {
        let (verdict, tone) = if gate.passed {
            ("yes", Tone::Good)
        } else {
            ("no", Tone::Bad)
        };
        let bound = if gate.rule.starts_with("min-") {
            "≥"
        } else {
            "≤"
        };
        table.row([
            gate.rule.as_str().into(),
            gate.image.as_str().into(),
            amount(gate, gate.value).into(),
            format!("{bound} {}", amount(gate, gate.limit)).into(),
            Cell::toned(verdict, tone),
        ]);
    }
    table
}

fn amount(gate: &Gate, amount: f64) -> String {
    match gate.unit {
        GateUnit::Ratio => format!("{:.2} %", amount * 100.0),
        GateUnit::Bytes if amount < 0.0 => format!("-{}", bytes(-amount)),
        GateUnit::Bytes => bytes(amount),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "gates in bytes hold whole numbers, and the sign is gone"
)]
fn bytes(amount: f64) -> String {
    format_bytes(amount as u64)
}
