//! Names that the engine makes up: `<stack>-<env>-<logical>-<6 characters>`, within the rules of the type. The suffix
//! comes from the object, its generation and the state's serial: two generations can exist side by side, and a name that AWS
//! still holds back from a deleted object (a secret in its recovery window) is not asked for again.

use sha2::{Digest, Sha256};

use crate::{base::ObjectId, catalogue::NameRule, state::State};

const SUFFIX: usize = 6;

/// A name for an object that is about to be made.
pub(super) fn name(state: &State, object: &ObjectId, rule: &NameRule) -> String {
    let address = &object.address;
    let parts = address.modules.iter().chain([&address.resource]).flat_map(|segment| {
        let key = segment.key.iter().map(|key| match key {
            crate::base::Key::Index(index) => index.to_string(),
            crate::base::Key::Name(name) => name.clone(),
        });
        [segment.name.clone()].into_iter().chain(key)
    });
    let words: Vec<String> = [state.stack.clone(), state.environment.clone()].into_iter().chain(parts).collect();
    let separator = if rule.extra.contains('-') || !rule.extra.contains('_') { '-' } else { '_' };
    let separator = if rule.extra.contains(separator) { separator.to_string() } else { String::new() };
    let mut text: String = words.join("-").chars().filter_map(|c| fit(c, rule, &separator)).collect();
    if rule.letter_first && !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        text.insert(0, 'p');
    }
    let room = rule.max_length.saturating_sub(SUFFIX + separator.len());
    text.truncate(room);
    let text = tidy(&text, &separator);
    format!("{text}{separator}{}", suffix(state, object))
}

/// A character as the type takes it; what it does not take becomes the separator.
fn fit(c: char, rule: &NameRule, separator: &str) -> Option<char> {
    match c {
        'a'..='z' | '0'..='9' => Some(c),
        'A'..='Z' if rule.lowercase => Some(c.to_ascii_lowercase()),
        'A'..='Z' => Some(c),
        _ => separator.chars().next(),
    }
}

/// No separator twice in a row, none at the end: several services refuse both.
fn tidy(text: &str, separator: &str) -> String {
    if separator.is_empty() {
        return text.to_owned();
    }
    text.split(separator).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(separator)
}

fn suffix(state: &State, object: &ObjectId) -> String {
    let digest = Sha256::digest(format!("{}/{}/{object}", state.lineage, state.serial));
    digest
        .iter()
        .take(SUFFIX)
        .map(|byte| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(byte % 32)]))
        .collect()
}
