//! Resource types as a person wants to read them: the list of types, and the properties of one.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json as value};

use crate::{
    base::{Path, Segment},
    catalogue::{Catalogue, Field, Handler, ResourceType, TagShape},
};

/// How many allowed values a line lists before it only counts.
const LISTED: usize = 8;

/// The names of all types that contain the filter in any case, one per line; empty if there are none.
pub fn list(catalogue: &Catalogue, filter: &str) -> String {
    let wanted = filter.to_lowercase();
    let names = catalogue.names().filter(|name| name.to_lowercase().contains(&wanted));
    names.map(|name| format!("{name}\n")).collect()
}

/// The properties of a type, nested ones indented, and its attributes.
pub fn describe(resource_type: &ResourceType) -> String {
    let mut table = Table { resource_type, rows: Vec::new(), seen: BTreeMap::new() };
    for name in resource_type.property_names() {
        let path = Path::key(name);
        if !resource_type.is_read_only(&path) {
            table.add(&path, 0);
        }
    }
    let attributes: Vec<Row> = resource_type.read_only.iter().filter_map(|path| table.attribute(path)).collect();
    let mut text = format!("{}\n{}", resource_type.name, facts(resource_type));
    text.push_str(&section("Properties", &table.rows));
    text.push_str(&section("Attributes", &attributes));
    text
}

/// The same as data.
pub fn json(resource_type: &ResourceType) -> Json {
    let texts = |paths: &[Path]| paths.iter().map(Path::to_string).collect::<Vec<_>>();
    let permissions = |handler| resource_type.permissions(handler).to_vec();
    let properties = resource_type.property_names();
    value!({
        "type": resource_type.name,
        "properties": properties.iter().map(|name| ((*name).to_owned(), property(resource_type, name))).collect::<serde_json::Map<_, _>>(),
        "replaces": texts(&resource_type.create_only),
        "may_replace": texts(&resource_type.conditional_create_only),
        "read_only": texts(&resource_type.read_only),
        "write_only": texts(&resource_type.write_only),
        "physical_id": texts(&resource_type.primary_identifier),
        "permissions": {
            "create": permissions(Handler::Create),
            "read": permissions(Handler::Read),
            "update": permissions(Handler::Update),
            "delete": permissions(Handler::Delete),
        },
    })
}

fn property(resource_type: &ResourceType, name: &str) -> Json {
    let field = resource_type.field(&Path::key(name)).unwrap_or_default();
    value!({
        "kinds": field.kinds,
        "required": field.required,
        "allowed": field.enumeration,
        "pattern": field.pattern,
        "references": field.references,
        "default": field.default,
        "properties": field.properties,
    })
}

/// What holds for the type as a whole, a line each.
fn facts(resource_type: &ResourceType) -> String {
    let mut lines = Vec::new();
    let identifier: Vec<String> = resource_type.primary_identifier.iter().map(Path::to_string).collect();
    if !identifier.is_empty() {
        lines.push(format!("physical id: {}", identifier.join(" | ")));
    }
    if let Some(tagging) = &resource_type.tagging {
        let shape = match tagging.shape {
            TagShape::List => "list of Key and Value",
            TagShape::Map => "map",
        };
        let fixed = if tagging.updatable { "" } else { ", fixed at creation" };
        lines.push(format!("tags: {} ({shape}{fixed})", tagging.property));
    }
    let overlay = &resource_type.overlay;
    if overlay.holds_data {
        lines.push("holds data: replacing or deleting it loses what is in it".to_owned());
    }
    if let Some(guard) = &overlay.guarded_by {
        lines.push(format!("cannot be deleted while {} is on", guard.property));
    }
    if let Some(residue) = &overlay.residue {
        lines.push(format!("after a delete: {residue}"));
    }
    if let Some(status) = &resource_type.sunset {
        lines.push(format!("AWS is ending this service ({status})"));
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

/// A line of the listing.
struct Row {
    name: String,
    kind: String,
    notes: String,
}

struct Table<'a> {
    resource_type: &'a ResourceType,
    rows: Vec<Row>,
    /// Objects that are described already, by the names of their properties: a WAF statement contains itself.
    seen: BTreeMap<Vec<String>, String>,
}

impl Table<'_> {
    /// Adds a property and what lies below it.
    fn add(&mut self, path: &Path, depth: usize) {
        let Some(field) = self.resource_type.field(path) else { return };
        let (inner, kind) = self.kind(path, &field);
        let mut notes = self.notes(path, &field);
        let below = self.resource_type.field(&inner).map(|field| field.properties).unwrap_or_default();
        let known = self.seen.get(&below).filter(|_| below.len() > 3).cloned();
        if let Some(place) = &known {
            notes.push(format!("as `{place}` above"));
        }
        let label = path.0.last().map(label).unwrap_or_default();
        self.rows.push(Row { name: format!("{}{label}", "  ".repeat(depth)), kind, notes: notes.join(", ") });
        if known.is_some() || below.is_empty() {
            return;
        }
        self.seen.entry(below.clone()).or_insert_with(|| path.to_string());
        for name in below {
            let child = inner.join(Segment::Key(name));
            if !self.resource_type.is_read_only(&child) {
                self.add(&child, depth + 1);
            }
        }
    }

    /// What a place takes in words, and the path of what lies in it.
    fn kind(&self, path: &Path, field: &Field) -> (Path, String) {
        let is = |name: &str| field.kinds.iter().any(|kind| kind == name);
        let inner = path.join(Segment::Each);
        let item = || self.resource_type.field(&inner);
        if field.is_document {
            return (path.clone(), "JSON document".to_owned());
        }
        if is("array") {
            let order = if field.unordered { ", any order" } else { "" };
            return match item() {
                Some(item) => {
                    let (deeper, word) = self.kind(&inner, &item);
                    (deeper, format!("list of {word}{order}"))
                }
                None => (inner, format!("list{order}")),
            };
        }
        if is("object") && field.properties.is_empty() {
            return match item().filter(|item| !item.kinds.is_empty()) {
                Some(item) => {
                    let (deeper, word) = self.kind(&inner, &item);
                    (deeper, format!("map of {word}"))
                }
                None => (path.clone(), "map".to_owned()),
            };
        }
        (path.clone(), words(&field.kinds))
    }

    fn notes(&self, path: &Path, field: &Field) -> Vec<String> {
        let covers = |list: &[Path]| list.iter().any(|pattern| pattern.covers(path));
        let mut notes = Vec::new();
        if field.required {
            notes.push("required".to_owned());
        }
        if covers(&self.resource_type.create_only) {
            notes.push("replaces".to_owned());
        } else if covers(&self.resource_type.conditional_create_only) {
            notes.push("may replace".to_owned());
        }
        if covers(&self.resource_type.write_only) {
            notes.push("never read back".to_owned());
        }
        if covers(&self.resource_type.deprecated) {
            notes.push("deprecated".to_owned());
        }
        if !field.enumeration.is_empty() {
            notes.push(allowed(&field.enumeration));
        }
        if !field.references.is_empty() {
            notes.push(format!("refers to {}", field.references.join(" or ")));
        }
        if let Some(default) = field.default.as_ref().filter(|default| !default.is_object() && !default.is_array()) {
            let text = plain(default);
            if text.chars().count() <= 40 {
                notes.push(format!("default {text}"));
            }
        }
        notes
    }

    fn attribute(&self, path: &Path) -> Option<Row> {
        let field = self.resource_type.field(path)?;
        let (_, kind) = self.kind(path, &field);
        Some(Row { name: path.to_string(), kind, notes: String::new() })
    }
}

fn label(segment: &Segment) -> String {
    match segment {
        Segment::Key(key) => key.clone(),
        Segment::Index(index) => index.to_string(),
        Segment::Each => "*".to_owned(),
    }
}

fn words(kinds: &[String]) -> String {
    let word = |kind: &String| {
        match kind.as_str() {
            "array" => "list",
            "boolean" => "true or false",
            "integer" => "whole number",
            "object" => "map",
            "string" => "text",
            other => return other.to_owned(),
        }
        .to_owned()
    };
    let all: Vec<String> = kinds.iter().map(word).collect();
    if all.is_empty() { "anything".to_owned() } else { all.join(" or ") }
}

fn allowed(values: &[Json]) -> String {
    let mut texts: Vec<String> = values.iter().take(LISTED).map(plain).collect();
    if values.len() > LISTED {
        texts.push(format!("{} more", values.len() - LISTED));
    }
    format!("one of {}", texts.join(" | "))
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn section(title: &str, rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = |text: fn(&Row) -> &str, most: usize| {
        rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0).min(most)
    };
    let (names, kinds) = (width(|row| &row.name, 44), width(|row| &row.kind, 24));
    let line = |row: &Row| {
        let text = format!("  {:names$}  {:kinds$}  {}", row.name, row.kind, row.notes);
        format!("{}\n", text.trim_end())
    };
    format!("\n{title}\n{}", rows.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(name: &str) -> String {
        describe(&Catalogue::embedded().get(name).unwrap())
    }

    #[test]
    fn a_type_reads_as_a_table() {
        let expected = "\
AWS::EC2::RouteTable
  physical id: RouteTableId
  tags: Tags (list of Key and Value)

Properties
  Tags     list of map, any order
    Key    text                    required
    Value  text                    required
  VpcId    text                    required, replaces, refers to AWS::EC2::VPC.Id

Attributes
  RouteTableId  text
";
        assert_eq!(described("AWS::EC2::RouteTable"), expected);
    }

    #[test]
    fn a_type_that_contains_itself_ends() {
        let text = described("AWS::WAFv2::WebACL");
        assert!(text.lines().count() < 600, "{} lines", text.lines().count());
        assert!(text.contains("as `Rules[*].Statement` above"), "{text}");
    }

    #[test]
    fn the_list_is_filtered_in_any_case() {
        assert_eq!(list(Catalogue::embedded(), "natgateway"), "AWS::EC2::NatGateway\n");
        assert_eq!(list(Catalogue::embedded(), "no such thing"), "");
    }
}
