//! Texts with expressions in them. Template directives and strip markers are first turned into what they mean: `%{ if }` is a
//! conditional, `%{ for }` is `join("", [for …])`.

use hcl_edit::{
    Ident, Span as _, Spanned,
    expr::{Conditional, Expression, ForExpr, ForIntro, FuncArgs, FuncCall, Parenthesis},
    template::{Directive, Element, ForDirective, IfDirective, Interpolation, StringTemplate, Strip, Template},
};

use super::{
    evaluate::{Evaluator, Outcome},
    fault::Fault,
    parse::trimmed,
    residual::{Residual, marked, unmarked},
};
use crate::{
    base::Value,
    stack::functions::convert::{self, kind},
};

impl Evaluator<'_> {
    /// The text that a template makes; `quoted` if it stands between quotes, where backslashes have a meaning.
    pub(super) fn text(&mut self, template: &Template, quoted: bool) -> Outcome {
        let is_plain = |element: &Element| match element {
            Element::Literal(_) => true,
            Element::Interpolation(interpolation) => interpolation.strip == Strip::None,
            Element::Directive(_) => false,
        };
        if template.iter().all(is_plain) {
            return self.pieces(template);
        }
        self.pieces(&lowered(template, Trim { start: false, end: false, unescape: false }, quoted))
    }

    fn pieces(&mut self, template: &Template) -> Outcome {
        let mut pieces = Vec::with_capacity(template.len());
        for element in template {
            match element {
                Element::Literal(text) => pieces.push(Value::text(text.value())),
                Element::Interpolation(interpolation) => {
                    let value = self.expression(&interpolation.expr)?;
                    pieces.push(self.piece(value, &interpolation.expr)?);
                }
                Element::Directive(_) => {}
            }
        }
        Ok(join(pieces))
    }

    /// The value of an interpolation, as it stands in a text.
    pub(super) fn piece(&mut self, value: Value, node: &Expression) -> Outcome {
        if matches!(value.revealed(), Value::Unknown(_)) {
            return Ok(value);
        }
        let (value, sensitive) = unmarked(value);
        let text = convert::to_text(&value).ok_or_else(|| {
            let fault = Fault::mismatch(format!("{} cannot stand in a text", kind(&value))).within(node.span());
            match value {
                Value::List(_) | Value::Map(_) => fault.help("`jsonencode(…)` or `join(\", \", …)` makes a text of it"),
                _ => fault.help("`coalesce(…, \"none\")` gives it a value"),
            }
        })?;
        Ok(marked(Value::String(text), sensitive))
    }
}

/// One text from texts, some of which may not be known.
pub(super) fn join(pieces: Vec<Value>) -> Value {
    if pieces.iter().all(Value::is_known) {
        let (pieces, sensitive) = unmarked(Value::List(pieces));
        let Value::List(pieces) = pieces else { return pieces };
        let text: String = pieces.iter().filter_map(convert::to_text).collect();
        return marked(Value::String(text), sensitive);
    }
    let mut joined: Vec<Value> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Value::String(before)), Value::String(text)) => before.push_str(&text),
            (_, Value::String(text)) if text.is_empty() => {}
            (_, piece) => joined.push(piece),
        }
    }
    // A lone interpolation keeps its type; the empty text beside it makes this one a text, whatever it turns out to be.
    if joined.len() == 1 {
        joined.push(Value::text(""));
    }
    let residual = Residual::default().code("\"");
    let residual = joined.into_iter().fold(residual, |residual, piece| residual.code("${").operand(piece).code("}"));
    residual.code("\"").build()
}

/// How the neighbours of a template change the literals in it.
#[derive(Clone, Copy)]
struct Trim {
    start: bool,
    end: bool,
    /// Whether backslashes are still to be read: `hcl-edit` leaves them in the bodies of directives between quotes.
    unescape: bool,
}

/// The template without directives and strip markers.
fn lowered(template: &Template, trim: Trim, quoted: bool) -> StringTemplate {
    let elements: Vec<&Element> = template.iter().collect();
    let lower = |(position, element): (usize, &&Element)| match element {
        Element::Literal(text) => {
            let before = position.checked_sub(1).and_then(|before| elements.get(before));
            let start = before.map_or(trim.start, |before| strips(before).1);
            let end = elements.get(position + 1).map_or(trim.end, |after| strips(after).0);
            let text = if trim.unescape { unescaped(text) } else { text.value().clone() };
            Element::Literal(Spanned::new(trimmed(&text, start, end).to_owned()))
        }
        Element::Interpolation(interpolation) => Interpolation::new(interpolation.expr.clone()).into(),
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(node) => Interpolation::new(conditional(node, quoted)).into(),
            Directive::For(node) => Interpolation::new(joined_loop(node, quoted)).into(),
        },
    };
    StringTemplate::from(elements.iter().enumerate().map(lower).collect::<Vec<_>>())
}

fn conditional(node: &IfDirective, quoted: bool) -> Expression {
    let (head, tail) = (&node.if_expr, node.endif_expr.strip);
    let middle = node.else_expr.as_ref().map_or(tail, |other| other.strip);
    let yes = Trim { start: head.strip.strip_end(), end: middle.strip_start(), unescape: quoted };
    let no = Trim { start: middle.strip_end(), end: tail.strip_start(), unescape: quoted };
    let no = node.else_expr.as_ref().map_or_else(StringTemplate::new, |other| lowered(&other.template, no, quoted));
    let condition = Parenthesis::new(head.cond_expr.clone());
    Conditional::new(condition, lowered(&head.template, yes, quoted), no).into()
}

fn joined_loop(node: &ForDirective, quoted: bool) -> Expression {
    let (head, tail) = (&node.for_expr, node.endfor_expr.strip);
    let trim = Trim { start: head.strip.strip_end(), end: tail.strip_start(), unescape: quoted };
    let mut intro = ForIntro::new(head.value_var.clone(), head.collection_expr.clone());
    intro.key_var.clone_from(&head.key_var);
    let each = ForExpr::new(intro, lowered(&head.template, trim, quoted));
    let mut arguments = FuncArgs::new();
    arguments.push("");
    arguments.push(each);
    FuncCall::new(Ident::new("join"), arguments).into()
}

/// On which sides an element takes white space away: before it, after it.
fn strips(element: &Element) -> (bool, bool) {
    let (first, last) = match element {
        Element::Literal(_) => (Strip::None, Strip::None),
        Element::Interpolation(node) => (node.strip, node.strip),
        Element::Directive(directive) => match directive.as_ref() {
            Directive::If(node) => (node.if_expr.strip, node.endif_expr.strip),
            Directive::For(node) => (node.for_expr.strip, node.endfor_expr.strip),
        },
    };
    (first.strip_start(), last.strip_end())
}

fn unescaped(text: &str) -> String {
    let (mut result, mut rest) = (String::with_capacity(text.len()), text.chars());
    while let Some(next) = rest.next() {
        match next {
            '\\' => match rest.next() {
                Some('n') => result.push('\n'),
                Some('r') => result.push('\r'),
                Some('t') => result.push('\t'),
                Some(other) => result.push(other),
                None => result.push('\\'),
            },
            other => result.push(other),
        }
    }
    result
}
