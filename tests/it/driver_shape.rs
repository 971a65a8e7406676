//! The shape of a driver file: what makes it safe to copy one.

use std::{collections::BTreeSet, fs, path::PathBuf};

use provision::{
    aws::{AwsProvider, Clients, Settings},
    catalogue::Catalogue,
};

/// The parts, in their order; what stands in between is the file's own.
const PARTS: &[&str] = &[
    "//! AWS::",
    "//! API: ",
    "Identity: ",
    "Found by: ",
    "pub const TYPE: &str = \"AWS::",
    "pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver>",
    "impl Driver for ",
    "    async fn create(",
    "    async fn poll(",
    "    async fn read(",
    "    async fn update(",
    "    async fn delete(",
    "    async fn find(",
    "impl AwsDriver for ",
    "    async fn list(",
    "fn observed(",
    "const FAULTS: Codes",
];

/// What a driver has no business with.
const FORBIDDEN: &[&str] =
    &["crate::engine", "crate::state", "crate::report", "crate::stack", "crate::cli", "sleep", "println!", "tracing::"];

/// The files of every service, by name, with their text.
fn files() -> Vec<(String, String)> {
    let list = |folder: PathBuf| fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let services = list(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/aws")).filter(|path| path.is_dir());
    let text = |file: PathBuf| (file.display().to_string(), fs::read_to_string(&file).expect("a text"));
    services.flat_map(list).map(text).collect()
}

/// The header may be wrapped anywhere, so it is compared as one line.
fn unwrapped(text: &str) -> String {
    let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
    let (first, rest) = (header[0], header[1..].join(" ").replace(" //! ", " "));
    format!("{first}\n{rest}\n{}", text.lines().skip(header.len()).collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_driver_file_has_its_parts_in_order() {
    for (name, text) in files().iter().filter(|(_, text)| text.contains("pub const TYPE")) {
        let text = unwrapped(text);
        let mut rest = text.as_str();
        for part in PARTS {
            let position = rest.find(part).unwrap_or_else(|| panic!("{name}: `{part}` is missing or comes too early"));
            rest = &rest[position + part.len()..];
        }
    }
}

#[test]
fn drivers_only_talk_to_their_api() {
    for (name, text) in files() {
        for word in FORBIDDEN {
            assert!(!text.contains(word), "{name} has `{word}`");
        }
    }
}

#[test]
fn every_driver_is_registered_under_the_type_its_file_names_and_the_catalogue_has() {
    let declared: BTreeSet<String> = files()
        .iter()
        .filter_map(|(_, text)| Some(text.split_once("pub const TYPE: &str = \"")?.1.split_once('"')?.0.to_owned()))
        .collect();
    let provider = AwsProvider::new(Clients::new(Settings::default()));
    let registered: BTreeSet<String> = provider.type_names().map(str::to_owned).collect();
    assert_eq!(declared, registered);
    for name in &registered {
        assert!(Catalogue::embedded().get(name).is_some(), "{name} is not in the catalogue");
    }
}

#[test]
fn every_driver_knows_every_property_of_its_type() {
    let unsettable = ["Tags"];
    for (name, text) in files() {
        let Some((_, rest)) = text.split_once("pub const TYPE: &str = \"") else { continue };
        let type_name = rest.split('"').next().unwrap();
        let kind = Catalogue::embedded().get(type_name).unwrap();
        let shared: String =
            files().into_iter().filter(|(_, t)| !t.contains("pub const TYPE")).map(|(_, t)| t).collect();
        for property in kind.property_names().into_iter().filter(|property| !unsettable.contains(property)) {
            let quoted = format!("\"{property}\"");
            assert!(text.contains(&quoted) || shared.contains(&quoted), "{name} never mentions `{property}`");
        }
    }
}
