//! One of the five systems in the hands of its operators: what every one of them goes through, and how a change is made.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::{fs, path::Path};

use serde::Deserialize;

use crate::aws::terminal::Terminal;

/// A system's year, as `tests/systems/<name>.yaml` tells it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// The stack file, below `stacks/`.
    stack: String,
    /// What is typed with every command.
    #[serde(default)]
    typed: String,
    /// The witness in `tests/witness`, with what it has to know.
    witness: String,
    changes: Vec<Change>,
    /// Somebody meddles with it in the end.
    #[serde(default)]
    drift: bool,
    /// What is typed with `destroy`.
    #[serde(default)]
    destroy: String,
}

/// A change that a team makes. It lasts: those that come after are made on top of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// What it is, in a few words; also the name of the golden plan.
    name: String,
    /// What is written into files below `stacks/`.
    #[serde(default)]
    written: Vec<Written>,
    /// What is typed with every command from now on.
    #[serde(default)]
    typed: String,
    /// What is typed with this change alone: `--allow-delete key`.
    #[serde(default)]
    once: String,
    /// It deletes something to make room for its replacement, so no failure is tried first.
    #[serde(default)]
    cannot_be_undone: bool,
    /// What the witness is asked afterwards, beside what it is asked anyway; for as long as no other change says otherwise.
    #[serde(default)]
    witness: Option<String>,
}

/// What stands exactly once in a file, and what is put in its place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    file: String,
    from: String,
    to: String,
}

/// A system, the folder that its operators work in, and what they have come to type with every command.
struct System<'a> {
    terminal: Terminal,
    name: &'static str,
    story: &'a Story,
    typed: String,
    asked: String,
}

/// Refused by IAM whatever else there is: an action without a service.
const SABOTEUR: &str = r#"
  saboteur:
    type: AWS::IAM::ManagedPolicy
    depends_on: [EVERYTHING]
    properties:
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: nonsense, Resource: "*"}]}
"#;

/// Everything that `tests/systems/<name>.yaml` tells, from the first plan to the last object.
pub fn live(name: &'static str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/systems/{name}.yaml"));
    let story: Story = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let (terminal, typed) = (Terminal::new("stacks/healthcare.yaml"), story.typed.clone());
    let mut system = System { terminal, name, story: &story, typed, asked: String::new() };
    system.begin();
    story.changes.iter().for_each(|change| system.change(change));
    if story.drift {
        system.drift();
    }
    system.end();
}

impl System<'_> {
    /// Types `verb` for this system, which must end with `code`.
    fn must(&self, verb: &str, more: &str, code: i32) -> String {
        self.terminal.must(&self.line(verb, more), code)
    }

    fn line(&self, verb: &str, more: &str) -> String {
        format!("{verb} stacks/{} {} {more}", self.story.stack, self.typed)
    }

    /// Asks the witness, who knows AWS by boto3 alone.
    fn witness(&self, more: &str) {
        self.terminal.witness(&format!("{} {} {more}", self.story.witness, self.asked));
    }

    /// First a run that fails at its last step: everything it has made is gone again. Then the whole system, which is what
    /// the witness sees, and which leaves nothing to do, also for somebody who has but the state and a fresh checkout.
    fn begin(&self) {
        self.must("validate", "", 0);
        self.fail("");
        self.witness("--gone");
        let plan = self.must("plan", "--detailed-exitcode", 2);
        assert!(plan.contains("to create") && !plan.contains("warning"), "{plan}");
        self.must("apply", "--yes", 0);
        self.must("output", "", 0);
        self.nothing_to_do();
        self.witness("");
        self.terminal.elsewhere().must(&self.line("plan", "--detailed-exitcode"), 0);
    }

    /// Makes a change, after having made it in a run that fails in the end. The plan afterwards is the golden one, as if
    /// nothing had happened; then it is carried out, and nothing is left to do.
    fn change(&mut self, change: &Change) {
        for Written { file, from, to } in &change.written {
            self.terminal.edit(&format!("stacks/{file}"), |text| {
                assert_eq!(text.matches(from).count(), 1, "{}: `{from}` stands once in {file}", change.name);
                text.replace(from, to)
            });
        }
        self.typed = format!("{} {}", self.typed, change.typed);
        if !change.cannot_be_undone {
            self.fail(&change.once);
        }
        let plan = self.must("plan", &format!("--detailed-exitcode {}", change.once), 2);
        self.golden(&change.name, &plan);
        self.must("apply", &format!("--yes {}", change.once), 0);
        self.nothing_to_do();
        if let Some(asked) = &change.witness {
            self.asked.clone_from(asked);
            self.witness("");
        }
    }

    /// Somebody changes and deletes five things by hand. It is named, property by property, and the next apply repairs it.
    /// The second time it is accepted: only what was deleted comes back, and nothing of the rest is named again.
    fn drift(&self) {
        self.witness("--meddle");
        let drift = self.must("drift", "--detailed-exitcode", 2);
        self.golden("drift", &drift);
        self.must("apply", "--yes", 0);
        self.must("drift", "--detailed-exitcode", 0);
        self.nothing_to_do();
        self.witness("");
        self.witness("--meddle");
        self.must("drift", "--accept --yes", 0);
        self.must("apply", "--yes", 0);
        let accepted = self.must("drift", "--detailed-exitcode", 0);
        assert!(accepted.contains("accepted: "), "{accepted}");
        self.nothing_to_do();
    }

    /// Nothing of it is left.
    fn end(&self) {
        self.must("destroy", &format!("--yes {}", self.story.destroy), 0);
        let left = self.must("state list", "", 0);
        assert_eq!(left.lines().filter(|line| line.contains("AWS::")).count(), 0, "{left}");
        self.witness("--gone");
    }

    fn nothing_to_do(&self) {
        self.must("plan", "--detailed-exitcode", 0);
    }

    /// An apply whose last step fails, after everything else has been done: it is rolled back, and names the cause first.
    fn fail(&self, once: &str) {
        let file = format!("stacks/{}", self.story.stack);
        let before = fs::read_to_string(self.terminal.path(&file)).unwrap();
        self.terminal.edit(&file, |text| {
            let written: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
            let names = |section: &str, prefix: &str| {
                let entries = written.get(section).and_then(serde_yaml::Value::as_mapping).cloned().unwrap_or_default();
                let names = entries.into_iter().filter_map(|(name, _)| Some(format!("{prefix}{}", name.as_str()?)));
                names.collect::<Vec<_>>()
            };
            let everything = [names("resources", ""), names("modules", "module.")].concat().join(", ");
            let saboteur = SABOTEUR.replace("EVERYTHING", &everything);
            text.replacen("\nresources:\n", &format!("\nresources:{saboteur}"), 1)
        });
        let said = self.must("apply", &format!("--yes {once}"), 3);
        assert!(said.contains("error: could not create `saboteur`"), "{said}");
        assert!(said.contains("Rolled back: everything is as it was before"), "{said}");
        self.terminal.edit(&file, |_| before.clone());
    }

    fn golden(&self, name: &str, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[uuid]");
        settings.add_filter(r"\b(\w+)-[0-9a-f]{8,17}\b", "$1-[id]");
        // What the engine adds to a name, of which the end is cut off.
        settings.add_filter(r"-(secret|ta|tar)-[0-9a-z]{1,6}…", "-$1-[id]…");
        settings.add_filter(r"\bd[0-9a-z]{13}\.cloudfront\.net\b", "[distribution]");
        // Of API Gateway.
        settings.add_filter(r#""[0-9a-z]{10}" →"#, "\"[id]\" →");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path("../snapshots");
        let name = format!("{} {name}", self.name).replace([' ', '-'], "_");
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}
