//! Reading a map of engine keys: what is there, what does not belong there and was probably meant.

use crate::{
    base::{Diagnostic, Diagnostics, Span, Value},
    stack::{
        declaration::Name,
        scalar,
        words::{nearest, shown, suggestion},
        written::Written,
        yaml::{Content, Entry, Node},
    },
};

/// What people write who come from elsewhere, and what it is called here.
const SYNONYMS: &[(&str, &str)] = &[
    ("enum", "allowed"),
    ("options", "allowed"),
    ("validation", "pattern"),
    ("prevent_destroy", "protect"),
    ("create_before_destroy", "replace"),
    ("replace_triggered_by", "replace_when"),
    ("deletion_policy", "lifecycle"),
    ("foreach", "for_each"),
    ("condition", "when"),
    ("if", "when"),
    ("enabled", "when"),
    ("provider", "region"),
    ("parameters", "variables"),
    ("variable", "variables"),
    ("mappings", "locals"),
    ("providers", "regions"),
    ("args", "properties"),
    ("values", "inputs"),
    ("vars", "inputs"),
    ("parameters", "inputs"),
    ("filter", "where"),
    ("filters", "where"),
];

/// A map of engine keys.
pub struct Fields<'a> {
    /// The map as a whole.
    pub span: Span,
    entries: &'a [Entry],
    /// `resource `vpc``: what messages call it.
    what: String,
}

impl<'a> Fields<'a> {
    /// Reads a map that may have the `known` keys only; `None` if it is no map.
    pub fn read(node: &'a Node, what: String, known: &[&str], problems: &mut Diagnostics) -> Option<Fields<'a>> {
        let entries = map(node, &what, problems)?;
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            problems.push(unknown_key(entry, &what, known));
        }
        Some(Fields { span: node.span, entries, what })
    }

    /// The entry of a key, if there is one.
    pub fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entry of a key that has to be there; `at` is where its absence is shown.
    pub fn require(&self, key: &str, at: Span, problems: &mut Diagnostics) -> Option<&'a Entry> {
        let found = self.get(key);
        if found.is_none() {
            problems.push(Diagnostic::error("missing-key", format!("{} has no `{key}`", self.what)).at(at, ""));
        }
        found
    }

    /// A text without expressions.
    pub fn text(&self, key: &str, problems: &mut Diagnostics) -> Option<Name> {
        self.get(key).and_then(|entry| text(&entry.value, &format!("`{key}`"), problems))
    }

    /// A flag without expressions; `false` if absent.
    pub fn flag(&self, key: &str, problems: &mut Diagnostics) -> bool {
        let Some(entry) = self.get(key) else { return false };
        match constant(&entry.value, problems) {
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                problems.push(wrong_form(&format!("`{key}`"), "`true` or `false`", &entry.value));
                false
            }
            None => false,
        }
    }

    /// A value that may hold expressions.
    pub fn written(&self, key: &str, problems: &mut Diagnostics) -> Option<Written> {
        self.get(key).map(|entry| Written::parse(&entry.value, problems))
    }

    /// The items of a list; none if absent.
    pub fn items(&self, key: &str, problems: &mut Diagnostics) -> &'a [Node] {
        self.get(key).map_or(&[], |entry| list(&entry.value, &format!("`{key}`"), problems))
    }

    /// The entries of a map; none if absent or left empty.
    pub fn entries(&self, key: &str, problems: &mut Diagnostics) -> &'a [Entry] {
        let Some(entry) = self.get(key) else { return &[] };
        if entry.value.noun() == "nothing" {
            return &[];
        }
        map(&entry.value, &format!("`{key}`"), problems).unwrap_or(&[])
    }
}

fn unknown_key(entry: &Entry, what: &str, known: &[&str]) -> Diagnostic {
    let key = entry.key.as_str();
    let problem =
        Diagnostic::error("unknown-key", format!("{what} has no key `{}`", shown(key))).at(entry.key_span, "");
    let synonym = SYNONYMS.iter().find(|(foreign, own)| *foreign == key && known.contains(own)).map(|(_, own)| *own);
    if let Some(own) = synonym.or_else(|| nearest(key, known.iter().copied())) {
        return problem.help(format!("did you mean `{own}`?"));
    }
    if key.starts_with(|c: char| c.is_ascii_uppercase()) && known.contains(&"properties") {
        return problem.help(format!("`{}` looks like a property of AWS: those stand under `properties`", shown(key)));
    }
    let problem = match suggestion(key, known.iter().copied()) {
        Some(text) => problem.help(text),
        None => problem.help(format!("the keys are {}", crate::stack::words::listed(known))),
    };
    if key.starts_with("x-") {
        problem.help("what is to be used several times belongs under `locals`")
    } else {
        problem
    }
}

/// The entries of a node that has to be a map.
pub fn map<'a>(node: &'a Node, what: &str, problems: &mut Diagnostics) -> Option<&'a [Entry]> {
    match &node.content {
        Content::Map(entries) => Some(entries),
        _ => {
            problems.push(wrong_form(what, "a map", node));
            None
        }
    }
}

/// The items of a node that has to be a list.
pub fn list<'a>(node: &'a Node, what: &str, problems: &mut Diagnostics) -> &'a [Node] {
    match &node.content {
        Content::List(items) => items,
        Content::Scalar(scalar) if scalar.plain && scalar.text.is_empty() => &[],
        _ => {
            problems.push(wrong_form(what, "a list", node));
            &[]
        }
    }
}

/// A text without expressions.
pub fn text(node: &Node, what: &str, problems: &mut Diagnostics) -> Option<Name> {
    match &node.content {
        Content::Scalar(scalar) if scalar.text.contains("${") => {
            problems.push(
                Diagnostic::error("not-constant", format!("{what} cannot be an expression"))
                    .at(node.span, "")
                    .help("it is read before anything is evaluated"),
            );
            None
        }
        Content::Scalar(scalar) if !scalar.text.is_empty() => {
            Some(Name { text: scalar.text.clone(), span: scalar.inside })
        }
        _ => {
            problems.push(wrong_form(what, "a text", node));
            None
        }
    }
}

/// A value without expressions.
pub fn constant(node: &Node, problems: &mut Diagnostics) -> Option<Value> {
    let before = problems.0.len();
    let value = match &node.content {
        Content::Scalar(scalar) if !scalar.text.contains("${") => match scalar::constant(scalar) {
            Ok(value) => Some(value),
            Err(problem) => {
                problems.push(*problem);
                None
            }
        },
        _ => Written::parse(node, problems).constant(),
    };
    if value.is_none() && problems.0.len() == before {
        problems.push(Diagnostic::error("not-constant", "no expression can stand here").at(node.span, ""));
    }
    value
}

/// The finding for a list where a map belongs, and the like.
pub fn wrong_form(what: &str, wanted: &str, node: &Node) -> Diagnostic {
    Diagnostic::error("wrong-form", format!("{what} has to be {wanted}, not {}", node.noun())).at(node.span, "")
}

/// Names that mean something else in expressions.
const RESERVED: &[&str] = &[
    "var", "local", "each", "module", "data", "aws", "env", "count", "self", "path", "true", "false", "null", "for",
    "in", "if", "else", "endif", "endfor",
];

/// Checks a name that the author chose.
pub fn name(entry: &Entry, what: &str, problems: &mut Diagnostics) -> Name {
    let text = entry.key.as_str();
    let is_right = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_right {
        let problem = Diagnostic::error("bad-name", format!("`{}` cannot be the name of a {what}", shown(text)));
        let problem = problem
            .at(entry.key_span, "")
            .help("names are lower-case letters, digits and `_`, up to 64, a letter first");
        let better = snake(text);
        problems.push(if better.is_empty() || better == text {
            problem
        } else {
            problem.help(format!("for example `{better}`"))
        });
    } else if what == "resource" && RESERVED.contains(&text) {
        let problem = Diagnostic::error("reserved-name", format!("a resource cannot be called `{text}`"));
        problems.push(problem.at(entry.key_span, "").help(format!("`{text}` means something else in expressions")));
    }
    Name { text: text.to_owned(), span: entry.key_span }
}

/// `MyName` and `my-name` as `my_name`.
fn snake(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(64) {
        if c.is_ascii_uppercase() && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let trimmed = out.trim_matches('_');
    if trimmed.starts_with(|c: char| c.is_ascii_lowercase()) { trimmed.to_owned() } else { String::new() }
}
