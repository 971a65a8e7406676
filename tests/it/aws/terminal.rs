//! The program with the emulators behind it, as somebody types it: in a folder of its own, with the stacks in it.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use super::cloud::endpoint;

/// A folder with stacks, where states are kept too.
pub struct Terminal(tempfile::TempDir);

impl Terminal {
    /// With the folder that a stack file stands in.
    pub fn new(stack: &str) -> Terminal {
        let folder = tempfile::tempdir().unwrap();
        let stacks = Path::new(stack).parent().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(stacks), &folder.path().join(stacks));
        Terminal(folder)
    }

    /// Types a command; the exit code and everything that is printed.
    pub fn run(&self, line: &str) -> (Option<i32>, String) {
        printed(&self.command(env!("CARGO_BIN_EXE_provision"), line).output().unwrap())
    }

    /// Types a command that ends as expected; everything that is printed.
    pub fn must(&self, line: &str, code: i32) -> String {
        let (found, text) = self.run(line);
        assert_eq!(found, Some(code), "{line}\n{text}");
        text
    }

    /// Asks an independent witness: a script in `tests/witness` that knows AWS by boto3 alone.
    #[expect(clippy::disallowed_methods, reason = "where Python with boto3 is, is known to who started the emulators")]
    pub fn witness(&self, line: &str) {
        let python = std::env::var("PROVISION_TEST_PYTHON").expect("`scripts/emulators start` says where it is");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/witness");
        let output = self.command(&python, &format!("{}/{line}", scripts.display())).output().unwrap();
        let (code, text) = printed(&output);
        assert_eq!(code, Some(0), "witness {line}\n{text}");
    }

    fn command(&self, program: &str, line: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(line.split(' '))
            .current_dir(self.0.path())
            .env("AWS_ENDPOINT_URL", endpoint())
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_EC2_METADATA_DISABLED", "true");
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
