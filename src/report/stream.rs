//! Where the engine's events go: stamped, folded into the [`View`], and written in the way that was asked for.

use std::{
    io::Write,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{human, json, terminal::Terminal, text::Look, view::View};
use crate::engine::event::{Event, Sink, Stamped};

/// Who follows the run.
pub enum Audience {
    /// A person at a terminal.
    Terminal(Terminal),
    /// A log file: lines that stay, and nothing else.
    Lines(Box<dyn Write + Send>, Look),
    /// A program: one line of JSON per event.
    Json(Box<dyn Write + Send>),
    /// Nobody; the view is all that is wanted.
    Nobody,
}

/// A [`Sink`] that shows what it is told.
pub struct Stream {
    /// Time since the start of the command.
    now: Box<dyn Fn() -> Duration + Send + Sync>,
    shown: Mutex<Shown>,
}

struct Shown {
    sequence: u64,
    view: View,
    audience: Audience,
}

impl Stream {
    /// A stream that reads the time from `now`.
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static, audience: Audience) -> Self {
        Stream { now: Box::new(now), shown: Mutex::new(Shown { sequence: 0, view: View::default(), audience }) }
    }

    /// Shows that time goes by. To be called several times a second while a run goes on.
    pub fn tick(&self) {
        let now = (self.now)();
        let mut shown = self.lock();
        shown.view.tick(now);
        let Shown { view, audience, .. } = &mut *shown;
        if let Audience::Terminal(terminal) = audience {
            terminal.draw(view);
        }
    }

    /// Tells people something about the run that is no event. Before there is a run nobody is told, and programs never.
    pub fn say_during_run(&self, line: &str) {
        let mut shown = self.lock();
        if shown.view.run.is_none() {
            return;
        }
        match &mut shown.audience {
            Audience::Terminal(terminal) => terminal.keep(&[line.to_owned()]),
            Audience::Lines(out, _) => {
                // As with events: the run goes on without a reader.
                let _ = writeln!(out, "{line}");
            }
            Audience::Json(_) | Audience::Nobody => {}
        }
    }

    /// What has happened so far.
    pub fn view(&self) -> View {
        self.lock().view.clone()
    }

    /// Takes away what is redrawn, so that other text can follow.
    pub fn finish(&self) {
        if let Audience::Terminal(terminal) = &mut self.lock().audience {
            terminal.clear();
        }
    }

    /// A panic elsewhere leaves a view that is still worth showing.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Stream {
    fn send(&self, event: Event) {
        let at = (self.now)();
        let mut shown = self.lock();
        shown.sequence += 1;
        let stamped = Stamped { sequence: shown.sequence, at, event };
        tracing::debug!(target: "provision::event", sequence = stamped.sequence, event = %json::line(&stamped));
        shown.view.apply(&stamped);
        let Shown { view, audience, .. } = &mut *shown;
        // Whoever listens may go away (a closed pipe); the run goes on.
        match audience {
            Audience::Terminal(terminal) => {
                terminal.keep(&human::lines(view, &stamped, terminal.look()));
                terminal.draw(view);
            }
            Audience::Lines(out, look) => {
                for line in human::lines(view, &stamped, *look) {
                    let _ = writeln!(out, "{line}");
                }
            }
            Audience::Json(out) => {
                let _ = writeln!(out, "{}", json::line(&stamped)).and_then(|()| out.flush());
            }
            Audience::Nobody => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::view::tests::rolled_back;

    /// A file in memory, or a pipe whose reader has gone.
    #[derive(Clone, Default)]
    struct Pipe {
        text: Arc<Mutex<Vec<u8>>>,
        is_closed: bool,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.is_closed {
                return Err(std::io::ErrorKind::BrokenPipe.into());
            }
            self.text.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_event_is_numbered_and_written_once() {
        let pipe = Pipe::default();
        let stream = Stream::new(|| Duration::from_secs(7), Audience::Json(Box::new(pipe.clone())));
        rolled_back().into_iter().for_each(|(_, event)| stream.send(event));
        let text = String::from_utf8(pipe.text.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), rolled_back().len());
        for (line, sequence) in text.lines().zip(1..) {
            let line = serde_json::from_str::<serde_json::Value>(line).unwrap();
            assert_eq!((&line["v"], &line["sequence"], &line["at"]), (&1.into(), &sequence.into(), &7.0.into()));
        }
    }

    #[test]
    fn a_closed_pipe_does_not_end_the_run() {
        let closed = || Box::new(Pipe { is_closed: true, ..Pipe::default() });
        for audience in [Audience::Json(closed()), Audience::Lines(closed(), Look::plain())] {
            let stream = Stream::new(|| Duration::ZERO, audience);
            rolled_back().into_iter().for_each(|(_, event)| stream.send(event));
            assert!(stream.view().outcome.is_some());
        }
    }
}
