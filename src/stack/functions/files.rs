//! Functions that the evaluator runs itself, because they read files of the stack's folder, name what is read at apply, or take
//! arguments that cannot be evaluated.

use super::{Function, Special, special};

pub(super) static FUNCTIONS: &[Function] = &[
    special("can", (1, Some(1)), "`can(expression)`: whether it can be evaluated", Special::Can),
    special("coalesce", (1, None), "`coalesce(value, …)`: the first that is neither null nor empty", Special::Coalesce),
    special("file", (1, Some(1)), "`file(path)`: the text of a file below the stack's folder", Special::File),
    special("filebase64", (1, Some(1)), "`filebase64(path)`: the text of a file, in Base64", Special::FileBase64),
    special(
        "nonsensitive",
        (1, Some(1)),
        "`nonsensitive(value)`: the value, for everybody's eyes",
        Special::Nonsensitive,
    ),
    special(
        "secret",
        (1, Some(1)),
        "`secret(\"name:key\")`: from Secrets Manager, read at apply, never stored",
        Special::Secret,
    ),
    special("sensitive", (1, Some(1)), "`sensitive(value)`: the value, never shown", Special::Sensitive),
    special(
        "ssm",
        (1, Some(1)),
        "`ssm(\"name\")`: from the Parameter Store, read at apply, never stored",
        Special::Parameter,
    ),
    special(
        "templatefile",
        (2, Some(2)),
        "`templatefile(path, variables)`: a file with `${…}` in it",
        Special::TemplateFile,
    ),
    special(
        "zip",
        (1, Some(1)),
        "`zip(path)`: a folder, or a file, below the stack's folder as a ZIP archive, in Base64",
        Special::Zip,
    ),
    special("try", (1, None), "`try(expression, …)`: the first that can be evaluated", Special::Try),
];
