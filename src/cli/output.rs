//! Where text goes: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};

use serde_json::{Value as Json, json};

use super::{
    environment,
    error::{CommandError, Kind},
    exit::Exit,
    options::ColourChoice,
};
use crate::report::{
    diagnostics,
    stream::Audience,
    terminal::Terminal,
    text::{self, Look, Tone},
};

/// The two streams of this process, and how they look.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// For results.
    pub result: Look,
    /// For progress and errors.
    pub progress: Look,
}

impl Output {
    /// Colours if they are wanted and the stream is a terminal.
    pub fn new(choice: ColourChoice) -> Self {
        let look = |is_terminal: bool, terminal: &console::Term| Look {
            colour: match choice {
                ColourChoice::Always => true,
                ColourChoice::Never => false,
                ColourChoice::Auto => is_terminal && !environment::refuses_colour(),
            },
            width: terminal.size_checked().filter(|_| is_terminal).map_or(100, |(_, columns)| columns.into()),
        };
        let (out, err) = (console::Term::stdout(), console::Term::stderr());
        Output { result: look(io::stdout().is_terminal(), &out), progress: look(io::stderr().is_terminal(), &err) }
    }

    /// Writes a result.
    ///
    /// # Errors
    /// The reader has gone, or the disk is full.
    pub fn result(&self, text: &str) -> Result<(), CommandError> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => CommandError::new(Kind::ClosedPipe, "the reader of our output has gone"),
            _ => CommandError::input(format!("cannot write the result: {error}")),
        })
    }

    /// Writes a result as JSON, indented. Ends with a line break.
    ///
    /// # Errors
    /// The reader has gone, or the disk is full.
    pub fn json(&self, value: &Json) -> Result<(), CommandError> {
        self.result(&text::json(format!("{value:#}\n")))
    }

    /// Tells the person something that is not the result. Whether anybody listens does not matter.
    pub fn say(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Says why the command failed, and gives the exit code for it.
    pub fn fail(&self, error: &CommandError, as_json: bool) -> Exit {
        if error.kind == Kind::ClosedPipe {
            return error.exit();
        }
        if as_json {
            // The error is the result for whoever reads JSON; if they have gone, nobody needs it.
            let _ = self.result(&text::json(format!("{}\n", error_json(error))));
        } else {
            self.say(&error_text(error, self.progress));
        }
        error.exit()
    }

    /// Who follows a run.
    pub fn audience(&self, as_json: bool) -> Audience {
        match (as_json, io::stderr().is_terminal()) {
            (true, _) => Audience::Json(Box::new(io::stdout())),
            (false, true) => Audience::Terminal(Terminal::new(self.progress)),
            (false, false) => Audience::Lines(Box::new(io::stderr()), self.progress),
        }
    }
}

fn error_text(error: &CommandError, look: Look) -> String {
    let mut said = String::new();
    if let Some(found) = &error.findings {
        said.push_str(&diagnostics::render(&found.0, &found.1, look));
    } else {
        said.push_str(&format!("{} {}\n", look.paint(Tone::Danger, "error:"), text::block(&error.message)));
    }
    for hint in &error.hints {
        said.push_str(&format!("  {} {}\n", look.paint(Tone::Strong, "help:"), text::block(hint)));
    }
    said
}

fn error_json(error: &CommandError) -> Json {
    let findings = error.findings.as_ref().map(|found| diagnostics::json(&found.0, &found.1));
    json!({
        "v": crate::engine::event::VERSION,
        "event": "error",
        "exit_code": error.exit().code(),
        "message": error.message,
        "help": error.hints,
        "diagnostics": findings.unwrap_or_else(|| json!([])),
    })
}
