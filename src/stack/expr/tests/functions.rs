//! Every function against what Terraform's documentation says of it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{World, known};
use crate::stack::functions;

fn table(rows: &[(&str, Json)]) {
    for (expression, expected) in rows {
        assert_eq!(known(expression), *expected, "{expression}");
    }
}

/// Each expression is an error that contains the text.
fn refused(rows: &[(&str, &str)]) {
    for (expression, message) in rows {
        let error = World::new().evaluate(&format!("${{{expression}}}")).expect_err(expression);
        assert!(error.message.contains(message), "{expression}: {error:?}");
    }
}

#[test]
fn network_functions() {
    table(&[
        ("cidrsubnet(\"172.16.0.0/12\", 4, 2)", json!("172.18.0.0/16")),
        ("cidrsubnet(\"10.1.2.0/24\", 4, 15)", json!("10.1.2.240/28")),
        ("cidrsubnet(\"fd00:fd12:3456:7890::/56\", 16, 162)", json!("fd00:fd12:3456:7800:a200::/72")),
        ("cidrsubnet(\"10.0.0.5/16\", 0, 0)", json!("10.0.0.0/16")),
        ("cidrsubnet(\"10.0.0.0/31\", 1, 1)", json!("10.0.0.1/32")),
        ("cidrsubnet(\"0.0.0.0/0\", 32, 4294967295)", json!("255.255.255.255/32")),
        ("cidrsubnet(\"::/0\", 128, 1)", json!("::1/128")),
        (
            "cidrsubnets(\"10.1.0.0/16\", 4, 4, 8, 4)",
            json!(["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"]),
        ),
        (
            "cidrsubnets(\"fd00:fd12:3456:7890::/56\", 16, 16, 16, 32)",
            json!([
                "fd00:fd12:3456:7800::/72",
                "fd00:fd12:3456:7800:100::/72",
                "fd00:fd12:3456:7800:200::/72",
                "fd00:fd12:3456:7800:300::/88"
            ]),
        ),
        ("cidrsubnets(\"::/0\", 1, 1)", json!(["::/1", "8000::/1"])),
        (
            "[for block in cidrsubnets(\"10.0.0.0/8\", 8, 8) : cidrsubnets(block, 4, 4)]",
            json!([["10.0.0.0/20", "10.0.16.0/20"], ["10.1.0.0/20", "10.1.16.0/20"]]),
        ),
        ("cidrhost(\"10.12.112.0/20\", 16)", json!("10.12.112.16")),
        ("cidrhost(\"10.12.112.0/20\", 268)", json!("10.12.113.12")),
        ("cidrhost(\"10.12.112.0/20\", -1)", json!("10.12.127.255")),
        ("cidrhost(\"fd00:fd12:3456:7890:00a2::/72\", 34)", json!("fd00:fd12:3456:7890::22")),
        ("cidrnetmask(\"172.16.0.0/12\")", json!("255.240.0.0")),
    ]);
    refused(&[
        ("cidrsubnet(\"10.0.0.0/24\", 9, 0)", "at most 8 more bits"),
        ("cidrsubnet(\"10.0.0.0/24\", 2, 4)", "parts 0 to 3"),
        ("cidrsubnet(\"10.0.0.0/24\", 2, -1)", "no part -1"),
        ("cidrsubnet(\"10.0.0.0\", 2, 1)", "not an address block"),
        ("cidrsubnets(\"10.0.0.0/30\", 1, 1, 1)", "no room left"),
        ("cidrsubnets(\"::/0\", 1, 1, 1)", "no room left"),
        ("cidrsubnets(\"10.0.0.0/30\", 0)", "at least 1 bit"),
        ("cidrhost(\"10.0.0.0/30\", 4)", "no address number 4"),
        ("cidrhost(\"10.0.0.0/30\", -5)", "no address number -5"),
        ("cidrnetmask(\"fd00::/8\")", "only IPv4"),
    ]);
}

#[test]
fn encoding_functions() {
    table(&[
        ("jsonencode({b = [1, 2.5, true, null], a = \"x\\\"\"})", json!("{\"a\":\"x\\\"\",\"b\":[1,2.5,true,null]}")),
        ("jsondecode(\"{\\\"a\\\": [1, 2.0]}\").a", json!([1, 2.0])),
        ("tostring(jsondecode(\"2.0\"))", json!("2")),
        ("yamldecode(\"a: 1\\nb: [x, true, ~]\\n1: y\")", json!({"a": 1, "b": ["x", true, null], "1": "y"})),
        ("yamldecode(yamlencode({a = [1, {b = \"no\"}]}))", json!({"a": [1, {"b": "no"}]})),
        ("base64encode(\"Hello World\")", json!("SGVsbG8gV29ybGQ=")),
        ("base64decode(\"SGVsbG8gV29ybGQ=\")", json!("Hello World")),
        ("sha256(\"hello world\")", json!("b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9")),
        ("urlencode(\"Hello World!/ü\")", json!("Hello+World%21%2F%C3%BC")),
    ]);
    refused(&[
        ("jsondecode(\"{\")", "not JSON"),
        ("yamldecode(\"a: [\")", "not YAML"),
        ("base64decode(\"#\")", "not Base64"),
        ("base64decode(\"/w==\")", "not text"),
    ]);
}

#[test]
fn string_functions() {
    table(&[
        ("chomp(\"hello\\r\\n\")", json!("hello")),
        ("endswith(\"hello world\", \"world\")", json!(true)),
        ("startswith(\"hello world\", \"world\")", json!(false)),
        ("indent(2, \"a\\nb\")", json!("a\n  b")),
        ("join(\"-\", [\"foo\", \"bar\", 1, true])", json!("foo-bar-1-true")),
        ("join(\", \", [])", json!("")),
        ("join(\",\", [\"a\"], [\"b\"])", json!("a,b")),
        ("split(\",\", \"foo,,bar\")", json!(["foo", "", "bar"])),
        ("split(\",\", \"\")", json!([""])),
        ("split(\"\", \"añ\")", json!(["a", "ñ"])),
        ("lower(\"АЛЛО!\")", json!("алло!")),
        ("upper(\"straße\")", json!("STRASSE")),
        ("title(\"hello wORLD it's\")", json!("Hello WORLD It's")),
        ("strrev(\"hello\")", json!("olleh")),
        ("substr(\"hello world\", 1, 4)", json!("ello")),
        ("substr(\"🤔🤷\", 0, 1)", json!("🤔")),
        ("substr(\"hello world\", -5, -1)", json!("world")),
        ("substr(\"hello world\", 6, 10)", json!("world")),
        ("substr(\"abc\", 9, 1)", json!("")),
        ("substr(\"abc\", -9, 2)", json!("ab")),
        ("trim(\"?!hello?!\", \"!?\")", json!("hello")),
        ("trimprefix(\"helloworld\", \"hello\")", json!("world")),
        ("trimprefix(\"helloworld\", \"cat\")", json!("helloworld")),
        ("trimsuffix(\"helloworld\", \"world\")", json!("hello")),
        ("trimspace(\"  hello\\n\\n\")", json!("hello")),
        ("length(\"👾\")", json!(1)),
    ]);
    refused(&[
        ("join(\",\", [null])", "one element is null"),
        ("join(\",\", [[]])", "one element is a list"),
        ("indent(100000, \"a\")", "at most 1000"),
        ("substr(\"a\", 0, -2)", "or -1"),
        ("upper([])", "a text is needed, not a list"),
        ("upper(null)", "a text is needed, not null"),
    ]);
}

#[test]
fn pattern_functions() {
    table(&[
        ("regex(\"[a-z]+\", \"53453453.345345aaabbbccc23454\")", json!("aaabbbccc")),
        (r#"regex("(\\d\\d\\d\\d)-(\\d\\d)-(\\d\\d)", "2019-02-01")"#, json!(["2019", "02", "01"])),
        (
            r#"regex("^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?", "https://terraform.io/docs/")"#,
            json!({"authority": "terraform.io", "scheme": "https"}),
        ),
        ("regex(\"a(b)?\", \"a\")", json!([null])),
        ("regexall(\"[a-z]+\", \"1234abcd5678efgh9\")", json!(["abcd", "efgh"])),
        ("length(regexall(\"[a-z]+\", \"123456789\"))", json!(0)),
        ("replace(\"1 + 2 + 3\", \"+\", \"-\")", json!("1 - 2 - 3")),
        ("replace(\"hello world\", \"/w.*d/\", \"everybody\")", json!("hello everybody")),
        (r#"replace("a.b", "/(\\w)\\.(\\w)/", "$2-$${1}")"#, json!("b-a")),
        ("replace(\"a/b/c\", \"/\", \"-\")", json!("a-b-c")),
    ]);
    refused(&[
        ("regex(\"x\", \"abc\")", "does not match"),
        ("regex(\"(\", \"abc\")", "not a regular expression"),
        ("regex(\"(?P<a>x)(y)\", \"xy\")", "either every group"),
        ("regex(\"(a{1000}){1000}\", \"a\")", "too large"),
    ]);
}

#[test]
fn format_functions() {
    table(&[
        ("format(\"Hello, %s!\", \"Ander\")", json!("Hello, Ander!")),
        ("format(\"There are %d lights\", 4)", json!("There are 4 lights")),
        ("format(\"%v %v %v %v\", 1.5, true, \"x\", [1, {a = null}])", json!("1.5 true x [1,{\"a\":null}]")),
        ("format(\"%#v\", \"x\")", json!("\"x\"")),
        (
            "format(\"%05d|%-5d|%+d|% d|%5s|%-5s|%.2s\", 42, 42, 42, 42, \"ab\", \"ab\", \"abc\")",
            json!("00042|42   |+42| 42|   ab|ab   |ab"),
        ),
        ("format(\"%05d\", -42)", json!("-0042")),
        ("format(\"%.2f %f %8.3f\", 3.14159, 2, 1.5)", json!("3.14 2.000000    1.500")),
        ("format(\"%e %g %g\", 1234.5678, 0.00001, 100000)", json!("1.234568e+03 1e-05 100000")),
        ("format(\"%b %o %x %X %x\", 5, 8, 255, 255, \"hi\")", json!("101 10 ff FF 6869")),
        ("format(\"%q %t %%\", \"a\\\"b\", true)", json!("\"a\\\"b\" true %")),
        ("format(\"%[2]s %[1]s\", \"a\", \"b\")", json!("b a")),
        ("format(\"%d\", \"7\")", json!("7")),
        ("formatlist(\"Hello, %s!\", [\"Valentina\", \"Ander\"])", json!(["Hello, Valentina!", "Hello, Ander!"])),
        (
            "formatlist(\"%s, %s!\", \"Salutations\", [\"Valentina\", \"Ander\"])",
            json!(["Salutations, Valentina!", "Salutations, Ander!"]),
        ),
        ("formatlist(\"x\")", json!(["x"])),
    ]);
    refused(&[
        ("format(\"%s\")", "asks for 1 values, and there are 0"),
        ("format(\"x\", 1)", "uses 0 values, and there are 1"),
        ("format(\"%d\", \"x\")", "`%d` needs a number, not a text"),
        ("format(\"%z\", 1)", "no verb `%z`"),
        ("format(\"%\")", "ends in the middle"),
        ("format(\"%99999999d\", 1)", "at most 1000"),
        ("formatlist(\"%s%s\", [1], [1, 2])", "as long as the first"),
    ]);
}

#[test]
fn number_functions() {
    table(&[
        ("abs(-12.4)", json!(12.4)),
        ("abs(-9223372036854775808)", json!(9_223_372_036_854_775_808_u64)),
        ("ceil(5.1)", json!(6)),
        ("floor(-4.1)", json!(-5)),
        ("floor(5)", json!(5)),
        ("max(12, 54, 3)", json!(54)),
        ("min([12, 54, 3]...)", json!(3)),
        ("max(1, \"7\")", json!(7)),
        ("parseint(\"FF\", 16)", json!(255)),
        ("parseint(\"-z\", 36)", json!(-35)),
        ("pow(3, 2)", json!(9)),
        ("pow(4, 0.5)", json!(2)),
        ("pow(2, -1)", json!(0.5)),
        ("signum(-13)", json!(-1)),
        ("sum([10, 13, 6, 4.5])", json!(33.5)),
        ("range(3)", json!([0, 1, 2])),
        ("range(1, 4)", json!([1, 2, 3])),
        ("range(1, 8, 2)", json!([1, 3, 5, 7])),
        ("range(1, 4, 0.5)", json!([1, 1.5, 2, 2.5, 3, 3.5])),
        ("range(4, 1)", json!([4, 3, 2])),
        ("range(10, 5, -2)", json!([10, 8, 6])),
        ("range(0)", json!([])),
        ("range(2, 2)", json!([])),
        ("range(-2)", json!([0, -1])),
    ]);
    refused(&[
        ("sum([])", "has no sum"),
        ("range(1, 4, 0)", "must lead"),
        ("range(1, 4, -1)", "must lead"),
        ("range(4, 1, 1)", "must lead"),
        ("range(100000000)", "at most 1000000"),
        ("range(9007199254740992, 9007199254740994.5, 0.1)", "too small"),
        ("parseint(\"12\", 2)", "not a number in that base"),
        ("parseint(\"12\", 99)", "from 2 to 36"),
        ("pow(10, 100)", "too large"),
        ("abs(\"x\")", "a number is needed"),
    ]);
}

#[test]
fn list_functions() {
    table(&[
        ("alltrue([true, \"true\"])", json!(true)),
        ("alltrue([true, null])", json!(false)),
        ("alltrue([])", json!(true)),
        ("anytrue([])", json!(false)),
        ("anytrue([false, true])", json!(true)),
        ("chunklist([1, 2, 3, 4, 5], 2)", json!([[1, 2], [3, 4], [5]])),
        ("chunklist([1, 2], 0)", json!([[1, 2]])),
        ("chunklist([], 2)", json!([])),
        ("coalescelist([], [\"c\", \"d\"])", json!(["c", "d"])),
        ("compact([\"a\", \"\", \"b\", null, \"c\"])", json!(["a", "b", "c"])),
        ("concat([\"a\", \"\"], [\"b\", \"c\"])", json!(["a", "", "b", "c"])),
        ("concat()", json!([])),
        ("contains([\"a\", \"b\"], \"a\")", json!(true)),
        ("contains([\"1\"], 1)", json!(false)),
        ("distinct([\"a\", \"b\", \"a\", 1, 1.0, \"d\", \"b\"])", json!(["a", "b", 1, "d"])),
        ("element([\"a\", \"b\", \"c\"], 1)", json!("b")),
        ("element([\"a\", \"b\", \"c\"], 3)", json!("a")),
        ("element([\"a\", \"b\", \"c\"], -1)", json!("c")),
        ("flatten([[\"a\", \"b\"], [], [[\"c\"], \"d\"]])", json!(["a", "b", "c", "d"])),
        ("index([\"a\", \"b\", \"c\"], \"b\")", json!(1)),
        ("one([])", json!(null)),
        ("one([1])", json!(1)),
        ("reverse([1, 2, 3])", json!([3, 2, 1])),
        ("slice([\"a\", \"b\", \"c\", \"d\"], 1, 3)", json!(["b", "c"])),
        ("slice([1], 1, 1)", json!([])),
        ("sort([\"e\", \"d\", \"a\", \"x\", 10, 9])", json!(["10", "9", "a", "d", "e", "x"])),
        ("length([])", json!(0)),
    ]);
    refused(&[
        ("element([], 0)", "no elements"),
        ("index([1], 2)", "not in the list"),
        ("one([1, 2])", "at most one"),
        ("slice([1], 0, 2)", "not a part"),
        ("slice([1, 2], 2, 1)", "not a part"),
        ("coalescelist([], [])", "every list is empty"),
        ("chunklist([1], -1)", "from 0"),
        ("sort([[]])", "list of texts"),
        ("alltrue([1])", "one is a number"),
    ]);
}

#[test]
fn set_functions() {
    table(&[
        ("toset([\"c\", \"b\", \"b\"])", json!(["b", "c"])),
        ("toset([10, 9, 9.0])", json!([9, 10])),
        ("setunion([\"a\", \"b\"], [\"b\", \"c\"], [\"d\"])", json!(["a", "b", "c", "d"])),
        ("setintersection([\"a\", \"b\"], [\"b\", \"c\"], [\"b\", \"d\"])", json!(["b"])),
        ("setsubtract([\"a\", \"b\", \"c\"], [\"a\", \"c\"])", json!(["b"])),
        ("setproduct([\"d\", \"s\"], [1, 2])", json!([["d", 1], ["d", 2], ["s", 1], ["s", 2]])),
        ("setproduct([\"a\"], [])", json!([])),
    ]);
    refused(&[("setproduct(range(1000), range(1000))", "more than 100000 combinations")]);
}

#[test]
fn map_functions() {
    table(&[
        ("keys({c = 2, a = 1})", json!(["a", "c"])),
        ("values({c = 2, a = 1})", json!([1, 2])),
        ("lookup({a = \"ay\"}, \"a\", \"what?\")", json!("ay")),
        ("lookup({a = \"ay\"}, \"c\", \"what?\")", json!("what?")),
        ("merge({a = \"b\", c = \"d\"}, {e = \"f\", c = \"z\"})", json!({"a": "b", "c": "z", "e": "f"})),
        ("merge({a = {b = 1}}, {a = {c = 2}}, null)", json!({"a": {"c": 2}})),
        ("merge([{a = 1}, {b = 2}]...)", json!({"a": 1, "b": 2})),
        ("merge()", json!({})),
        ("zipmap([\"a\", \"b\"], [1, 2])", json!({"a": 1, "b": 2})),
        ("length({a = 1})", json!(1)),
    ]);
    refused(&[
        ("lookup({}, \"c\")", "there is no key `c`"),
        ("merge({}, [])", "a map is needed, not a list"),
        ("zipmap([\"a\"], [])", "1 keys and 0 values"),
        ("keys([])", "a map is needed"),
        ("length(5)", "not a number"),
    ]);
}

#[test]
fn conversions() {
    table(&[
        ("tostring(1.50)", json!("1.5")),
        ("tostring(1e3)", json!("1000")),
        ("tostring(true)", json!("true")),
        ("tostring(null)", json!(null)),
        ("tonumber(\"1.5\")", json!(1.5)),
        ("tonumber(\"-12\")", json!(-12)),
        ("tobool(\"true\")", json!(true)),
        ("tolist([1])", json!([1])),
        ("tomap({a = 1})", json!({"a": 1})),
        ("toset(null)", json!(null)),
    ]);
    refused(&[
        ("tonumber(\"no\")", "a text cannot become a number"),
        ("tonumber(\"inf\")", "a text cannot become a number"),
        ("tonumber(\"\")", "a text cannot become a number"),
        ("tostring([])", "a list cannot become a text"),
        ("tobool(1)", "a number cannot become true or false"),
        ("tobool(\"yes\")", "cannot become"),
        ("tomap([])", "a map is needed"),
    ]);
}

#[test]
fn functions_that_take_errors() {
    table(&[
        ("coalesce(\"\", null, \"b\")", json!("b")),
        ("coalesce([], [1])", json!([])),
        ("try(var.missing, tonumber(\"x\"), \"z\")", json!("z")),
        ("can(var.azs[9])", json!(false)),
        ("can(var.azs[0])", json!(true)),
    ]);
    refused(&[
        ("coalesce(null, \"\")", "every argument is null or empty"),
        ("try(var.missing, var.other)", "no argument of `try` can be evaluated"),
        ("can(1, 2)", "takes one argument"),
        ("max()", "takes at least 1 argument, not 0"),
        ("range(1, 2, 3, 4)", "takes 1 to 3 arguments, not 4"),
        ("max(1...)", "the elements of a list, not of a number"),
        ("provider::aws::arn()", "no function"),
    ]);
}

#[test]
fn files_come_from_the_scope() {
    let files = [
        ("a.txt", "text"),
        ("t.tpl", "${upper(name)}%{ if more } and more%{ endif }"),
        ("deep.tpl", "${templatefile(\"t.tpl\", {})}"),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into_iter().collect();
    let world = World { files, ..World::new() };
    for (text, expected) in [
        ("${file(\"a.txt\")}", "text"),
        ("${filebase64(\"a.txt\")}", "dGV4dA=="),
        ("${zip(\"a.txt\")}", "PK text"),
        ("${templatefile(\"t.tpl\", {name = \"x\", more = true})}", "X and more"),
    ] {
        assert_eq!(world.evaluate(text).unwrap().reveal().unwrap(), json!(expected));
    }
    let error = world.evaluate("${templatefile(\"deep.tpl\", {})}").unwrap_err();
    assert!(error.message.contains("cannot use another"), "{error:?}");
}

#[test]
fn every_function_says_how_it_is_called() {
    let names: BTreeSet<_> = functions::all().map(|function| function.name).collect();
    for function in functions::all() {
        assert!(function.about.starts_with(&format!("`{}(", function.name)), "{}", function.about);
        assert!(function.most.is_none_or(|most| function.least <= most), "{}", function.name);
    }
    let promised = "cidrsubnet cidrsubnets cidrhost cidrnetmask jsonencode jsondecode yamlencode yamldecode base64encode \
        base64decode merge concat flatten lookup keys values zipmap toset tolist tomap tostring tonumber tobool distinct sort \
        reverse join split replace regex regexall startswith endswith lower upper title trimspace trim trimprefix trimsuffix \
        substr format formatlist length contains element index slice range min max sum abs ceil floor coalesce coalescelist \
        compact chunklist setunion setintersection setsubtract setproduct try can one alltrue anytrue sha256 file filebase64 \
        templatefile zip urlencode nonsensitive sensitive secret ssm";
    let missing: Vec<_> = promised.split_whitespace().filter(|name| !names.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
