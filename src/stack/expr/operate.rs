//! Operators. Integers stay integers; what does not come out even is a float; what does not fit is an error.

use std::cmp::Ordering;

use super::{
    evaluate::{Evaluator, Outcome},
    fault::Fault,
    residual::{self, Residual, marked, unmarked},
};
use crate::{
    base::Value,
    stack::functions::convert::{self, Amount, kind},
};
use hcl_edit::{
    Span as _,
    expr::{BinaryOp, BinaryOperator, UnaryOp, UnaryOperator},
};

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, node: &UnaryOp) -> Outcome {
        let operand = self.expression(&node.expr)?;
        if !operand.is_known() {
            let sign = if *node.operator.value() == UnaryOperator::Neg { "-" } else { "!" };
            return Ok(Residual::default().code(sign).operand(operand).build());
        }
        let (operand, sensitive) = unmarked(operand);
        let result = match node.operator.value() {
            UnaryOperator::Not => convert::to_bool(&operand)
                .map(|flag| Value::Bool(!flag))
                .ok_or_else(|| Fault::mismatch(format!("`!` needs true or false, not {}", kind(&operand)))),
            UnaryOperator::Neg => {
                let amount = amount(&operand, "-").map_err(|fault| fault.within(node.expr.span()))?;
                arithmetic(BinaryOperator::Minus, Amount::Whole(0), amount)
            }
        };
        Ok(marked(result?, sensitive))
    }

    pub(super) fn binary(&mut self, node: &BinaryOp) -> Outcome {
        let operator = *node.operator.value();
        let left = self.expression(&node.lhs_expr)?;
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            return self.logic(node, operator, left);
        }
        let right = self.expression(&node.rhs_expr)?;
        if !left.is_known() || !right.is_known() {
            return Ok(later(left, operator, right));
        }
        let ((left, secret), (right, also)) = (unmarked(left), unmarked(right));
        let result = match operator {
            BinaryOperator::Eq => Value::Bool(convert::equal(&left, &right)),
            BinaryOperator::NotEq => Value::Bool(!convert::equal(&left, &right)),
            _ => {
                let a = amount(&left, operator.as_str()).map_err(|fault| fault.within(node.lhs_expr.span()))?;
                let b = amount(&right, operator.as_str()).map_err(|fault| fault.within(node.rhs_expr.span()))?;
                arithmetic(operator, a, b)?
            }
        };
        Ok(marked(result, secret || also))
    }

    /// `&&` and `||`: the right side counts only if the left one does not decide.
    fn logic(&mut self, node: &BinaryOp, operator: BinaryOperator, left: Value) -> Outcome {
        if !left.is_known() {
            let right = self.expression(&node.rhs_expr).unwrap_or_else(residual::failure);
            return Ok(later(left, operator, right));
        }
        let (left, secret) = unmarked(left);
        let flag = |value: &Value| {
            let message = || format!("`{}` needs true or false, not {}", operator.as_str(), kind(value));
            convert::to_bool(value).ok_or_else(|| Fault::mismatch(message()))
        };
        let decided = flag(&left).map_err(|fault| fault.within(node.lhs_expr.span()))?;
        if decided == (operator == BinaryOperator::Or) {
            return Ok(marked(Value::Bool(decided), secret));
        }
        let right = self.expression(&node.rhs_expr)?;
        if !right.is_known() {
            return Ok(later(marked(left, secret), operator, right));
        }
        let (right, also) = unmarked(right);
        let result = flag(&right).map_err(|fault| fault.within(node.rhs_expr.span()))?;
        Ok(marked(Value::Bool(result), secret || also))
    }
}

fn later(left: Value, operator: BinaryOperator, right: Value) -> Value {
    Residual::default().operand(left).code(&format!(" {} ", operator.as_str())).operand(right).build()
}

fn amount(value: &Value, operator: &str) -> Result<Amount, Fault> {
    convert::to_number(value)
        .as_ref()
        .and_then(Amount::of)
        .ok_or_else(|| Fault::mismatch(format!("`{operator}` needs a number, not {}", kind(value))))
}

fn arithmetic(operator: BinaryOperator, a: Amount, b: Amount) -> Outcome {
    let overflow =
        || Fault::new("number-overflow", format!("the result of `{}` is too large for a number", operator.as_str()));
    let result = match operator {
        BinaryOperator::Plus => a.plus(b),
        BinaryOperator::Minus => a.minus(b),
        BinaryOperator::Mul => a.times(b),
        BinaryOperator::Div | BinaryOperator::Mod if b.is_zero() => {
            return Err(Fault::new("division-by-zero", "nothing can be divided by zero"));
        }
        BinaryOperator::Div => a.divided(b),
        BinaryOperator::Mod => a.remainder(b),
        comparison => return Ok(Value::Bool(holds(comparison, a.order(b)))),
    };
    result.and_then(Amount::number).map(Value::Number).ok_or_else(overflow)
}

fn holds(comparison: BinaryOperator, order: Ordering) -> bool {
    match comparison {
        BinaryOperator::Less => order.is_lt(),
        BinaryOperator::LessEq => order.is_le(),
        BinaryOperator::Greater => order.is_gt(),
        _ => order.is_ge(),
    }
}
