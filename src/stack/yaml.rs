//! YAML text → a tree in which every key and value knows its place.
//!
//! Stands apart from `parse`, which gives the tree its meaning, because it is what meets hostile input: it reads events,
//! never recurses, and stops at fixed budgets of size, depth and alias expansion long before memory or time run out.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::{mend, offsets::Offsets};
use crate::base::{Diagnostic, Diagnostics, FileId, Span};

/// Longest text that is read.
pub const MAX_BYTES: usize = 16 << 20;
/// Deepest nesting, aliases expanded.
const MAX_DEPTH: usize = 100;
/// Most keys and values in one text.
const MAX_NODES: usize = 400_000;
/// Most keys and values that anchors and aliases may add.
const MAX_EXPANSION: usize = 200_000;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub span: Span,
    pub content: Content,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A text, number, flag or nothing, as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    pub text: String,
    /// Without quotes and not in a block: may be a number, a flag or nothing.
    pub plain: bool,
    /// The place without the quotes.
    pub inside: Span,
    /// What stands there, where an expression is in it and it is not the text itself: folded lines, escapes.
    pub raw: Option<String>,
}

/// One key of a map with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    pub value: Node,
}

impl Node {
    /// What it is, as people say it.
    pub fn noun(&self) -> &'static str {
        match &self.content {
            Content::Scalar(scalar) if scalar.plain && scalar.text.is_empty() => "nothing",
            Content::Scalar(_) => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}

/// Reads one document. What can be passed over (a duplicate key, a tag) is reported and passed over; `None` if the text
/// is not YAML or is empty.
pub fn read(text: &str, file: FileId, problems: &mut Diagnostics) -> Option<Node> {
    if text.len() > MAX_BYTES {
        problems.push(too_long(file));
        return None;
    }
    let mut reader = Reader {
        text,
        file,
        offsets: Offsets::new(text),
        open: Vec::new(),
        anchors: BTreeMap::new(),
        nodes: 0,
        expansion: 0,
        root: None,
        problems,
    };
    match reader.run() {
        Ok(()) => reader.root.map(|built| built.node),
        Err(problem) => {
            reader.problems.push(*problem);
            None
        }
    }
}

/// The finding for a text beyond [`MAX_BYTES`].
pub fn too_long(file: FileId) -> Diagnostic {
    Diagnostic::error("too-large", format!("the file is larger than {} MiB", MAX_BYTES >> 20))
        .at(Span { file, start: 0, end: 0 }, "")
        .help("put parts of it into modules")
}

/// A finished node, with what the budgets need to know of it.
#[derive(Clone)]
struct Built {
    node: Node,
    size: usize,
    height: usize,
}

/// A list or map that is not closed yet.
struct Open {
    start: usize,
    anchor: usize,
    size: usize,
    height: usize,
    /// End of the last thing inside.
    end: u32,
    children: Children,
}

enum Children {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, Span)>, seen: BTreeMap<String, Span> },
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    offsets: Offsets<'a>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Built>,
    nodes: usize,
    expansion: usize,
    root: Option<Built>,
    problems: &'a mut Diagnostics,
}

type Outcome<T> = Result<T, Box<Diagnostic>>;

impl Reader<'_> {
    fn run(&mut self) -> Outcome<()> {
        let mut parser = Parser::new_from_str(self.text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, place) = event.map_err(|error| {
                let at = self.offsets.byte(error.marker().index());
                Box::new(mend::syntax_error(self.text, self.file, at, error.info()))
            })?;
            let span = self.span(place.start.index(), place.end.index());
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        let problem = Diagnostic::error("several-documents", "the file holds several YAML documents");
                        return Err(Box::new(
                            problem.at(span, "the second one starts here").help("keep one stack or module per file"),
                        ));
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.refuse_tag(tag.as_deref(), span);
                    self.scalar(text.into_owned(), style, anchor, span)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.refuse_tag(tag.as_deref(), span);
                    self.start(place.start.index(), anchor, span, Children::List(Vec::new()))?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.refuse_tag(tag.as_deref(), span);
                    let children = Children::Map { entries: Vec::new(), key: None, seen: BTreeMap::new() };
                    self.start(place.start.index(), anchor, span, children)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.finish(span)?,
                Event::Alias(anchor) => self.alias(anchor, span)?,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Ok(())
    }

    fn span(&mut self, start: usize, end: usize) -> Span {
        let (start, end) = (self.offsets.byte(start), self.offsets.byte(end));
        let written = self.text.get(start..end).unwrap_or("").trim_end();
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file: self.file, start: narrow(start), end: narrow(start + written.len()) }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, span: Span) {
        let Some(tag) = tag else { return };
        let name = if tag.is_yaml_core_schema() {
            format!("!!{}", tag.suffix)
        } else {
            format!("{}{}", tag.handle, tag.suffix)
        };
        let problem = Diagnostic::error("yaml-tag", format!("the YAML tag `{name}` has no meaning here")).at(span, "");
        self.problems.push(problem.help(match tag.suffix.as_str() {
            "Ref" | "GetAtt" => "write a reference as `${vpc.VpcId}`",
            "Sub" => "every text may hold `${…}`; leave `!Sub` away",
            "str" => "put the value in quotes to make it a text",
            _ => "leave it away; functions are written inside `${…}`",
        }));
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, anchor: usize, span: Span) -> Outcome<()> {
        let plain = style == ScalarStyle::Plain;
        if let Some(Open { children: Children::Map { key, seen, .. }, .. }) = self.open.last_mut()
            && key.is_none()
        {
            if text == "<<" && plain {
                let problem = Diagnostic::error("merge-key", "`<<` is not part of YAML 1.2").at(span, "");
                self.problems.push(problem.help("use `${merge(…)}`, or write the keys out"));
            }
            if let Some(first) = seen.get(&text) {
                self.problems.push(
                    Diagnostic::error(
                        "duplicate-key",
                        format!("the key `{}` is given twice", crate::stack::shown(&text)),
                    )
                    .at(span, "given again here")
                    .at(*first, "first given here"),
                );
            } else {
                seen.insert(text.clone(), span);
            }
            if let Some(problem) = mend::broken_key(self.text, &text, span) {
                return Err(Box::new(problem));
            }
            *key = Some((text, span));
            return self.count(1, span);
        }
        let quoted =
            matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) && span.end >= span.start + 2;
        let inside = if quoted { Span { start: span.start + 1, end: span.end - 1, ..span } } else { span };
        let written = self.text.get(inside.range()).unwrap_or("");
        let raw = (text.contains("${") && written != text).then(|| written.to_owned());
        let node = Node { span, content: Content::Scalar(Scalar { text, plain, inside, raw }) };
        self.count(1, span)?;
        self.add(Built { node, size: 1, height: 0 }, anchor)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Outcome<()> {
        self.nodes += nodes;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let problem = Diagnostic::error("too-large", format!("the file has more than {MAX_NODES} keys and values"));
        Err(Box::new(problem.at(span, "reading stopped here").help("put parts of it into modules, or use `for_each`")))
    }

    fn start(&mut self, start: usize, anchor: usize, span: Span, children: Children) -> Outcome<()> {
        if let Some(Open { children: Children::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(Box::new(mend::structured_key(self.text, span)));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(too_deep(span)));
        }
        self.count(1, span)?;
        self.open.push(Open { start, anchor, size: 1, height: 0, end: span.end, children });
        Ok(())
    }

    fn finish(&mut self, span: Span) -> Outcome<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let start = u32::try_from(self.offsets.byte(open.start)).unwrap_or(u32::MAX);
        let span = Span { file: self.file, start, end: span.end.max(open.end).max(start) };
        let trimmed = self.text.get(span.range()).map_or(0, |text| text.trim_end().len());
        let span = Span { end: start + u32::try_from(trimmed).unwrap_or(0), ..span };
        let content = match open.children {
            Children::List(items) => Content::List(items),
            Children::Map { entries, .. } => Content::Map(entries),
        };
        self.add(Built { node: Node { span, content }, size: open.size, height: open.height }, open.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Outcome<()> {
        if let Some(Open { children: Children::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(Box::new(mend::structured_key(self.text, span)));
        }
        let Some(built) = self.anchors.get(&anchor) else {
            let problem = Diagnostic::error("cyclic-alias", "the alias stands inside the very value that it names");
            return Err(Box::new(problem.at(span, "").help("an anchor can be used only after its value has ended")));
        };
        if self.open.len() + built.height >= MAX_DEPTH {
            return Err(Box::new(too_deep(span)));
        }
        let size = built.size;
        self.spend(size, span)?;
        let Some(mut built) = self.anchors.get(&anchor).cloned() else { return Ok(()) };
        built.node.span = span;
        self.add(built, 0)
    }

    /// Takes the copies that anchors and aliases make off their budget.
    fn spend(&mut self, size: usize, span: Span) -> Outcome<()> {
        self.expansion += size;
        if self.expansion <= MAX_EXPANSION {
            return Ok(());
        }
        let problem = Diagnostic::error("too-large", "the aliases of the file expand to too many values");
        Err(Box::new(problem.at(span, "reading stopped here").help("use `locals` instead of anchors")))
    }

    fn add(&mut self, built: Built, anchor: usize) -> Outcome<()> {
        if anchor != 0 {
            self.spend(built.size, built.node.span)?;
            self.anchors.insert(anchor, built.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(built);
            return Ok(());
        };
        open.size += built.size;
        open.height = open.height.max(built.height + 1);
        open.end = open.end.max(built.node.span.end);
        match &mut open.children {
            Children::List(items) => items.push(built.node),
            Children::Map { entries, key, seen } => {
                if let Some((key, key_span)) = key.take()
                    && seen.get(&key) == Some(&key_span)
                {
                    entries.push(Entry { key, key_span, value: built.node });
                }
            }
        }
        Ok(())
    }
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("too-deep", format!("the values are nested more than {MAX_DEPTH} levels deep"))
        .at(span, "reading stopped here")
}
