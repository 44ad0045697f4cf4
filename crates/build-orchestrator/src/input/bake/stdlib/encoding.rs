//! Other ways to write a value: base64, JSON, CSV, URLs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

use super::super::evaluate::constant;
use super::super::json::parse_value;
use super::super::syntax::Place;
use super::super::value::Value;
use super::Function;

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("base64decode", |a| {
        let text = a.text()?;
        let bytes = STANDARD
            .decode(&text)
            .map_err(|_| format!("`{text}` is not base64"))?;
        let decoded = String::from_utf8(bytes);
        decoded
            .map(Value::Text)
            .map_err(|_| "the result is not UTF-8".to_owned())
    }),
    ("base64encode", |a| {
        Ok(Value::Text(STANDARD.encode(a.text()?)))
    }),
    ("bytesslice", |a| {
        let (text, offset, length) = (a.text()?, a.count()?, a.count()?);
        let slice = text.get(offset..offset.saturating_add(length));
        let slice = slice.ok_or("these bytes are no text of their own")?;
        Ok(Value::Text(slice.to_owned()))
    }),
    ("csvdecode", |a| csv_rows(&a.text()?)),
    ("jsondecode", |a| {
        let parsed = parse_value(&a.text()?, Place::default()).map_err(|fault| fault.message)?;
        constant(&parsed)
    }),
    ("jsonencode", |a| Ok(Value::Text(a.value()?.to_json()))),
    ("urlencode", |a| {
        let mut encoded = String::new();
        for byte in a.text()?.bytes() {
            match byte {
                b' ' => encoded.push('+'),
                b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
                byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
                byte => write!(encoded, "%{byte:02X}").expect("a string takes all"),
            }
        }
        Ok(Value::Text(encoded))
    }),
];

/// The fields of one line of comma-separated values.
pub(in super::super) fn csv_fields(text: &str) -> Result<Vec<String>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let first = reader.records().next();
    let record = first
        .ok_or("no values")?
        .map_err(|error| error.to_string())?;
    Ok(record.iter().map(|field| field.trim().to_owned()).collect())
}

/// One map a line, whose keys the first line names.
fn csv_rows(text: &str) -> Result<Value, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().map_err(|error| error.to_string())?.clone();
    let rows = reader.records().map(|record| {
        let record = record.map_err(|error| error.to_string())?;
        let fields = names.iter().zip(record.iter());
        let fields = fields.map(|(name, field)| (name.to_owned(), Value::Text(field.to_owned())));
        Ok(Value::Map(fields.collect()))
    });
    Ok(Value::List(rows.collect::<Result<_, String>>()?))
}
