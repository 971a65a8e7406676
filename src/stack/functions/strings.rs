//! Functions that make texts from texts. A character is a Unicode scalar value.

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    format, whole,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    whole("chomp", (1, Some(1)), "`chomp(text)`: without the line breaks at its end", |call| {
        text(call.text(0)?.trim_end_matches(['\r', '\n']))
    }),
    whole("endswith", (2, Some(2)), "`endswith(text, end)`: whether the text ends so", |call| {
        Ok(Value::Bool(call.text(0)?.ends_with(&call.text(1)?)))
    }),
    whole("format", (1, None), "`format(\"%s-%02d\", …)`: a text by a pattern", format::format),
    whole("formatlist", (1, None), "`formatlist(\"%s-x\", list)`: a pattern for every element", format::format_list),
    whole("indent", (2, Some(2)), "`indent(2, text)`: every line but the first moved right", indent),
    whole("join", (2, None), "`join(\", \", list)`: the texts of a list with a separator between them", join),
    whole("lower", (1, Some(1)), "`lower(text)`: in small letters", |call| text(&call.text(0)?.to_lowercase())),
    whole("split", (2, Some(2)), "`split(\",\", text)`: the list of what is between the separators", split),
    whole("startswith", (2, Some(2)), "`startswith(text, start)`: whether the text starts so", |call| {
        Ok(Value::Bool(call.text(0)?.starts_with(&call.text(1)?)))
    }),
    whole("strrev", (1, Some(1)), "`strrev(text)`: backwards", |call| {
        text(&call.text(0)?.chars().rev().collect::<String>())
    }),
    whole("substr", (3, Some(3)), "`substr(text, offset, length)`: a part; length -1 is the rest", substr),
    whole("title", (1, Some(1)), "`title(text)`: every word with a capital letter", title),
    whole("trim", (2, Some(2)), "`trim(text, characters)`: without these characters at its ends", |call| {
        let set = call.text(1)?;
        text(call.text(0)?.trim_matches(|c| set.contains(c)))
    }),
    whole("trimprefix", (2, Some(2)), "`trimprefix(text, start)`: without this start", |call| {
        let (whole, start) = (call.text(0)?, call.text(1)?);
        text(whole.strip_prefix(&start).unwrap_or(&whole))
    }),
    whole("trimspace", (1, Some(1)), "`trimspace(text)`: without white space at its ends", |call| {
        text(call.text(0)?.trim())
    }),
    whole("trimsuffix", (2, Some(2)), "`trimsuffix(text, end)`: without this end", |call| {
        let (whole, end) = (call.text(0)?, call.text(1)?);
        text(whole.strip_suffix(&end).unwrap_or(&whole))
    }),
    whole("upper", (1, Some(1)), "`upper(text)`: in capital letters", |call| text(&call.text(0)?.to_uppercase())),
];

fn text(text: &str) -> Outcome {
    Ok(Value::text(text))
}

fn indent(call: &Arguments) -> Outcome {
    const MOST: usize = 1000;
    let (size, lines) = (call.size(0)?, call.text(1)?);
    if size > MOST {
        return Err(Problem::at(0, format!("at most {MOST} spaces are put before a line")));
    }
    text(&lines.replace('\n', &format!("\n{}", " ".repeat(size))))
}

fn join(call: &Arguments) -> Outcome {
    let separator = call.text(0)?;
    let mut texts = Vec::new();
    for position in 1..call.count() {
        texts.extend(call.texts(position)?);
    }
    text(&texts.join(&separator))
}

fn split(call: &Arguments) -> Outcome {
    let (separator, whole) = (call.text(0)?, call.text(1)?);
    if separator.is_empty() {
        return Ok(Value::List(whole.chars().map(Value::text).collect()));
    }
    Ok(Value::List(whole.split(&separator).map(Value::text).collect()))
}

fn substr(call: &Arguments) -> Outcome {
    let (whole, offset, length) = (call.text(0)?, call.whole(1)?, call.whole(2)?);
    let characters = whole.chars().count();
    let start = if offset < 0 {
        let back = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        characters.saturating_sub(back)
    } else {
        usize::try_from(offset).unwrap_or(usize::MAX)
    };
    let take = match length {
        -1 => usize::MAX,
        _ => usize::try_from(length).map_err(|_| Problem::at(2, "a length is a whole number from 0, or -1"))?,
    };
    text(&whole.chars().skip(start).take(take).collect::<String>())
}

fn title(call: &Arguments) -> Outcome {
    let mut result = String::new();
    let mut starts = true;
    for letter in call.text(0)?.chars() {
        if starts {
            result.extend(letter.to_uppercase());
        } else {
            result.push(letter);
        }
        starts = !(letter.is_alphanumeric() || letter == '_' || letter == '\'');
    }
    text(&result)
}
