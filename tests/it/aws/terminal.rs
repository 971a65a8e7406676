//! The program with the emulators behind it, as somebody types it: in a folder of its own, with the stacks in it.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use super::cloud::endpoint;
use crate::session::Running;

/// A folder with stacks, where states are kept too, and what is set in its environment.
pub struct Terminal {
    folder: tempfile::TempDir,
    set: BTreeMap<String, String>,
}

impl Terminal {
    /// With the folder that a stack file stands in.
    pub fn new(stack: &str) -> Terminal {
        let folder = tempfile::tempdir().unwrap();
        let stacks = Path::new(stack).parent().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(stacks), &folder.path().join(stacks));
        Terminal { folder, set: BTreeMap::new() }
    }

    /// A file in the folder.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file anew, from what stands in it.
    pub fn edit(&self, file: &str, edit: impl FnOnce(&str) -> String) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        fs::write(self.path(file), edit(&text)).unwrap();
    }

    /// Somebody else, who has the same stacks, and of what is remembered only the states.
    pub fn elsewhere(&self) -> Terminal {
        let folder = tempfile::tempdir().unwrap();
        ["stacks", "state"].iter().for_each(|name| copy(&self.path(name), &folder.path().join(name)));
        Terminal { folder, set: BTreeMap::new() }
    }

    /// Sets a variable of the environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.set.insert(name.to_owned(), value.to_owned());
    }

    /// Every file in a part of the folder, by its path.
    pub fn files(&self, part: &str) -> Vec<(String, String)> {
        let path = self.path(part);
        if path.is_file() {
            return vec![(part.to_owned(), String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())];
        }
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        entries.flat_map(|name| self.files(&format!("{part}/{name}"))).collect()
    }

    /// Types a command; the exit code and everything that is printed.
    pub fn run(&self, line: &str) -> (Option<i32>, String) {
        printed(&self.command(env!("CARGO_BIN_EXE_provision"), line).output().unwrap())
    }

    /// Types a command, and does not wait for its end.
    pub fn start(&self, line: &str) -> Running {
        let mut command = self.command(env!("CARGO_BIN_EXE_provision"), line);
        command.stdin(Stdio::null());
        Running::start(command)
    }

    /// Types a command that ends as expected; everything that is printed.
    pub fn must(&self, line: &str, code: i32) -> String {
        let (found, text) = self.run(line);
        assert_eq!(found, Some(code), "{line}\n{text}");
        text
    }

    /// Asks an independent witness: a script in `tests/witness` that knows AWS by boto3 alone. What it answers.
    #[expect(clippy::disallowed_methods, reason = "where Python with boto3 is, is known to who started the emulators")]
    pub fn witness(&self, line: &str) -> String {
        let python = std::env::var("PROVISION_TEST_PYTHON").expect("`scripts/emulators start` says where it is");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/witness");
        let output = self.command(&python, &format!("{}/{line}", scripts.display())).output().unwrap();
        let (code, text) = printed(&output);
        assert_eq!(code, Some(0), "witness {line}\n{text}");
        text
    }

    fn command(&self, program: &str, line: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .env("AWS_ENDPOINT_URL", endpoint())
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(&self.set);
        command
    }
}

fn printed(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text.into_owned())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
