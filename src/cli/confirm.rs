//! Asks before anything is changed.

use std::io::{self, BufRead, IsTerminal};

use super::{error::CommandError, interrupt::Interrupt, output::Output};

/// Returns if there is somebody who could be asked; `can_be_saved` says whether such a plan can be agreed to beforehand.
///
/// # Errors
/// There is not.
pub fn can_ask(can_be_saved: bool) -> Result<(), CommandError> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    let error = CommandError::input("nobody is there to confirm the plan: standard input is not a terminal");
    Err(error.hint(match can_be_saved {
        true => {
            "add `--yes` to go ahead without asking, or save the plan with `provision plan -o plan.json` and apply that"
        }
        false => "add `--yes` to go ahead without asking",
    }))
}

/// Returns if the person agrees.
///
/// # Errors
/// They do not, or pressed Ctrl-C.
pub async fn confirm(question: &str, output: &Output, interrupt: &Interrupt) -> Result<(), CommandError> {
    output.say(&format!("\n{question} Type `yes` to go ahead: "));
    // Reading a terminal cannot be called off; the thread ends with the process.
    let (send, answer) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let _ = send.send(read.map(|_| line));
    });
    let answer = tokio::select! {
        answer = answer => answer,
        () = interrupt.requested() => {
            output.say("\n");
            return Err(CommandError::interrupted());
        }
    };
    match answer {
        Ok(Ok(line)) if line.trim() == "yes" => Ok(()),
        _ => Err(CommandError::input("not confirmed; nothing was changed")),
    }
}
