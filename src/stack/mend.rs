//! What people get wrong in YAML, recognised and shown mended. The one mistake everybody makes: an unquoted `${…}` that
//! holds `: ` or stands inside `{…}` or `[…]`, where YAML gives these characters a meaning of its own.

use crate::base::{Diagnostic, FileId, Span};

/// The finding for a text that is not YAML, at a byte position.
pub fn syntax_error(text: &str, file: FileId, at: usize, info: &str) -> Diagnostic {
    let at = at.min(text.len());
    let point = u32::try_from(at).unwrap_or(u32::MAX);
    if let Some(problem) = unquoted(text, file, at) {
        return problem;
    }
    let problem = Diagnostic::error("yaml-syntax", format!("this is not valid YAML: {info}"))
        .at(Span { file, start: point, end: point }, "");
    let (start, end) = line_around(text, at);
    if text[start..end].contains('\t') {
        return problem.help("indent with spaces: YAML does not take tabs");
    }
    if info.contains("anchor") {
        return problem.help("define the anchor (`&name`) before it is used (`*name`)");
    }
    problem
}

/// The finding for a key that is the torn-off beginning of an expression: `- ${a ? b : c}` is a map to YAML.
pub fn broken_key(text: &str, key: &str, span: Span) -> Option<Diagnostic> {
    let open = key.rfind("${")?;
    let torn = closing(&key[open + 2..]).is_none();
    torn.then(|| unquoted(text, span.file, span.end as usize).unwrap_or_else(|| structured_key(text, span)))
}

/// The finding for a list, map or alias where a key belongs.
pub fn structured_key(text: &str, span: Span) -> Diagnostic {
    if let Some(problem) = unquoted(text, span.file, span.end as usize) {
        return problem;
    }
    Diagnostic::error("bad-key", "a key has to be a plain text").at(span, "")
}

/// The finding for an unquoted expression on the line of `at` or the line before.
fn unquoted(text: &str, file: FileId, at: usize) -> Option<Diagnostic> {
    let here = line_around(text, at);
    let before = here.0.checked_sub(1).map(|end| line_around(text, end));
    [Some(here), before].into_iter().flatten().find_map(|(start, end)| {
        let line = text.get(start..end)?;
        let (from, to) = troubled_scalar(line)?;
        let scalar = &line[from..to];
        let narrow = |offset: usize| u32::try_from(start + offset).unwrap_or(u32::MAX);
        let mended = format!("{}'{}'{}", &line[..from], scalar.replace('\'', "''"), &line[to..]);
        Some(
            Diagnostic::error(
                "unquoted-expression",
                "an expression that holds `: ` or stands inside `{…}` or `[…]` needs quotes",
            )
            .at(Span { file, start: narrow(from), end: narrow(to) }, "YAML reads this as something else")
            .help(format!("write: {}", mended.trim())),
        )
    })
}

/// The first unquoted scalar of a line that holds a `${…}` which YAML would tear apart.
fn troubled_scalar(line: &str) -> Option<(usize, usize)> {
    let (mut quote, mut flow, mut start) = (None, 0_usize, None);
    let mut position = 0;
    while let Some(c) = line[position..].chars().next() {
        let rest = &line[position..];
        match quote {
            Some(q) => {
                if q == '"' && c == '\\' {
                    position += rest.chars().nth(1).map_or(0, char::len_utf8);
                } else if c == q {
                    quote = None;
                }
            }
            None if start.is_none() && (c == '"' || c == '\'') => quote = Some(c),
            None if rest.starts_with("${") => {
                let from = start.unwrap_or(position);
                let inner = &rest[2..];
                let close = closing(inner);
                let body = close.map_or(inner, |end| &inner[..end]);
                let end = position + 2 + body.len() + usize::from(close.is_some());
                if flow > 0 || body.contains(": ") || body.contains(" #") {
                    let tail = &line[end..];
                    let stop = if flow > 0 { tail.find([',', '}', ']']) } else { tail.find(" #") };
                    let until = end + stop.unwrap_or(tail.len());
                    return Some((from, from + line[from..until].trim_end().len()));
                }
                start = Some(from);
                position = end;
                continue;
            }
            None if c == '#' && (position == 0 || line[..position].ends_with(' ')) => return None,
            None => match c {
                '{' | '[' if start.is_none() || flow > 0 => (flow, start) = (flow + 1, None),
                '}' | ']' if flow > 0 => (flow, start) = (flow - 1, None),
                ',' if flow > 0 => start = None,
                ':' if rest.len() == 1 || rest.starts_with(": ") => start = None,
                '-' if start.is_none() && rest.starts_with("- ") => {}
                c if !c.is_whitespace() && start.is_none() => start = Some(position),
                _ => {}
            },
        }
        position += c.len_utf8();
    }
    None
}

/// Where the `}` stands that closes an expression, quotes inside it respected.
fn closing(expression: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (position, c) in expression.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted && depth == 0 => return Some(position),
            '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

fn line_around(text: &str, at: usize) -> (usize, usize) {
    let at = (0..=at.min(text.len())).rev().find(|&offset| text.is_char_boundary(offset)).unwrap_or(0);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    (start, end)
}
