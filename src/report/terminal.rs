//! Draws [`human::render`] at the bottom of a terminal, with lines that stay scrolling by above. The only file that knows
//! that there is a cursor.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{human, text::Look, view::View};

/// The redrawn part of a terminal.
pub struct Terminal {
    screen: MultiProgress,
    /// One per line that is shown.
    rows: Vec<ProgressBar>,
    look: Look,
}

impl Terminal {
    /// At the bottom of what standard error is.
    pub fn new(look: Look) -> Self {
        Terminal { screen: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()), rows: Vec::new(), look }
    }

    /// How lines are drawn on it.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Shows where the run is now.
    pub fn draw(&mut self, view: &View) {
        let lines = human::render(view, self.look);
        while self.rows.len() > lines.len() {
            if let Some(row) = self.rows.pop() {
                row.finish_and_clear();
                self.screen.remove(&row);
            }
        }
        while self.rows.len() < lines.len() {
            let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            self.rows.push(self.screen.add(ProgressBar::no_length().with_style(style)));
        }
        for (row, line) in self.rows.iter().zip(lines) {
            row.set_message(line);
            row.tick();
        }
    }

    /// Adds lines that stay.
    pub fn keep(&self, lines: &[String]) {
        for line in lines {
            // A terminal that went away must not end the run.
            let _ = self.screen.println(line);
        }
    }

    /// Takes the redrawn part away.
    pub fn clear(&mut self) {
        self.rows.drain(..).for_each(|row| row.finish_and_clear());
        let _ = self.screen.clear();
    }
}
