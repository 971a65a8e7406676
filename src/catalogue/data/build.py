#!/usr/bin/env python3
"""Builds `types.bin` beside this file: AWS's published resource schemas, reduced to facts and compressed.

How to run (Python 3.10 or later; nothing of it is needed to build `provision`):

    python3 -m venv target/catalogue
    target/catalogue/bin/pip install zstandard==0.25.0 --no-deps cfn-lint==1.58.0
    target/catalogue/bin/python src/catalogue/data/build.py

The schemas are those of cfn-lint (MIT-0): AWS's own, with cfn-lint's corrections already applied, one per type, and
one list of types per region. Prose is dropped. `overlay.yaml` is not part of `types.bin`; the program reads it as it is.

`types.bin`: two little-endian u32 (length of the header, length of the dictionary), the header (UTF-8 lines), the
zstd dictionary, then one zstd frame per type. Header lines: `source <text>`, `regions <name>…`, then for every type,
sorted, `<type name> <bit set of its regions, hexadecimal> <length of its frame>`.

A frame holds lines of JSON. The first is about the type as a whole, named as in `src/catalogue/format.rs`. Each further
line is a node, a place of the type: a small JSON Schema whose sub-schemas are the numbers of other nodes, equal ones
being shared; node 0 is the type itself.
"""

import json
import pathlib
import re
import struct
import sys

import zstandard

VERSION = "1.58.0"
HERE = pathlib.Path(__file__).parent
# cfn-lint cannot see these partitions and lists them as copies of the main region.
MAIN_REGION = "us-east-1"
NOT_REGIONS = {"sam"}


def schemas_folder():
    import importlib.metadata
    import importlib.util

    found = importlib.metadata.version("cfn-lint")
    if found != VERSION:
        sys.exit(f"cfn-lint {found} is installed; this script is written for {VERSION}")
    package = importlib.util.find_spec("cfnlint").submodule_search_locations[0]
    return pathlib.Path(package) / "data" / "schemas"


# Patterns: the schemas' are Java's, ours are those of Rust's `regex` crate.

ASCII = {"w": "0-9A-Za-z_", "d": "0-9", "s": r" \t\n\r\f\x0b"}
# Any character beyond ASCII counts as all of these. It makes the check a little lenient and a thousand times cheaper.
BEYOND = r"\u{80}-\u{10FFFF}"
UNICODE = {"L": "A-Za-z" + BEYOND, "N": "0-9" + BEYOND, "Nd": "0-9" + BEYOND, "Z": " " + BEYOND, "Zs": " " + BEYOND,
           "M": BEYOND, "S": r"$+<=>^`|~" + BEYOND, "P": r"!-#%-*,-/:;?@\[-\]_{}" + BEYOND, "Lu": "A-Z" + BEYOND,
           "Ll": "a-z" + BEYOND, "Alpha": "A-Za-z", "Alnum": "0-9A-Za-z", "Print": r" -~", "Graph": "!-~",
           "ASCII": r"\x00-\x7F", "Punct": r"!-/:-@\[-`{-~", "IsLetter": "A-Za-z" + BEYOND, "IsDigit": "0-9"}


def rust_pattern(pattern):
    """The pattern in Rust's syntax; None if Rust cannot express it or it says nothing."""
    if re.search(r"\(\?[=!]|\(\?<[=!]|\\[1-9]|\(\?>|[*+?}]\+|\[[^\]]*\[:", pattern):
        return None
    if pattern in (".*", "^.*$", "[\\s\\S]*", "^[\\s\\S]*$", "[\\S\\s]*", ".+", ""):
        return None
    # Characters beyond 16 bits, as Java writes them, in two halves.
    pattern = re.sub(r"\\uD800\\u(DC00-\\uDBFF|DBFF-\\uDC00)\\uDFFF", r"\\u{10000}-\\u{10FFFF}", pattern, flags=re.I)
    pattern = re.sub(r"\{(\d+),(\d+)\}", long_repetition, pattern)
    out, position, in_class = [], 0, False
    while position < len(pattern):
        char = pattern[position]
        if char == "\\" and position + 1 < len(pattern):
            token, position = escape(pattern, position, in_class)
            if token is None:
                return None
            out.append(token)
            # In Java `[\w-.]` holds a hyphen; Rust would take it for a range.
            if in_class and token[0] != "\\" and pattern[position : position + 1] == "-":
                out.append("\\-")
                position += 1
            continue
        if in_class and char in "[&~":
            out.append("\\" + char)
        else:
            out.append(char)
            if char == "[" and not in_class:
                in_class = True
                if pattern[position + 1 : position + 2] == "^":
                    position += 1
                    out.append("^")
                if pattern[position + 1 : position + 2] == "]":
                    position += 1
                    out.append("\\]")
            elif char == "]" and in_class:
                in_class = False
        position += 1
    return "".join(out)


def long_repetition(found):
    """A long repetition costs milliseconds to compile, and what it limits is the length, which has its own limits."""
    low, high = int(found[1]), int(found[2])
    if high <= 100:
        return found[0]
    return "*" if low == 0 else "+" if low == 1 else "{%d,}" % min(low, 100)


def escape(pattern, position, in_class):
    letter = pattern[position + 1]
    named = re.compile(r"\\p\{(\w+)\}|\\p([A-Z])").match(pattern, position)
    if named:
        inner = UNICODE.get(named[1] or named[2])
        if inner is None:
            return None, position
        return (inner if in_class else f"[{inner}]"), named.end()
    if letter in ASCII:
        return (ASCII[letter] if in_class else f"[{ASCII[letter]}]"), position + 2
    if letter in "WDS":
        return (f"[^{ASCII[letter.lower()]}]"), position + 2
    if letter in "ZQEGK" or letter == "P":
        return None, position
    return pattern[position : position + 2], position + 2


# Sub-schemas to nodes.

COPIED = ("pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
          "multipleOf", "minItems", "maxItems", "minProperties", "maxProperties", "default")
SETS = ("oneOf", "anyOf", "allOf")
ONES = ("not", "if", "then", "else")


class Nodes:
    """The nodes of one type, each stored once."""

    def __init__(self, schema):
        self.schema = schema
        self.nodes = [None]
        self.known = {}
        self.references = {}

    def build(self):
        root = {key: value for key, value in self.schema.items() if key != "definitions"}
        self.nodes[0] = self.reduce(root)
        return self.nodes

    def intern(self, node):
        text = json.dumps(node, sort_keys=True)
        if text not in self.known:
            self.known[text] = len(self.nodes)
            self.nodes.append(node)
        return self.known[text]

    def index(self, schema):
        if schema is True or not isinstance(schema, dict):
            return self.intern({})
        reference = schema.get("$ref")
        if reference is None:
            return self.intern(self.reduce(schema))
        beside = {key: value for key, value in schema.items() if key not in ("$ref", "description", "title", "examples")}
        if beside:
            return self.index({**resolve(self.schema, schema), **beside})
        if reference not in self.references:
            # Taken before its content is known: definitions may contain themselves.
            self.references[reference] = place = len(self.nodes)
            self.nodes.append(None)
            self.nodes[place] = self.reduce(resolve(self.schema, schema))
        return self.references[reference]

    def reduce(self, schema):
        schema = flatten_references(schema)
        node = {key: schema[key] for key in COPIED if schema.get(key) is not None}
        if "pattern" in node:
            pattern = rust_pattern(node.pop("pattern")) if isinstance(node["pattern"], str) else None
            if pattern:
                node["pattern"] = pattern
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else sorted(kinds)
        node.update(self.children(schema))
        if not kinds and ("properties" in node or "patternProperties" in node):
            kinds = ["object"]
        extra = {
            "type": kinds,
            "required": sorted(set(schema.get("required", []))),
            "enum": schema.get("enum") or schema.get("enumCaseInsensitive") or ([schema["const"]] if "const" in schema else []),
            "anyCase": "enumCaseInsensitive" in schema and "enum" not in schema,
            "unique": schema.get("uniqueItems") is True,
            "uniqueKeys": schema.get("uniqueKeys") or [],
            "unordered": unordered(self.schema, schema),
            "closed": schema.get("additionalProperties") is False,
            "format": formats(schema),
            "requiredXor": schema.get("requiredXor") or [],
            "requiredOr": schema.get("requiredOr") or [],
            "dependentRequired": {key: names for key, names in
                                  {**schema.get("dependencies", {}), **schema.get("dependentRequired", {})}.items()
                                  if isinstance(names, list)},
            "dependentExcluded": schema.get("dependentExcluded") or {},
        }
        node.update({key: value for key, value in extra.items() if value})
        return node

    def children(self, schema):
        node = {}
        for key in ("properties", "patternProperties"):
            if isinstance(schema.get(key), dict) and schema[key]:
                places = {name: self.index(place) for name, place in sorted(schema[key].items())}
                if key == "patternProperties":
                    places = {rust_pattern(name) or "": place for name, place in places.items()}
                node[key] = places
        if isinstance(schema.get("items"), dict):
            node["items"] = self.index(schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            node["additional"] = self.index(schema["additionalProperties"])
        for key in SETS:
            if schema.get(key):
                node[key] = [self.index(branch) for branch in schema[key]]
        for key in ONES:
            if isinstance(schema.get(key), dict):
                node[key] = self.index(schema[key])
        return node


def unordered(root, schema):
    """AWS says so, or it is a set of plain values of which AWS does not say that their order counts."""
    if "insertionOrder" in schema:
        return schema["insertionOrder"] is False
    plain = resolve(root, schema.get("items") or {}).get("type") in ("string", "integer", "number")
    return schema.get("arrayType") == "AttributeList" or (schema.get("uniqueItems") is True and plain)


def formats(schema):
    found = schema.get("format") or []
    found = [found] if isinstance(found, str) else list(found)
    relation = schema.get("relationshipRef")
    if isinstance(relation, dict):
        found.append(relation["typeName"] + "." + relation["propertyPath"].split("/")[-1])
    useless = {"string", "int64", "double", "timestamp", "password"}
    return sorted({name for name in found if name not in useless and not name.startswith("(")})


def flatten_references(schema):
    """`anyOf` of nothing but formats is one place that takes several kinds of reference."""
    for key in SETS:
        branches = schema.get(key)
        if branches and key != "allOf" and all(set(branch) <= {"format", "relationshipRef", "type", "description"}
                                               and ("format" in branch or "relationshipRef" in branch)
                                               and branch.get("type", "string") == "string" for branch in branches):
            schema = {name: value for name, value in schema.items() if name != key}
            schema["format"] = sorted({name for branch in branches for name in formats(branch)} | set(formats(schema)))
    return schema


def resolve(root, schema):
    seen = 0
    while isinstance(schema, dict) and "$ref" in schema and seen < 20:
        target = root
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part]
        schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
        seen += 1
    return schema


# Paths: AWS writes them in several ways; here every list or map on the way is a `*`.


def path(root, pointer):
    """The pointer with a `*` wherever it goes through a list or map; None if the type has no such place."""
    parts = [part for part in pointer.strip("/").split("/") if part]
    if parts[:1] == ["properties"]:
        parts = parts[1:]
    done = step(root, root, parts)
    return None if done is None else "/" + "/".join(done)


def step(root, schema, parts):
    schema = resolve(root, schema)
    if not isinstance(schema, dict):
        return None
    if not parts:
        return []
    head, rest = parts[0], parts[1:]
    if head in schema.get("properties", {}):
        inner = step(root, schema["properties"][head], rest)
        if inner is not None:
            return [head, *inner]
    for inner in [schema.get("items"), schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()]:
        if isinstance(inner, dict):
            found = step(root, inner, rest if head in ("*", "items", "[*]") else parts)
            if found is not None:
                return ["*", *found]
    for branch in [branch for key in SETS for branch in schema.get(key, [])]:
        found = step(root, branch, parts)
        if found is not None:
            return found
    if head in ("properties", "*", "items"):
        return step(root, schema, rest)
    return None


PATHS = {"createOnlyProperties": "createOnly", "conditionalCreateOnlyProperties": "conditionalCreateOnly",
         "readOnlyProperties": "readOnly", "writeOnlyProperties": "writeOnly", "deprecatedProperties": "deprecated",
         "primaryIdentifier": "primaryIdentifier"}


def facts(schema):
    unresolved, document = [], {}

    def paths(pointers):
        found = [(pointer, path(schema, pointer)) for pointer in pointers]
        unresolved.extend(pointer for pointer, place in found if not place)
        return list(dict.fromkeys(place for _, place in found if place))

    for source, name in PATHS.items():
        document[name] = paths(schema.get(source, []))
    document["additionalIdentifiers"] = [paths(group) for group in schema.get("additionalIdentifiers", [])]
    document["tagging"] = tagging(schema)
    document["handlers"] = {
        name: {"permissions": sorted(set(handler.get("permissions", []))), "minutes": handler.get("timeoutInMinutes", 0)}
        for name, handler in schema.get("handlers", {}).items()
    }
    transforms = []
    for pointer, expression in schema.get("propertyTransform", {}).items():
        place, kind = path(schema, pointer), transform(expression)
        if place and kind:
            transforms.append([place, *kind])
    document["transforms"] = transforms
    document["deleteFirst"] = schema.get("replacementStrategy") == "delete_then_create"
    document["sunset"] = schema.get("lifecycle", {}).get("status", "")
    document["unresolved"] = sorted(set(unresolved))
    document = {key: value for key, value in document.items() if value}
    return [document, *Nodes(schema).build()]


def tagging(schema):
    told = schema.get("tagging", {})
    if told.get("taggable") is False:
        return None
    name = told.get("tagProperty", "/properties/Tags").split("/")
    if len(name) != 3 or name[2] not in schema["properties"]:
        return None
    place = resolve(schema, schema["properties"][name[2]])
    inner = resolve(schema, place.get("items", {}))
    kinds = place.get("type", [])
    if {"Key", "Value"} <= set(inner.get("properties", {})):
        shape = "list"
    elif "object" in ([kinds] if isinstance(kinds, str) else kinds) and not place.get("properties"):
        shape = "map"
    else:
        return None
    fixed = f"/properties/{name[2]}" in schema.get("createOnlyProperties", [])
    return {"property": name[2], "shape": shape, "updatable": told.get("tagUpdatable", True) and not fixed}


def transform(expression):
    """What AWS does to a value before it stores it, where it is one of the simple things that we know."""
    expression = expression.strip()
    if "'6': 'tcp'" in expression:
        return ["protocol", ""] if "Port" not in expression else None
    if re.search(r"\$(lowercase|uppercase)\([\w.]+\)", expression) and "$split" not in expression:
        suffix = re.search(r'\$join\(\[[\w.]+, "(\.)"\]\)', expression)
        return ["domain", "."] if suffix or "\\.$" in expression else ["caseless", ""]
    suffix = re.fullmatch(r'\$join\(\[[\w.]+, "([^"]{1,20})"\]\)(?: \$OR [\w.]+)?', expression)
    if suffix:
        return ["domain", "."] if suffix[1] == "." else ["suffix", suffix[1].replace("\\n", "\n")]
    prefix = re.fullmatch(r"'([\w:]+)' & '' & [\w.]+", expression)
    if prefix:
        return ["prefix", prefix[1]]
    tail = re.match(r'\$split\([\w.]+, ?[\'"]([^\'"]+)[\'"]\)\[-1\]|\$substringAfter\([\w.]+, "([^"]+)"\)', expression)
    if tail:
        return ["tail", tail[1] or tail[2]]
    if re.match(r"\$replace\([\w.]+, /\\s\+\$/, ''\)", expression):
        return ["trim", ""]
    return None


def main():
    folder = schemas_folder()
    listed = {file.stem: json.loads(file.read_text()) for file in sorted((folder / "providers").glob("*.json"))}
    main_region = listed[MAIN_REGION]
    regions = sorted(name for name, types in listed.items()
                     if name not in NOT_REGIONS and (name == MAIN_REGION or types != main_region))
    files = {}
    for region in [MAIN_REGION, *regions]:
        for name, file in listed[region].items():
            if name.startswith("AWS::") and name != "AWS::CDK::Metadata":
                files.setdefault(name, file)
    documents = {}
    for name in sorted(files):
        schema = json.loads((folder / "resources" / f"{files[name]}.json").read_text())
        lines = [json.dumps(line, separators=(",", ":"), sort_keys=True) for line in facts(schema)]
        documents[name] = "\n".join(lines).encode()
    date = json.loads((folder / "version.json").read_text())["schema_date"][:10]
    write(documents, listed, regions, f"cfn-lint {VERSION}, schemas of {date}")


def write(documents, listed, regions, source):
    dictionary = zstandard.train_dictionary(64 * 1024, list(documents.values()), level=19)
    compressor = zstandard.ZstdCompressor(level=22, dict_data=dictionary, write_checksum=False)
    lines, frames = [f"source {source}", "regions " + " ".join(regions)], []
    for name, document in documents.items():
        frame = compressor.compress(document)
        offered = sum(1 << bit for bit, region in enumerate(regions) if name in listed[region])
        lines.append(f"{name} {offered:x} {len(frame)}")
        frames.append(frame)
    header = ("\n".join(lines) + "\n").encode()
    raw = dictionary.as_bytes()
    out = struct.pack("<II", len(header), len(raw)) + header + raw + b"".join(frames)
    (HERE / "types.bin").write_bytes(out)
    print(f"{len(documents)} types, {sum(map(len, documents.values()))} bytes of facts, {len(out)} bytes written")
    print("largest:", *sorted(((len(d), n) for n, d in documents.items()), reverse=True)[:4])
    broken = sum(b'"unresolved"' in document for document in documents.values())
    print(f"{broken} types name places they do not have")


if __name__ == "__main__":
    main()
