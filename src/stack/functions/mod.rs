//! The functions of expressions, under Terraform's names and with its meaning. One table per subject; a row is a name, how many
//! arguments, a line of documentation, and what runs.
//!
//! `timestamp`, `uuid` and their like are absent: their value differs in every run, so no plan would ever be empty.

pub mod convert;

mod arguments;
mod collections;
mod conversions;
mod encoding;
mod files;
mod format;
mod lists;
mod network;
mod numbers;
mod patterns;
mod sets;
mod strings;

use std::{collections::BTreeMap, sync::LazyLock};

pub use self::arguments::{Arguments, Problem};
pub(super) use self::encoding::base64;
use crate::base::Value;

/// What a function is evaluated by.
#[derive(Clone, Copy)]
pub enum Body {
    /// Needs every argument in full, and sees it without marks: if any part of one is sensitive, the result is.
    Whole(fn(&Arguments) -> Result<Value, Problem>),
    /// Rearranges its arguments: elements that are not known or sensitive pass through as they are.
    Parts(fn(&Arguments) -> Result<Value, Problem>),
    /// The evaluator itself: it needs the scope, or takes arguments that fail.
    Evaluator(Special),
}

/// The functions that the evaluator runs itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    Try,
    Can,
    Coalesce,
    Sensitive,
    Nonsensitive,
    File,
    FileBase64,
    TemplateFile,
    Zip,
    Secret,
    Parameter,
}

/// One function.
pub struct Function {
    pub name: &'static str,
    /// How many arguments it needs at least.
    pub least: usize,
    /// How many it takes at most; `None` for any number.
    pub most: Option<usize>,
    /// How it is called and what it gives.
    pub about: &'static str,
    pub body: Body,
}

const fn whole(
    name: &'static str,
    arity: (usize, Option<usize>),
    about: &'static str,
    run: fn(&Arguments) -> Result<Value, Problem>,
) -> Function {
    Function { name, least: arity.0, most: arity.1, about, body: Body::Whole(run) }
}

const fn parts(
    name: &'static str,
    arity: (usize, Option<usize>),
    about: &'static str,
    run: fn(&Arguments) -> Result<Value, Problem>,
) -> Function {
    Function { name, least: arity.0, most: arity.1, about, body: Body::Parts(run) }
}

const fn special(name: &'static str, arity: (usize, Option<usize>), about: &'static str, which: Special) -> Function {
    Function { name, least: arity.0, most: arity.1, about, body: Body::Evaluator(which) }
}

static TABLE: LazyLock<BTreeMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let tables: [&'static [Function]; 10] = [
        collections::FUNCTIONS,
        conversions::FUNCTIONS,
        encoding::FUNCTIONS,
        files::FUNCTIONS,
        lists::FUNCTIONS,
        network::FUNCTIONS,
        numbers::FUNCTIONS,
        patterns::FUNCTIONS,
        sets::FUNCTIONS,
        strings::FUNCTIONS,
    ];
    tables.into_iter().flatten().map(|function| (function.name, function)).collect()
});

/// Every function, by name.
pub fn all() -> impl Iterator<Item = &'static Function> {
    TABLE.values().copied()
}

/// The function of a name.
pub fn find(name: &str) -> Option<&'static Function> {
    TABLE.get(name).copied()
}

/// Whether a call cannot wait for the values it needs, because it needs the scope.
pub fn needs_scope(name: &str) -> bool {
    let scoped =
        [Special::File, Special::FileBase64, Special::TemplateFile, Special::Zip, Special::Secret, Special::Parameter];
    matches!(find(name), Some(Function { body: Body::Evaluator(special), .. }) if scoped.contains(special))
}

/// Why a function of Terraform is not here, if that is on purpose.
pub fn absent(name: &str) -> Option<&'static str> {
    match name {
        "timestamp" | "plantimestamp" | "uuid" | "bcrypt" => {
            Some("its value differs in every run, so that no plan would ever be empty: pass it in as a variable")
        }
        "uuidv5" | "md5" | "sha1" | "filemd5" | "filesha1" | "base64sha256" | "base64sha512" | "sha512" => {
            Some("`sha256(…)` is the hash that there is")
        }
        "fileset" | "fileexists" | "filebase64sha256" | "pathexpand" | "abspath" => {
            Some("a stack reads single files, by `file(…)` and `templatefile(…)`, and packs folders, by `zip(…)`")
        }
        "archive_file" => Some("`zip(…)` packs a folder or a file"),
        _ => None,
    }
}
