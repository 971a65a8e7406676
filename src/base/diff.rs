//! Where a wanted value differs from one that is there. Compares what the user wrote, recursively, and never what AWS
//! added of its own.

use serde_json::Value as Json;

use super::{Path, Segment, Value};

/// One place at which two documents differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub path: Path,
    /// `None`: not there.
    pub before: Option<Json>,
    /// `None`: to be taken away.
    pub after: Option<Value>,
}

/// What two values at a place mean to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Same,
    Different,
    /// To be told from their parts.
    Descend,
}

/// Knows when two values mean the same.
pub trait Compare {
    /// Compares two values at a path; containers are usually answered with [`Verdict::Descend`].
    fn compare(&self, path: &Path, wanted: &Value, actual: &Json) -> Verdict;

    /// Whether the order of the list at this path says nothing.
    fn is_unordered(&self, path: &Path) -> bool;

    /// Whether the unordered list at this path names only some members, and the others are AWS's own.
    fn is_partial(&self, path: &Path) -> bool {
        let _ = path;
        false
    }
}

/// Which keys are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Only what is wanted: what else is there is AWS's own.
    Wanted,
    /// What is there and not wanted is a difference too.
    Both,
}

/// Every place at which `wanted` differs from `actual`, in the order of their paths.
pub fn diff(wanted: &Value, actual: &Json, scope: Scope, compare: &dyn Compare) -> Vec<Difference> {
    diff_at(&Path::default(), wanted, actual, scope, compare)
}

/// The same for two values that stand at `path` of their documents.
pub fn diff_at(path: &Path, wanted: &Value, actual: &Json, scope: Scope, compare: &dyn Compare) -> Vec<Difference> {
    let mut walk = Walk { scope, compare, found: Vec::new() };
    walk.value(path, wanted, actual);
    walk.found
}

struct Walk<'a> {
    scope: Scope,
    compare: &'a dyn Compare,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn value(&mut self, path: &Path, wanted: &Value, actual: &Json) {
        match self.compare.compare(path, wanted, actual) {
            Verdict::Same => return,
            Verdict::Different => return self.differ(path, wanted, actual),
            Verdict::Descend => {}
        }
        match (wanted, actual) {
            (Value::Map(wanted), Json::Object(actual)) => {
                for (key, value) in wanted {
                    let path = path.join(Segment::Key(key.clone()));
                    match actual.get(key) {
                        Some(actual) if !actual.is_null() => self.value(&path, value, actual),
                        _ => self.missing(path, value),
                    }
                }
                if self.scope == Scope::Both {
                    self.removed(path, wanted, actual);
                }
            }
            (Value::List(wanted), Json::Array(actual)) if self.compare.is_unordered(path) => {
                if !self.same_members(path, wanted, actual) {
                    self.differ(path, &Value::List(wanted.clone()), &Json::Array(actual.clone()));
                }
            }
            (Value::List(wanted), Json::Array(actual)) if wanted.len() == actual.len() => {
                for (index, (wanted, actual)) in wanted.iter().zip(actual).enumerate() {
                    self.value(&path.join(Segment::Index(index)), wanted, actual);
                }
            }
            _ => self.differ(path, wanted, actual),
        }
    }

    /// Something wanted that is not there; of a map, those parts that make a difference.
    fn missing(&mut self, path: Path, wanted: &Value) {
        let nothing = Json::Null;
        match (wanted, self.compare.compare(&path, wanted, &nothing)) {
            (Value::Null, _) | (_, Verdict::Same) => {}
            (Value::Map(parts), _) if !parts.is_empty() => {
                for (key, part) in parts {
                    self.missing(path.join(Segment::Key(key.clone())), part);
                }
            }
            _ => self.found.push(Difference { path, before: None, after: Some(wanted.clone()) }),
        }
    }

    fn differ(&mut self, path: &Path, wanted: &Value, actual: &Json) {
        let after = (*wanted != Value::Null).then(|| wanted.clone());
        self.found.push(Difference { path: path.clone(), before: Some(actual.clone()), after });
    }

    fn removed(
        &mut self,
        path: &Path,
        wanted: &std::collections::BTreeMap<String, Value>,
        actual: &serde_json::Map<String, Json>,
    ) {
        for (key, value) in actual {
            if !wanted.contains_key(key) && !value.is_null() {
                let path = path.join(Segment::Key(key.clone()));
                self.found.push(Difference { path, before: Some(value.clone()), after: None });
            }
        }
    }

    /// Whether each wanted member has a partner of its own.
    fn same_members(&self, path: &Path, wanted: &[Value], actual: &[Json]) -> bool {
        if wanted.len() > actual.len() || (wanted.len() < actual.len() && !self.compare.is_partial(path)) {
            return false;
        }
        let mut free: Vec<(usize, &Json)> = actual.iter().enumerate().collect();
        wanted.iter().all(|wanted| {
            let partner = free.iter().position(|(index, actual)| {
                let mut walk = Walk { scope: self.scope, compare: self.compare, found: Vec::new() };
                walk.value(&path.join(Segment::Index(*index)), wanted, actual);
                walk.found.is_empty()
            });
            partner.map(|position| free.remove(position)).is_some()
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Equal JSON is the same; the lists at `Set` and `Some` have no order; what is unknown differs from everything.
    struct Plain;

    impl Compare for Plain {
        fn compare(&self, _: &Path, wanted: &Value, actual: &Json) -> Verdict {
            match wanted {
                Value::Map(_) | Value::List(_) => Verdict::Descend,
                _ if wanted.reveal().as_ref() == Some(actual) => Verdict::Same,
                _ => Verdict::Different,
            }
        }

        fn is_unordered(&self, path: &Path) -> bool {
            matches!(path.property(), Some("Set" | "Some"))
        }

        fn is_partial(&self, path: &Path) -> bool {
            path.property() == Some("Some")
        }
    }

    fn paths(wanted: Json, actual: &Json, scope: Scope) -> Vec<String> {
        diff(&wanted.into(), actual, scope, &Plain).iter().map(|d| d.path.to_string()).collect()
    }

    #[test]
    fn what_aws_added_is_no_difference_unless_both_sides_count() {
        let actual = json!({"A": 1, "B": {"C": 2, "D": 3}});
        assert_eq!(paths(json!({"B": {"C": 2}}), &actual, Scope::Wanted), Vec::<String>::new());
        assert_eq!(paths(json!({"B": {"C": 2}}), &actual, Scope::Both), ["B.D", "A"]);
    }

    #[test]
    fn lists_differ_by_member_where_their_length_is_equal_and_as_a_whole_where_not() {
        assert_eq!(paths(json!({"L": [1, 2]}), &json!({"L": [1, 3]}), Scope::Wanted), ["L[1]"]);
        assert_eq!(paths(json!({"L": [1, 2]}), &json!({"L": [1]}), Scope::Wanted), ["L"]);
    }

    #[test]
    fn members_of_a_set_are_found_in_any_order_but_each_only_once() {
        assert!(paths(json!({"Set": [{"k": 1}, 2]}), &json!({"Set": [2, {"k": 1, "x": 0}]}), Scope::Wanted).is_empty());
        assert_eq!(paths(json!({"Set": [2, 2]}), &json!({"Set": [2, 3]}), Scope::Wanted), ["Set"]);
    }

    #[test]
    fn a_partial_list_lacks_nothing_that_it_does_not_name() {
        let actual = json!({"Some": [{"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "c", "v": 3}]});
        assert!(paths(json!({"Some": [{"k": "b", "v": 2}]}), &actual, Scope::Wanted).is_empty());
        assert_eq!(paths(json!({"Some": [{"k": "b", "v": 4}]}), &actual, Scope::Wanted), ["Some"]);
    }

    #[test]
    fn of_a_map_that_is_not_there_the_parts_are_asked_about_one_by_one() {
        /// Nobody can read `Secret`.
        struct Unreadable;
        impl Compare for Unreadable {
            fn compare(&self, path: &Path, wanted: &Value, actual: &Json) -> Verdict {
                match path.to_string().ends_with("Secret") {
                    true => Verdict::Same,
                    false => Plain.compare(path, wanted, actual),
                }
            }
            fn is_unordered(&self, _: &Path) -> bool {
                false
            }
        }
        let wanted = json!({"Secret": 1, "Login": {"Secret": 2, "Name": "n"}});
        let found = diff(&wanted.into(), &json!({}), Scope::Wanted, &Unreadable);
        assert_eq!(found.iter().map(|d| d.path.to_string()).collect::<Vec<_>>(), ["Login.Name"]);
    }

    #[test]
    fn a_null_takes_away_what_is_there_and_asks_for_nothing_else() {
        assert!(paths(json!({"A": null}), &json!({}), Scope::Wanted).is_empty());
        let found = diff(&json!({"A": null}).into(), &json!({"A": 1}), Scope::Wanted, &Plain);
        assert_eq!((found[0].before.clone(), found[0].after.clone()), (Some(json!(1)), None));
    }
}
