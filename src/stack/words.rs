//! Names in messages: what was probably meant, and texts of a file made fit to be quoted.

/// Longest text that a message quotes.
const LONGEST: usize = 60;

/// A text of the file as a message quotes it: one line, no control characters, not endless.
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    for (position, c) in text.chars().enumerate() {
        if position == LONGEST {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

/// The candidate that was probably meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(name);
    let allowed = (folded.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?`, or the list of what there is if it is short.
pub fn suggestion<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(candidate) = nearest(name, candidates.iter().copied()) {
        return Some(format!("did you mean `{candidate}`?"));
    }
    (1..=12).contains(&candidates.len()).then(|| format!("there is {}", listed(&candidates)))
}

/// `a`, `b` and `c`.
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", shown(name.as_ref()))).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// Case and word separators do not count.
fn fold(name: &str) -> String {
    name.chars().take(80).filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_is_found_and_nothing_else() {
        let keys = ["for_each", "depends_on", "count", "when"];
        assert_eq!(nearest("dependsOn", keys), Some("depends_on"));
        assert_eq!(nearest("for-each", keys), Some("for_each"));
        assert_eq!(nearest("cuont", keys), Some("count"));
        assert_eq!(nearest("banana", keys), None);
    }

    #[test]
    fn quoted_texts_hold_no_control_characters_and_end() {
        assert_eq!(shown("a\u{1b}[31m"), "a\\u{1b}[31m");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 61);
    }
}
