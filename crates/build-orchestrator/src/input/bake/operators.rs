//! What operators make of two values.

use super::syntax::Operator;
use super::value::Value;

/// The value of an operator between two values; `&&` and `||` are decided before.
pub(super) fn operate(operator: Operator, left: Value, right: Value) -> Result<Value, String> {
    match operator {
        Operator::Equal => return Ok(Value::Bool(left == right)),
        Operator::NotEqual => return Ok(Value::Bool(left != right)),
        Operator::And => return Ok(Value::Bool(left.into_bool()? && right.into_bool()?)),
        Operator::Or => return Ok(Value::Bool(left.into_bool()? || right.into_bool()?)),
        _ => {}
    }
    let (left, right) = (left.into_number()?, right.into_number()?);
    match operator {
        Operator::Less => Ok(Value::Bool(left < right)),
        Operator::LessOrEqual => Ok(Value::Bool(left <= right)),
        Operator::Greater => Ok(Value::Bool(left > right)),
        Operator::GreaterOrEqual => Ok(Value::Bool(left >= right)),
        Operator::Add => Value::number(left + right),
        Operator::Subtract => Value::number(left - right),
        Operator::Multiply => Value::number(left * right),
        Operator::Divide if right == 0.0 => Err("a division by zero".to_owned()),
        Operator::Divide => Value::number(left / right),
        // Operator::Modulo; the others have returned.
        _ if right == 0.0 => Err("a division by zero".to_owned()),
        _ => Value::number(left % right),
    }
}
