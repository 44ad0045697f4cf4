//! Numbers, and comparing them.

use super::super::operators::operate;
use super::super::syntax::Operator;
use super::super::value::Value;
use super::{Arguments, Function};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("absolute", |a| Ok(Value::Number(a.number()?.abs()))),
    ("add", |a| operator(a, Operator::Add)),
    ("and", |a| {
        let (left, right) = (a.bool()?, a.bool()?);
        Ok(Value::Bool(left && right))
    }),
    ("ceil", |a| Ok(Value::Number(a.number()?.ceil()))),
    ("divide", |a| operator(a, Operator::Divide)),
    ("equal", |a| operator(a, Operator::Equal)),
    ("floor", |a| Ok(Value::Number(a.number()?.floor()))),
    ("greaterthan", |a| operator(a, Operator::Greater)),
    ("greaterthanorequalto", |a| {
        operator(a, Operator::GreaterOrEqual)
    }),
    ("int", |a| Ok(Value::Number(a.number()?.trunc()))),
    ("lessthan", |a| operator(a, Operator::Less)),
    ("lessthanorequalto", |a| operator(a, Operator::LessOrEqual)),
    ("log", |a| {
        let (number, base) = (a.number()?, a.number()?);
        Value::number(number.ln() / base.ln())
    }),
    ("max", |a| extreme(a, f64::max)),
    ("min", |a| extreme(a, f64::min)),
    ("modulo", |a| operator(a, Operator::Modulo)),
    ("multiply", |a| operator(a, Operator::Multiply)),
    ("negate", |a| Ok(Value::Number(-a.number()?))),
    ("not", |a| Ok(Value::Bool(!a.bool()?))),
    ("notequal", |a| operator(a, Operator::NotEqual)),
    ("or", |a| {
        let (left, right) = (a.bool()?, a.bool()?);
        Ok(Value::Bool(left || right))
    }),
    ("parseint", parse_int),
    ("pow", |a| {
        let (number, power) = (a.number()?, a.number()?);
        Value::number(number.powf(power))
    }),
    ("signum", |a| {
        let number = a.number()?;
        Ok(Value::Number(if number == 0.0 {
            0.0
        } else {
            number.signum()
        }))
    }),
    ("subtract", |a| operator(a, Operator::Subtract)),
];

fn operator(arguments: &mut Arguments, operator: Operator) -> Result<Value, String> {
    let (left, right) = (arguments.value()?, arguments.value()?);
    operate(operator, left, right)
}

fn extreme(arguments: &mut Arguments, choose: fn(f64, f64) -> f64) -> Result<Value, String> {
    let mut chosen = arguments.number()?;
    for value in arguments.rest() {
        chosen = choose(chosen, value.into_number()?);
    }
    Ok(Value::Number(chosen))
}

fn parse_int(arguments: &mut Arguments) -> Result<Value, String> {
    let (text, base) = (arguments.text()?, arguments.count()?);
    let base = u32::try_from(base)
        .ok()
        .filter(|base| (2..=36).contains(base));
    let base = base.ok_or("the base lies between 2 and 36")?;
    match i64::from_str_radix(&text, base) {
        Ok(number) => Ok(Value::Number(number as f64)),
        Err(_) => Err(format!("`{text}` is no whole number of base {base}")),
    }
}
