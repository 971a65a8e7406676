//! Commands typed in a folder of their own, with the built program. Apart from the tests of the command line because others
//! run the program as a process too.

#![expect(clippy::unwrap_used, reason = "what goes wrong around a test is a failed test")]

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
};

/// A folder to type commands in.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new(stack: &str) -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("net.yaml", stack);
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    /// `line` as it would be typed after `provision`.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
        command.args(line.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PROVISION_")) {
            command.env_remove(name);
        }
        command.env_remove("NO_COLOR");
        command
    }

    pub fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// A command and everything it answers.
    pub fn session(&self, lines: &[&str]) -> String {
        lines.iter().map(|line| told(line, &self.run(line))).collect()
    }

    /// Every file, the simulated cloud's memory apart: a cloud holds what it was given.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let (mut folders, mut files) = (vec![self.path().to_owned()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match entry.is_dir() {
                    true => folders.push(entry),
                    false if entry.ends_with("cloud.jsonl") => {}
                    false => files.push((entry.display().to_string(), fs::read(entry).unwrap())),
                }
            }
        }
        files
    }
}

/// A process under way, with what it says on standard output.
pub struct Running {
    child: Child,
    pub lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub fn start(mut command: Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, lines }
    }

    /// Follows what it says until it has said this. `false` if it ended before.
    pub fn has_said(&mut self, words: &str) -> bool {
        self.lines.by_ref().any(|line| line.unwrap().contains(words))
    }

    /// Sends a signal, as `kill` names it: `-INT`. A process that has ended already takes no notice.
    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// The exit code, `None` for a process that was killed, and the rest of what it says.
    pub fn end(mut self) -> (Option<i32>, Vec<String>) {
        let rest = self.lines.by_ref().map(Result::unwrap).collect();
        (self.child.wait().unwrap().code(), rest)
    }
}

/// A command and what it answered.
pub fn told(line: &str, output: &Output) -> String {
    let mut said = format!("$ provision {line}\n");
    for (name, text) in [("", &output.stdout), ("stderr", &output.stderr)] {
        if !text.is_empty() {
            let text = sorted_steps(&String::from_utf8_lossy(text));
            said.push_str(&if name.is_empty() { text } else { format!("--- {name}\n{text}") });
        }
    }
    format!("{said}--- exit {}\n\n", output.status.code().unwrap_or(-1))
}

/// Steps that run side by side end in any order.
fn sorted_steps(text: &str) -> String {
    let mut lines = text.lines().collect::<Vec<_>>();
    for group in lines.chunk_by_mut(|a, b| a.starts_with('✓') && b.starts_with('✓')) {
        group.sort_unstable();
    }
    lines.join("\n") + "\n"
}
