//! From the text of a scalar to literal parts and syntax trees.
//!
//! Apart from `hcl-edit`'s own template parser because a scalar is YAML's text: backslashes, quotes and `%{` mean nothing in it
//! (`curl -w '%{http_code}'` is common in start-up scripts), only `${` and `$${` do.

use std::ops::Range;

use hcl_edit::{
    expr::Expression,
    parser::parse_template,
    template::{Element, Template as Parsed},
};

use super::Template;
use crate::base::{Diagnostic, Span};

/// A piece of a scalar.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Literal(String),
    Expression(Box<Code>),
}

/// One `${…}`.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub expression: Expression,
    pub place: Place,
}

/// Where in the file the text of a `${…}` stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// Written as it is, from this byte on.
    Exact(u32),
    /// Somewhere in this stretch.
    Within(Span),
}

impl Place {
    /// The place of `range`, a stretch of the text of the `${…}`.
    pub fn span(self, range: Option<Range<usize>>, scalar: Span) -> Span {
        match (self, range) {
            (Place::Exact(base), Some(range)) => {
                let byte =
                    |offset: usize| base.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)).min(scalar.end);
                Span { file: scalar.file, start: byte(range.start), end: byte(range.end) }
            }
            (Place::Exact(base), None) => Span { start: base, ..scalar },
            (Place::Within(span), _) => span,
        }
    }
}

/// Splits a scalar and parses what is between `${` and `}`.
pub(super) fn template(text: &str, span: Span, raw: Option<&str>) -> Result<Template, Diagnostic> {
    let mut parts = Vec::new();
    let mut finder = Finder { span, length: text.len(), raw, searched: 0 };
    let (mut literal, mut position, mut trim) = (String::new(), 0, false);
    while let Some(found) = text[position..].find("${") {
        let start = position + found;
        if text[position..start].ends_with('$') {
            literal.push_str(&text[position..start]);
            literal.push('{');
            position = start + 2;
            continue;
        }
        literal.push_str(&text[position..start]);
        let end = start + end_of_interpolation(&text[start..]).unwrap_or(text.len() - start);
        let place = finder.place(&text[start..end], start);
        let (expression, strip) = interpolation(&text[start..end])
            .map_err(|(message, range)| syntax_error(message, place.span(Some(range), span)))?;
        push_literal(&mut parts, &mut literal, trim, strip.0);
        trim = strip.1;
        parts.push(Part::Expression(Box::new(Code { expression, place })));
        position = end;
    }
    literal.push_str(&text[position..]);
    push_literal(&mut parts, &mut literal, trim, false);
    Ok(Template { parts, span })
}

/// Ends a literal part; a strip marker beside it takes its white space away.
fn push_literal(parts: &mut Vec<Part>, literal: &mut String, trim_start: bool, trim_end: bool) {
    let text = std::mem::take(literal);
    let text = trimmed(&text, trim_start, trim_end);
    if !text.is_empty() {
        parts.push(Part::Literal(text.to_owned()));
    }
}

/// A literal with the white space that strip markers take away.
pub(super) fn trimmed(text: &str, start: bool, end: bool) -> &str {
    let text = if start { text.trim_start() } else { text };
    if end { text.trim_end() } else { text }
}

fn syntax_error(message: String, span: Span) -> Diagnostic {
    Diagnostic::error("expression-syntax", message).at(span, "")
}

type SyntaxError = (String, Range<usize>);

/// Parses `${…}`; the second part says which sides have a strip marker.
fn interpolation(text: &str) -> Result<(Expression, (bool, bool)), SyntaxError> {
    if !text.ends_with('}') || text.len() < 3 {
        return Err(("this `${` is never closed by `}`".to_owned(), 0..text.len().min(2)));
    }
    if text[2..text.len() - 1].trim().is_empty() {
        return Err(("there is no expression between `${` and `}`".to_owned(), 0..text.len()));
    }
    let parsed = parse(text)?;
    match parsed.into_iter().next() {
        Some(Element::Interpolation(interpolation)) => {
            let strip = (interpolation.strip.strip_start(), interpolation.strip.strip_end());
            Ok((interpolation.expr, strip))
        }
        _ => Err(("this is not an expression".to_owned(), 0..text.len())),
    }
}

/// Parses HCL's template syntax, with the place of an error.
pub(super) fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    parse_template(text).map_err(|error| {
        let start = floor(text, error.location().offset());
        let length = text[start..].chars().next().map_or(0, char::len_utf8);
        (format!("this expression cannot be read: {}", error.message()), start..start + length)
    })
}

/// The start of the character that the byte at `offset` belongs to.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Finds the source of each `${…}`, from left to right.
struct Finder<'a> {
    span: Span,
    length: usize,
    raw: Option<&'a str>,
    searched: usize,
}

impl Finder<'_> {
    /// The place of `code`, which starts at byte `start` of the scalar's value.
    fn place(&mut self, code: &str, start: usize) -> Place {
        let at = |offset: usize| self.span.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        if let Some(raw) = self.raw {
            let rest = raw.get(self.searched..).unwrap_or_default();
            if let Some(found) = rest.find(code) {
                let base = at(self.searched + found);
                self.searched += found + code.len();
                return Place::Exact(base);
            }
            let first_line = code.lines().next().unwrap_or(code);
            return match rest.find(first_line) {
                Some(found) => {
                    let start = at(self.searched + found);
                    self.searched += found + first_line.len();
                    Place::Within(Span { start, end: at(self.searched), ..self.span })
                }
                None => Place::Within(self.span),
            };
        }
        // A scalar that is written with escapes or indentation is longer than its value by more than its quotes.
        match self.span.range().len().checked_sub(self.length) {
            Some(0) => Place::Exact(at(start)),
            Some(2) => Place::Exact(at(start + 1)),
            _ => Place::Within(self.span),
        }
    }
}

/// The length of the `${…}` at the start of `text`; `None` if it is not closed.
fn end_of_interpolation(text: &str) -> Option<usize> {
    let mut scanner = Scanner { text, position: 2, open: vec![Open::Brace] };
    while !scanner.open.is_empty() {
        scanner.step()?;
    }
    Some(scanner.position)
}

#[derive(Clone, Copy, PartialEq)]
enum Open {
    Brace,
    Quote,
}

/// Follows braces, quotes, comments and heredocs, so that a `}` inside a text does not end an expression.
struct Scanner<'a> {
    text: &'a str,
    position: usize,
    open: Vec<Open>,
}

impl Scanner<'_> {
    fn step(&mut self) -> Option<()> {
        let rest = &self.text[self.position..];
        let next = rest.chars().next()?;
        let mut length = next.len_utf8();
        if self.open.last() == Some(&Open::Quote) {
            match next {
                '\\' => length += rest[1..].chars().next()?.len_utf8(),
                '"' => drop(self.open.pop()),
                _ if rest.starts_with("$${") || rest.starts_with("%%{") => length = 3,
                _ if rest.starts_with("${") || rest.starts_with("%{") => {
                    self.open.push(Open::Brace);
                    length = 2;
                }
                _ => {}
            }
        } else {
            match next {
                '"' => self.open.push(Open::Quote),
                '{' => self.open.push(Open::Brace),
                '}' => drop(self.open.pop()),
                '#' => length = rest.find('\n')?,
                '/' if rest.starts_with("//") => length = rest.find('\n')?,
                '/' if rest.starts_with("/*") => length = rest.find("*/")? + 2,
                '<' if rest.starts_with("<<") => length = heredoc_length(rest)?,
                _ => {}
            }
        }
        self.position += length;
        Some(())
    }
}

/// The length of the heredoc at the start of `text`, up to the end of its closing delimiter.
fn heredoc_length(text: &str) -> Option<usize> {
    let (intro, _) = text.split_once('\n')?;
    let delimiter = intro.trim_start_matches('<').trim_start_matches('-').trim_end();
    let mut position = intro.len() + 1;
    for line in text[position..].split_inclusive('\n') {
        let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().strip_prefix(delimiter).is_some_and(is_end) && !delimiter.is_empty() {
            return Some(position + indent + delimiter.len());
        }
        position += line.len();
    }
    None
}
