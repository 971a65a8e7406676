//! `moved:`, `removed:` and `imports:`: what the stack says about objects that exist already.

use std::str::FromStr;

use super::{fields::Fields, resource::address};
use crate::{
    base::{AddressError, Diagnostics, Span},
    stack::declaration::{ImportDeclaration, MovedDeclaration, RemovedDeclaration},
};

/// `moved: [{from, to}]`
pub fn moved(top: &Fields<'_>, problems: &mut Diagnostics) -> Vec<MovedDeclaration> {
    let mut found = Vec::new();
    for node in top.items("moved", problems) {
        let known = &["from", "to"];
        let Some(entry) = Fields::read(node, "an entry of `moved`".to_owned(), known, problems) else { continue };
        let (from, to) = (addressed(&entry, "from", problems), addressed(&entry, "to", problems));
        if let (Some(from), Some(to)) = (from, to) {
            found.push(MovedDeclaration { span: node.span, from, to });
        }
    }
    found
}

/// `removed: [{from, retain}]`
pub fn removed(top: &Fields<'_>, problems: &mut Diagnostics) -> Vec<RemovedDeclaration> {
    let mut found = Vec::new();
    for node in top.items("removed", problems) {
        let known = &["from", "retain"];
        let Some(entry) = Fields::read(node, "an entry of `removed`".to_owned(), known, problems) else { continue };
        let retain = entry.flag("retain", problems);
        if let Some(from) = addressed(&entry, "from", problems) {
            found.push(RemovedDeclaration { from, retain });
        }
    }
    found
}

/// `imports: [{to, id}]`
pub fn imports(top: &Fields<'_>, problems: &mut Diagnostics) -> Vec<ImportDeclaration> {
    let mut found = Vec::new();
    for node in top.items("imports", problems) {
        let known = &["to", "id"];
        let Some(entry) = Fields::read(node, "an entry of `imports`".to_owned(), known, problems) else { continue };
        let to = addressed(&entry, "to", problems);
        entry.require("id", node.span, problems);
        if let (Some(to), Some(id)) = (to, entry.written("id", problems)) {
            found.push(ImportDeclaration { to, id });
        }
    }
    found
}

fn addressed<T: FromStr<Err = AddressError>>(
    entry: &Fields<'_>,
    key: &str,
    problems: &mut Diagnostics,
) -> Option<(T, Span)> {
    entry.require(key, entry.span, problems)?;
    let name = entry.text(key, problems)?;
    address(&name, problems).map(|address| (address, name.span))
}
