//! The JSON Schema of a whole stack file, for the completion and the checks of editors (draft 7, which they all read).
//!
//! It is looser than [`ResourceType::check`]: every place also takes an expression, and what only the whole stack can
//! tell is left to `provision validate`.

use serde_json::{Map, Value as Json, json};

use super::{
    Catalogue, ResourceType,
    node::{Kind, Node, NodeId},
};
use crate::base::{Path, Segment};

/// The JSON Schema of a stack file, limited to `types` if any are given. Unknown types are left out.
pub fn stack_schema(catalogue: &Catalogue, types: &[String]) -> Json {
    let named = |name: &&str| types.is_empty() || types.iter().any(|wanted| wanted == name);
    let found: Vec<_> = catalogue.names().filter(named).filter_map(|name| catalogue.get(name)).collect();
    let mut definitions = fixed_definitions();
    for resource in &found {
        Writer { resource, definitions: &mut definitions }.write();
    }
    let names: Vec<&str> = found.iter().map(|resource| resource.name.as_str()).collect();
    let cases: Vec<Json> = found.iter().map(|resource| case(resource)).collect();
    definitions.insert("resource".to_owned(), resource(&names, &cases));
    definitions.insert("data".to_owned(), data(&names));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "provision stack",
        "type": "object",
        "additionalProperties": false,
        "properties": top_level(),
        "definitions": definitions,
    })
}

fn top_level() -> Json {
    let named = |definition: &str| json!({"type": "object", "propertyNames": reference("name"), "additionalProperties": reference(definition)});
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "stack": text("The name of the stack"),
        "description": text("What it is for"),
        "region": text("The region everything is in that says nothing else"),
        "regions": {"description": "Further regions by a name of your own", "type": "object", "additionalProperties": reference("region")},
        "variables": named("variable"),
        "locals": {"type": "object", "propertyNames": reference("name")},
        "tags": {"description": "Put on every resource that takes tags", "type": "object"},
        "resources": named("resource"),
        "data": named("data"),
        "modules": named("module"),
        "outputs": named("output"),
        "moved": list(&["from", "to"], &["from", "to"]),
        "removed": list(&["from", "retain"], &["from"]),
        "imports": list(&["to", "id"], &["to", "id"]),
    })
}

/// A list of small maps whose values are text or truth values.
fn list(keys: &[&str], required: &[&str]) -> Json {
    let properties: Map<String, Json> =
        keys.iter().map(|key| ((*key).to_owned(), json!({"type": ["string", "boolean"]}))).collect();
    json!({"type": "array", "items": {"type": "object", "properties": properties, "required": required, "additionalProperties": false}})
}

fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/definitions/{name}")})
}

fn or_expression(schema: &Json) -> Json {
    json!({"anyOf": [schema, reference("expression")]})
}

fn fixed_definitions() -> Map<String, Json> {
    let text = || json!({"type": "string"});
    let flag = || or_expression(&json!({"type": "boolean"}));
    let map = |properties: Json, required: &[&str]| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    let definitions = [
        ("name", json!({"pattern": "^[a-z][a-z0-9_]{0,63}$"})),
        ("expression", json!({"type": "string", "pattern": "\\$\\{"})),
        ("region", map(json!({"region": text(), "role_arn": text()}), &["region"])),
        (
            "variable",
            map(
                json!({
                    "type": {"enum": ["string", "number", "bool", "list", "map", "any"]},
                    "default": {}, "pattern": text(), "allowed": {"type": "array"}, "min": {"type": "number"}, "max": {"type": "number"},
                    "description": text(), "sensitive": {"type": "boolean"}, "nullable": {"type": "boolean"},
                }),
                &[],
            ),
        ),
        (
            "module",
            map(
                json!({"source": text(), "inputs": {"type": "object"}, "for_each": {}, "count": {}, "when": flag(), "region": text()}),
                &["source"],
            ),
        ),
        ("output", map(json!({"value": {}, "description": text(), "sensitive": {"type": "boolean"}}), &["value"])),
        (
            "lifecycle",
            map(
                json!({
                    "protect": flag(), "retain": flag(), "snapshot_on_delete": flag(),
                    "ignore_changes": {"type": "array", "items": text()},
                    "ignore_drift": {"type": "array", "items": text()},
                    "replace_when": {"type": "array"},
                    "replace": {"enum": ["create_first", "delete_first"]},
                }),
                &[],
            ),
        ),
        ("timeouts", map(json!({"create": text(), "update": text(), "delete": text()}), &[])),
    ];
    definitions.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn resource(names: &[&str], cases: &[Json]) -> Json {
    json!({
        "type": "object",
        "properties": {
            "type": {"enum": names},
            "properties": {"type": "object"},
            "for_each": {"description": "One per element: `each.key`, `each.value`, `each.index`"},
            "count": or_expression(&json!({"type": "integer", "minimum": 0})),
            "when": or_expression(&json!({"type": "boolean"})),
            "depends_on": {"type": "array", "items": {"type": "string"}},
            "lifecycle": reference("lifecycle"),
            "timeouts": reference("timeouts"),
            "region": {"type": "string"},
        },
        "required": ["type"],
        "additionalProperties": false,
        "allOf": cases,
    })
}

fn data(names: &[&str]) -> Json {
    json!({
        "type": "object",
        "properties": {"type": {"enum": names}, "where": {"type": "object"}, "when": or_expression(&json!({"type": "boolean"})), "region": {"type": "string"}},
        "required": ["type"],
        "additionalProperties": false,
    })
}

/// What holds for `properties` if `type` is this one.
fn case(resource: &ResourceType) -> Json {
    let needs = resource.nodes.root().required.iter().any(|name| !resource.is_read_only(&Path::key(name)));
    let required: &[&str] = if needs { &["properties"] } else { &[] };
    json!({
        "if": {"properties": {"type": {"const": resource.name}}, "required": ["type"]},
        "then": {"properties": {"properties": reference(&resource.name)}, "required": required},
    })
}

/// Writes the definitions of one type.
struct Writer<'a> {
    resource: &'a ResourceType,
    definitions: &'a mut Map<String, Json>,
}

impl Writer<'_> {
    fn write(&mut self) {
        let schema = self.object(self.resource.nodes.root(), &Path::default());
        self.definitions.insert(self.resource.name.clone(), schema);
    }

    /// The schema of a place; objects become definitions, so that a place may contain itself.
    fn place(&mut self, id: NodeId, path: &Path) -> Json {
        let node = self.resource.nodes.get(id);
        let base = if node.properties.is_empty() {
            self.plain(node, path)
        } else {
            let name = format!("{}.{id}", self.resource.name);
            if !self.definitions.contains_key(&name) {
                self.definitions.insert(name.clone(), Json::Null);
                let schema = self.object(node, path);
                self.definitions.insert(name.clone(), schema);
            }
            reference(&name)
        };
        let free_text = base == text_type();
        if free_text || base == json!({}) { base } else { or_expression(&base) }
    }

    fn object(&mut self, node: &Node, path: &Path) -> Json {
        let settable = |name: &str| !self.resource.is_read_only(&path.join(Segment::Key(name.to_owned())));
        let nodes = self.resource.nodes.with_branches(node);
        let mut properties = Map::new();
        for (name, id) in nodes.iter().flat_map(|node| &node.properties).filter(|(name, _)| settable(name)) {
            if !properties.contains_key(name) {
                let schema = self.place(*id, &path.join(Segment::Key(name.clone())));
                properties.insert(name.clone(), schema);
            }
        }
        let required: Vec<&String> = node.required.iter().filter(|name| settable(name)).collect();
        let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": !node.closed});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }

    fn plain(&mut self, node: &Node, path: &Path) -> Json {
        if !node.enumeration.is_empty() && !node.any_case {
            return json!({"enum": node.enumeration});
        }
        match node.kinds.as_slice() {
            [Kind::String] if node.format.iter().any(|format| format == "json") => json!({}),
            [Kind::String] => match &node.pattern {
                // Editors read ECMAScript's syntax; what is Rust's alone stays with `provision validate`.
                Some(pattern) if !pattern.text.contains("\\u{") && !pattern.text.contains("\\x") => {
                    json!({"type": ["string", "number", "boolean"], "pattern": pattern.text})
                }
                _ => text_type(),
            },
            [Kind::Integer] => bounded(json!({"type": "integer"}), node),
            [Kind::Number] => bounded(json!({"type": "number"}), node),
            [Kind::Boolean] => json!({"type": "boolean"}),
            [Kind::Array] => match node.items {
                Some(id) => {
                    let items = self.place(id, &path.join(Segment::Each));
                    json!({"type": "array", "items": items})
                }
                None => json!({"type": "array"}),
            },
            [Kind::Object] => json!({"type": "object"}),
            _ => json!({}),
        }
    }
}

/// Any text; AWS also takes numbers and truth values for it.
fn text_type() -> Json {
    json!({"type": ["string", "number", "boolean"]})
}

fn bounded(mut schema: Json, node: &Node) -> Json {
    for (key, bound) in [("minimum", node.minimum), ("maximum", node.maximum)] {
        if let Some(bound) = bound {
            schema[key] = json!(bound);
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Json {
        stack_schema(Catalogue::embedded(), &["AWS::EC2::Subnet".to_owned(), "AWS::WAFv2::WebACL".to_owned()])
    }

    fn is_valid(subnet: &Json) -> bool {
        let stack = json!({"stack": "a", "region": "eu-west-1", "resources": {"subnet": {"type": "AWS::EC2::Subnet", "properties": subnet}}});
        jsonschema::validator_for(&schema()).unwrap().is_valid(&stack)
    }

    #[test]
    fn a_subnet_is_checked_by_its_type() {
        assert!(is_valid(
            &json!({"VpcId": "${vpc.VpcId}", "MapPublicIpOnLaunch": "${var.public}", "CidrBlock": "10.0.0.0/24"})
        ));
        assert!(!is_valid(&json!({"VpcId": "${vpc.VpcId}", "MapPublicIpOnLaunch": "maybe"})));
        assert!(!is_valid(&json!({"VpcId": "${vpc.VpcId}", "Cidr": "10.0.0.0/24"})));
        assert!(!is_valid(&json!({"CidrBlock": "10.0.0.0/24"})));
        assert!(!is_valid(&json!({"VpcId": "vpc-1", "SubnetId": "subnet-1"})), "an attribute cannot be set");
    }

    #[test]
    fn the_schema_names_only_the_types_asked_for() {
        assert_eq!(
            schema()["definitions"]["resource"]["properties"]["type"]["enum"],
            json!(["AWS::EC2::Subnet", "AWS::WAFv2::WebACL"])
        );
    }

    #[test]
    fn every_reference_of_the_schema_leads_somewhere() {
        fn visit(value: &Json, definitions: &Json) {
            if let Some(name) = value.get("$ref").and_then(Json::as_str) {
                assert!(definitions[name.trim_start_matches("#/definitions/")].is_object(), "{name}");
            }
            let children: Vec<&Json> = value
                .as_array()
                .map(|items| items.iter().collect())
                .or(value.as_object().map(|map| map.values().collect()))
                .unwrap_or_default();
            children.into_iter().for_each(|child| visit(child, definitions));
        }
        let schema = schema();
        visit(&schema, &schema["definitions"]);
    }
}
