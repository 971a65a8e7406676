//! Rules about several properties at once: alternatives, conditions, and properties that need or exclude each other.

use super::{Place, Problem, Walk, message};
use crate::{
    base::Value,
    catalogue::node::{Node, NodeId},
};

impl<'a> Walk<'a> {
    /// Checks what `allOf`, `anyOf`, `oneOf`, `if` and `not` say about a value.
    pub(super) fn branches(&mut self, node: &'a Node, value: &Value, place: &Place) {
        for id in &node.all_of {
            self.value(self.resource.nodes.get(*id), value, place);
        }
        self.alternatives(&node.any_of, false, value, place);
        self.alternatives(&node.one_of, true, value, place);
        if let Some(condition) = node.condition.map(|id| self.resource.nodes.get(id))
            && self.is_decided(condition, value)
        {
            let holds = self.tried(condition, value, place).is_empty();
            if let Some(id) = if holds { node.then } else { node.otherwise } {
                self.value(self.resource.nodes.get(id), value, place);
            }
        }
        if let Some(refused) = node.not.map(|id| self.resource.nodes.get(id))
            && self.is_decided(refused, value)
            && self.tried(refused, value, place).is_empty()
        {
            self.found.push(message::refused(refused, value, place));
        }
    }

    /// Whether nothing that the condition looks at is still unknown.
    fn is_decided(&self, condition: &Node, value: &Value) -> bool {
        let Value::Map(entries) = value.revealed() else { return value.is_known() };
        let nodes = self.resource.nodes.with_branches(condition);
        let mut names = nodes.iter().flat_map(|node| node.properties.keys().chain(&node.required));
        names.all(|name| entries.get(name).is_none_or(Value::is_known))
    }

    fn alternatives(&mut self, ids: &[NodeId], exclusive: bool, value: &Value, place: &Place) {
        if ids.is_empty() {
            return;
        }
        let nodes: Vec<&'a Node> = ids.iter().map(|id| self.resource.nodes.get(*id)).collect();
        let mut tries: Vec<Vec<Problem>> = nodes.iter().map(|node| self.tried(node, value, place)).collect();
        let fitting = tries.iter().filter(|problems| problems.is_empty()).count();
        let only_names = nodes.iter().all(|node| names_only(node));
        if only_names && fitting != 1 {
            let groups: Vec<&[String]> = nodes.iter().map(|node| node.required.as_slice()).collect();
            match (fitting, exclusive) {
                (0, _) => self.found.push(message::one_of_missing(&groups, place)),
                (_, true) if !has_unknown(&groups, value) => {
                    self.found.push(message::only_one_of(&groups, value, place));
                }
                _ => {}
            }
        } else if fitting == 0 {
            let best = (0..tries.len()).min_by_key(|index| distance(&tries[*index], place));
            self.found.extend(best.map(|index| tries.swap_remove(index)).unwrap_or_default());
        }
    }

    /// Checks which properties AWS wants together, or not together.
    pub(super) fn combinations(&mut self, node: &'a Node, value: &Value, place: &Place) {
        let Value::Map(entries) = value else { return };
        let present = |key: &String| entries.get(key).is_some_and(|value| !matches!(value, Value::Null));
        let unknown = |key: &String| entries.get(key).is_some_and(|value| matches!(value, Value::Unknown(_)));
        let single = |keys: &'a [String]| keys.chunks(1).collect::<Vec<_>>();
        if !node.required_or.is_empty() && !node.required_or.iter().any(present) {
            self.found.push(message::one_of_missing(&single(&node.required_or), place));
        }
        let chosen = node.required_xor.iter().filter(|key| present(key)).count();
        if !node.required_xor.is_empty() && chosen == 0 {
            self.found.push(message::one_of_missing(&single(&node.required_xor), place));
        } else if chosen > 1 && !node.required_xor.iter().any(unknown) {
            self.found.push(message::only_one_of(&single(&node.required_xor), value, place));
        }
        for (key, others) in node.dependent_required.iter().filter(|(key, _)| present(key)) {
            for other in others.iter().filter(|other| !present(other)) {
                self.found.push(message::needs(key, other, place));
            }
        }
        for (key, others) in node.dependent_excluded.iter().filter(|(key, _)| present(key) && !unknown(key)) {
            let mutual = |other: &String| node.dependent_excluded.get(other).is_some_and(|back| back.contains(key));
            for other in
                others.iter().filter(|other| present(other) && !unknown(other) && (key < *other || !mutual(other)))
            {
                self.found.push(message::excludes(key, other, place));
            }
        }
    }
}

/// Whether the branch only says which properties must be there.
fn names_only(node: &Node) -> bool {
    let says_more =
        !node.properties.is_empty() || !node.kinds.is_empty() && node.kinds != [crate::catalogue::node::Kind::Object];
    !node.required.is_empty() && !says_more && node.branches().next().is_none()
}

fn has_unknown(groups: &[&[String]], value: &Value) -> bool {
    let Value::Map(entries) = value.revealed() else { return false };
    groups.iter().copied().flatten().any(|key| entries.get(key).is_some_and(|value| matches!(value, Value::Unknown(_))))
}

/// How far the value is from the branch that found these problems: a wrong type or a wrong word says that another
/// branch was meant.
fn distance(problems: &[Problem], place: &Place) -> usize {
    let weight = |problem: &Problem| match problem.rule {
        "wrong-type" if problem.path == place.path => 1000,
        "bad-enum" | "unknown-property" => 10,
        _ => 1,
    };
    problems.iter().map(weight).sum()
}
