//! A run as programs follow it: one line of JSON per event, with the version of the format on every line, so that a line
//! can be understood on its own.

use serde::Serialize;

use super::text;
use crate::engine::event::{Event, Stamped, VERSION};

#[derive(Serialize)]
struct Line<'a> {
    v: u32,
    sequence: u64,
    /// Seconds since the start of the command.
    at: f64,
    #[serde(flatten)]
    event: &'a Event,
}

/// The event as one line, without the line break.
pub fn line(stamped: &Stamped) -> String {
    let Stamped { sequence, at, event } = stamped;
    let at = (at.as_secs_f64() * 1000.0).round() / 1000.0;
    // An event holds nothing that JSON cannot say (its maps have text keys, its numbers are finite).
    text::json(serde_json::to_string(&Line { v: VERSION, sequence: *sequence, at, event }).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::view::tests::object;

    #[test]
    fn an_event_is_one_flat_line_with_its_version() {
        let event = Event::StepWaiting { object: object(r#"private["a"]"#), note: "pending\n\u{202e}".to_owned() };
        let line = line(&Stamped { sequence: 3, at: Duration::from_millis(1250), event });
        assert_eq!(
            line,
            r#"{"v":1,"sequence":3,"at":1.25,"event":"step_waiting","object":"private[\"a\"]#1","note":"pending\n\u202e"}"#
        );
    }
}
