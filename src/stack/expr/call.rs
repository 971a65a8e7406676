//! Calls: arguments in, value out, and what a call means whose arguments are not all known, or not for everybody's eyes.

use std::ops::Range;

use hcl_edit::{Span as _, expr::FuncCall};

use super::{
    Form, Scope,
    evaluate::{Evaluator, Outcome},
    fault::Fault,
    parse,
    residual::{self, FAILURE, Residual, marked, opened, unmarked},
};
use crate::{
    base::{Address, Lookup, Path, Unknown, Value},
    stack::functions::{
        self, Arguments, Body, Function, Problem, Special,
        convert::{self, kind},
    },
};

/// The arguments of a call with their places.
struct Given {
    values: Vec<Value>,
    places: Vec<Option<Range<usize>>>,
}

impl Evaluator<'_> {
    pub(super) fn call(&mut self, node: &FuncCall) -> Outcome {
        let name = node.name.name.as_str();
        let at_name = |fault: Fault| fault.within(node.name.name.span());
        if name == FAILURE {
            let message = node.args.get(0).map(|argument| self.expression(argument)).transpose()?;
            let message = message.as_ref().and_then(convert::to_text).unwrap_or_default();
            return Err(Fault::new("failed-expression", message));
        }
        let function = functions::find(name).filter(|_| !node.name.is_namespaced());
        let function = function.ok_or_else(|| at_name(unknown_function(name)))?;
        match function.body {
            Body::Evaluator(Special::Try) => return self.first_that_works(node),
            Body::Evaluator(Special::Can) => return self.whether_it_works(node),
            _ => {}
        }
        let given = match self.arguments(node)? {
            Ok(given) => given,
            Err(open) => return Ok(Residual::default().code(name).code("(").operands(open).code("...)").build()),
        };
        check_count(function, given.values.len()).map_err(at_name)?;
        let places = given.places.clone();
        let outcome = match function.body {
            Body::Whole(run) => run_whole(function, run, given.values),
            Body::Parts(run) => run_parts(function, run, given.values),
            Body::Evaluator(special) => self.special(function, special, given.values),
        };
        outcome.map_err(|(fault, argument)| {
            fault.within(argument.and_then(|position| places.get(position).cloned().flatten()))
        })
    }

    /// The evaluated arguments; the inner error are the arguments of a call whose `...` list is not known.
    fn arguments(&mut self, node: &FuncCall) -> Result<Result<Given, Vec<Value>>, Fault> {
        let (mut values, mut places) = (Vec::new(), Vec::new());
        for argument in node.args.iter() {
            values.push(self.expression(argument)?);
            places.push(argument.span());
        }
        if node.args.expand_final() {
            let place = places.pop().flatten();
            let (last, sensitive) = opened(values.pop().unwrap_or(Value::Null));
            match last {
                Value::List(items) => {
                    places.extend(items.iter().map(|_| place.clone()));
                    values.extend(items.into_iter().map(|item| marked(item, sensitive)));
                }
                Value::Unknown(_) => {
                    values.push(marked(last, sensitive));
                    return Ok(Err(values));
                }
                other => {
                    let message = format!("`...` takes the elements of a list, not of {}", kind(&other));
                    return Err(Fault::mismatch(message).within(place));
                }
            }
        }
        Ok(Ok(Given { values, places }))
    }

    /// `try`: the first argument that can be evaluated. One that is not known yet may still fail later.
    fn first_that_works(&mut self, node: &FuncCall) -> Outcome {
        let (mut open, mut last) = (Vec::new(), None);
        for argument in node.args.iter() {
            match self.expression(argument) {
                Ok(value) if open.is_empty() && cannot_fail(&value) => return Ok(value),
                Ok(value) => {
                    let decided = cannot_fail(&value);
                    open.push(value);
                    if decided {
                        break;
                    }
                }
                Err(fault) => last = Some(fault),
            }
        }
        if !open.is_empty() {
            return Ok(residual::call("try", open));
        }
        let message = match last {
            Some(fault) => format!("no argument of `try` can be evaluated; the last one: {}", fault.message),
            None => "`try` needs an argument".to_owned(),
        };
        Err(Fault::new("failed-expression", message))
    }

    fn whether_it_works(&mut self, node: &FuncCall) -> Outcome {
        let argument = node.args.get(0).filter(|_| node.args.len() == 1);
        let argument = argument.ok_or_else(|| Fault::new("wrong-arguments", "`can` takes one argument"))?;
        Ok(match self.expression(argument) {
            Ok(value) if cannot_fail(&value) => Value::Bool(true),
            Ok(value) => residual::call("can", [value]),
            Err(_) => Value::Bool(false),
        })
    }

    fn special(&mut self, function: &Function, special: Special, mut values: Vec<Value>) -> Result<Value, Failure> {
        let invalid = |message: String| (Fault::new("invalid-argument", message), Some(0));
        match special {
            Special::Coalesce => return coalesce(values),
            Special::Sensitive => return Ok(marked(values.swap_remove(0), true)),
            Special::Nonsensitive => return nonsensitive(values.swap_remove(0)).map_err(|fault| (fault, Some(0))),
            _ => {}
        }
        let (first, sensitive) = unmarked(values.swap_remove(0));
        if !first.is_known() && matches!(special, Special::Secret | Special::Parameter) {
            return Ok(residual::call(function.name, [marked(first, sensitive)]).sensitive());
        }
        if !first.is_known() {
            let needs = format!("`{}` needs a name that is known before anything is made", function.name);
            return Err(invalid(needs));
        }
        let name = convert::to_text(&first)
            .ok_or_else(|| invalid(format!("`{}` needs a text, not {}", function.name, kind(&first))))?;
        let failed = |message: String| invalid(if sensitive { "this file cannot be read".to_owned() } else { message });
        Ok(match special {
            Special::Secret => Value::Unknown(Unknown::Lookup(secret(&name))),
            Special::Parameter => Value::Unknown(Unknown::Lookup(Lookup::Parameter { name })),
            Special::TemplateFile => {
                let text = self.scope.file(&name, Form::Text).map_err(failed)?;
                let variables = values.pop().unwrap_or(Value::Null);
                let made = self.template_file(&name, &text, variables).map_err(|fault| (fault, Some(0)))?;
                marked(made, sensitive)
            }
            Special::FileBase64 => {
                marked(functions::base64(&self.scope.file(&name, Form::Text).map_err(failed)?), sensitive)
            }
            Special::Zip => marked(Value::String(self.scope.file(&name, Form::Archive).map_err(failed)?), sensitive),
            _ => marked(Value::String(self.scope.file(&name, Form::Text).map_err(failed)?), sensitive),
        })
    }

    /// The text of a file, whose expressions know the given variables and nothing else.
    fn template_file(&mut self, name: &str, text: &str, variables: Value) -> Outcome {
        if self.in_file {
            return Err(Fault::new("invalid-argument", "a template file cannot use another one"));
        }
        let (variables, sensitive) = opened(variables);
        let Value::Map(variables) = variables else {
            let message = format!("the variables of `templatefile` are a map, not {}", kind(&variables));
            return Err(Fault::mismatch(message));
        };
        let located = |message: &str, at: usize| {
            let line = text.get(..at).unwrap_or(text).matches('\n').count() + 1;
            format!("in `{name}`, line {line}: {message}")
        };
        let template = parse::parse(text)
            .map_err(|(message, range)| Fault::new("expression-syntax", located(&message, range.start)))?;
        let scope = FileScope { outer: self.scope };
        let mut inside = Evaluator::new(&scope);
        inside.in_file = true;
        inside.locals = variables.into_iter().map(|(name, value)| (name, Ok(marked(value, sensitive)))).collect();
        inside.text(&template, false).map_err(|mut fault| {
            fault.message = located(&fault.message, fault.range.take().map_or(0, |range| range.start));
            fault
        })
    }
}

/// What went wrong in a call, and with which argument.
type Failure = (Fault, Option<usize>);

fn run_whole(
    function: &Function,
    run: fn(&Arguments) -> Result<Value, Problem>,
    values: Vec<Value>,
) -> Result<Value, Failure> {
    if !values.iter().all(Value::is_known) {
        return Ok(residual::call(function.name, values));
    }
    let (values, marks): (Vec<_>, Vec<_>) = values.into_iter().map(unmarked).unzip();
    let sensitive = marks.contains(&true);
    let value = run(&Arguments(values)).map_err(|problem| failure(function, problem, sensitive))?;
    Ok(marked(value, sensitive))
}

fn run_parts(
    function: &Function,
    run: fn(&Arguments) -> Result<Value, Problem>,
    values: Vec<Value>,
) -> Result<Value, Failure> {
    if values.iter().any(|value| matches!(value.revealed(), Value::Unknown(_))) {
        return Ok(residual::call(function.name, values));
    }
    let (inner, marks): (Vec<_>, Vec<_>) = values.iter().cloned().map(opened).unzip();
    let sensitive = marks.contains(&true);
    match run(&Arguments(inner)) {
        Ok(value) => Ok(marked(value, sensitive)),
        Err(Problem::NotKnown) => Ok(residual::call(function.name, values)),
        Err(problem) => Err(failure(function, problem, values.iter().any(Value::has_sensitive))),
    }
}

/// The error of a function. Its message may quote an argument, so nobody sees it if one is sensitive.
fn failure(function: &Function, problem: Problem, sensitive: bool) -> Failure {
    let (message, argument) = match problem {
        Problem::Failed { message, argument } => (message, argument),
        Problem::NotKnown => ("a part of an argument is not known yet".to_owned(), None),
    };
    if sensitive {
        let hidden =
            format!("`{}` cannot be evaluated; why is not shown, because an argument is sensitive", function.name);
        return (Fault::new("invalid-argument", hidden).help(function.about), argument);
    }
    (Fault::new("invalid-argument", format!("`{}`: {message}", function.name)).help(function.about), argument)
}

fn check_count(function: &Function, count: usize) -> Result<(), Fault> {
    if count >= function.least && function.most.is_none_or(|most| count <= most) {
        return Ok(());
    }
    let takes = match (function.least, function.most) {
        (least, Some(most)) if least == most => format!("{least}"),
        (least, Some(most)) => format!("{least} to {most}"),
        (least, None) => format!("at least {least}"),
    };
    let plural = if takes.ends_with('1') { "argument" } else { "arguments" };
    let message = format!("`{}` takes {takes} {plural}, not {count}", function.name);
    Err(Fault::new("wrong-arguments", message).help(function.about))
}

fn unknown_function(name: &str) -> Fault {
    let fault = Fault::new("unknown-function", format!("there is no function `{name}`"));
    match functions::absent(name) {
        Some(reason) => fault.help(reason),
        None => fault.suggest(name, functions::all().map(|function| function.name)),
    }
}

/// References become what they refer to; only captured expressions can fail once they are evaluated.
fn cannot_fail(value: &Value) -> bool {
    let mut certain = true;
    value.visit_unknowns(&mut |unknown| certain &= !matches!(unknown, Unknown::Expression { .. }));
    certain
}

/// The first argument that is neither null nor the empty text.
fn coalesce(values: Vec<Value>) -> Result<Value, Failure> {
    let is_missing = |value: &Value| match value.revealed() {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    let mut left: Vec<Value> = values.into_iter().filter(|value| !is_missing(value)).collect();
    match left.first().map(Value::revealed) {
        None => Err((Fault::new("invalid-argument", "`coalesce`: every argument is null or empty"), None)),
        Some(Value::Unknown(_)) => Ok(residual::call("coalesce", left)),
        Some(_) => Ok(left.swap_remove(0)),
    }
}

/// The value without marks. What is read at apply stays secret: it would otherwise be stored.
fn nonsensitive(value: Value) -> Outcome {
    let mut reads = false;
    value.visit_unknowns(&mut |unknown| reads |= matches!(unknown, Unknown::Lookup(_)));
    if reads {
        let fault =
            Fault::new("invalid-argument", "a secret or parameter that is read at apply is never shown or stored");
        return Err(fault.help("`nonsensitive` is for what only passes through a sensitive variable"));
    }
    Ok(bare(value))
}

fn bare(value: Value) -> Value {
    match unmarked(value).0 {
        Value::Unknown(Unknown::Expression { source, captures }) => {
            let captures = captures.into_iter().map(|(name, value)| (name, bare(value))).collect();
            Value::Unknown(Unknown::Expression { source, captures })
        }
        Value::List(items) => Value::List(items.into_iter().map(bare).collect()),
        Value::Map(map) => Value::Map(map.into_iter().map(|(key, item)| (key, bare(item))).collect()),
        other => other,
    }
}

/// `name` or `name:key`; an ARN has colons of its own.
fn secret(text: &str) -> Lookup {
    const ARN_COLONS: usize = 6;
    let own = if text.starts_with("arn:") { ARN_COLONS } else { 0 };
    let (name, key) = match text.match_indices(':').nth(own) {
        Some((at, _)) => (&text[..at], Some(text[at + 1..].to_owned())),
        None => (text, None),
    };
    Lookup::Secret { name: name.to_owned(), key: key.filter(|key| !key.is_empty()) }
}

/// The scope of a template file.
struct FileScope<'a> {
    outer: &'a dyn Scope,
}

impl Scope for FileScope<'_> {
    fn root(&self, _name: &str) -> Option<Value> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn attribute(&self, address: &Address, path: &Path) -> Value {
        self.outer.attribute(address, path)
    }

    fn file(&self, path: &str, form: Form) -> Result<String, String> {
        self.outer.file(path, form)
    }
}
