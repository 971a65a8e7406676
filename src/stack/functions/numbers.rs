//! Functions of numbers.

use serde_json::Number;

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    convert::Amount,
    whole,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    whole("abs", (1, Some(1)), "`abs(number)`: without its sign", |call| {
        let number = amount(call, 0)?;
        if number.order(Amount::Whole(0)).is_lt() {
            result(Amount::Whole(0).minus(number))
        } else {
            result(Some(number))
        }
    }),
    whole("ceil", (1, Some(1)), "`ceil(number)`: the next whole number from it up", |call| {
        rounded(amount(call, 0)?, f64::ceil)
    }),
    whole("floor", (1, Some(1)), "`floor(number)`: the next whole number from it down", |call| {
        rounded(amount(call, 0)?, f64::floor)
    }),
    whole("max", (1, None), "`max(number, …)`: the largest", |call| extreme(call, std::cmp::Ordering::Greater)),
    whole("min", (1, None), "`min(number, …)`: the smallest", |call| extreme(call, std::cmp::Ordering::Less)),
    whole("parseint", (2, Some(2)), "`parseint(text, base)`: the whole number that a text writes", parse_int),
    whole("pow", (2, Some(2)), "`pow(number, exponent)`: the power", pow),
    whole("range", (1, Some(3)), "`range(limit)`, `range(start, limit, step)`: a list of numbers", range),
    whole("signum", (1, Some(1)), "`signum(number)`: -1, 0 or 1", |call| {
        Ok(Value::Number(Number::from(amount(call, 0)?.order(Amount::Whole(0)) as i8)))
    }),
    whole("sum", (1, Some(1)), "`sum(list)`: its numbers added up", sum),
];

fn amount(call: &Arguments, position: usize) -> Result<Amount, Problem> {
    Amount::of(&call.number(position)?).ok_or_else(|| Problem::at(position, "this number is too large"))
}

fn result(amount: Option<Amount>) -> Outcome {
    let number = amount.and_then(Amount::number);
    number.map(Value::Number).ok_or_else(|| Problem::new("the result is too large for a number"))
}

fn rounded(number: Amount, how: fn(f64) -> f64) -> Outcome {
    result(Some(match number {
        Amount::Real(real) => Amount::Real(how(real)),
        whole => whole,
    }))
}

fn extreme(call: &Arguments, wanted: std::cmp::Ordering) -> Outcome {
    let mut best = amount(call, 0)?;
    for position in 1..call.count() {
        let next = amount(call, position)?;
        if next.order(best) == wanted {
            best = next;
        }
    }
    result(Some(best))
}

fn parse_int(call: &Arguments) -> Outcome {
    let (text, base) = (call.text(0)?, call.whole(1)?);
    let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base));
    let base = base.ok_or_else(|| Problem::at(1, "the base is a whole number from 2 to 36"))?;
    let number =
        i128::from_str_radix(&text, base).map_err(|_| Problem::at(0, "this text is not a number in that base"))?;
    result(Some(Amount::Whole(number)))
}

fn pow(call: &Arguments) -> Outcome {
    let (base, exponent) = (amount(call, 0)?, amount(call, 1)?);
    if let (Amount::Whole(base), Amount::Whole(exponent)) = (base, exponent)
        && let Ok(exponent) = u32::try_from(exponent)
    {
        return result(base.checked_pow(exponent).map(Amount::Whole));
    }
    let real = base.real().powf(exponent.real());
    result(real.is_finite().then_some(Amount::Real(real)))
}

fn range(call: &Arguments) -> Outcome {
    const MOST: usize = 1_000_000;
    let zero = Amount::Whole(0);
    let (start, limit) = if call.has(1) { (amount(call, 0)?, amount(call, 1)?) } else { (zero, amount(call, 0)?) };
    let down = limit.order(start).is_lt();
    let step = match call.has(2) {
        true => amount(call, 2)?,
        false => Amount::Whole(if down { -1 } else { 1 }),
    };
    if step.is_zero() || (step.order(zero).is_lt() != down && start.order(limit).is_ne()) {
        return Err(Problem::at(2, "the step must lead from the start to the limit"));
    }
    let (mut numbers, mut next) = (Vec::new(), start);
    while if down { next.order(limit).is_gt() } else { next.order(limit).is_lt() } {
        if numbers.len() == MOST {
            return Err(Problem::new(format!("a range has at most {MOST} numbers")));
        }
        numbers.push(result(Some(next))?);
        let following = next.plus(step).filter(|following| following.order(next).is_ne());
        next = following.ok_or_else(|| Problem::at(2, "the step is too small for these numbers"))?;
    }
    Ok(Value::List(numbers))
}

fn sum(call: &Arguments) -> Outcome {
    let items = call.list(0)?;
    if items.is_empty() {
        return Err(Problem::at(0, "an empty list has no sum"));
    }
    let items = Arguments(items.to_vec());
    let mut total = Amount::Whole(0);
    for position in 0..items.count() {
        let next = amount(&items, position).map_err(|_| Problem::at(0, "every element must be a number"))?;
        total = total.plus(next).ok_or_else(|| Problem::new("the sum is too large for a number"))?;
    }
    result(Some(total))
}
