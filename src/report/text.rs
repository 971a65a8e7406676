//! The one place where text from outside is made safe to show, and where colour comes from.
//!
//! Names, messages and values come from stack files, states and AWS: a control character in them could move the cursor,
//! rename the window or hide what follows, and a bidirectional one could show a text in another order than it is read.

use std::{borrow::Cow, fmt::Write as _, time::Duration};

use annotate_snippets::renderer::{AnsiColor, Style};

/// How text is drawn: with colours or without, and how much room a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub colour: bool,
    pub width: usize,
}

impl Look {
    /// Without colours, for files, pipes and tests.
    pub fn plain() -> Self {
        Look { colour: false, width: 100 }
    }

    /// The text in the colour of `tone`, if there are colours.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let style = tone.style();
        format!("{style}{text}{style:#}")
    }
}

/// What a colour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Change,
    Danger,
    /// Less important.
    Faint,
    Strong,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Change => AnsiColor::Yellow.on_default(),
            Tone::Danger => AnsiColor::Red.on_default().bold(),
            Tone::Faint => Style::new().dimmed(),
            Tone::Strong => Style::new().bold(),
        }
    }
}

/// Whether a character could do something to a terminal, or to the order in which its neighbours are read.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text on one line: line breaks and tabs become spaces, everything unsafe is dropped.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().filter_map(|c| match c {
        '\n' | '\t' => Some(' '),
        c if is_unsafe(c) => None,
        c => Some(c),
    });
    Cow::Owned(kept.collect())
}

/// The text with its line breaks: tabs become spaces, everything else unsafe is dropped.
pub fn block(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}

/// The text with everything unsafe but line breaks and tabs replaced by as many bytes, so that spans still point at the
/// right place.
pub fn source(text: &str) -> Cow<'_, str> {
    let strange = |c: char| is_unsafe(c) && !matches!(c, '\n' | '\t' | '\r');
    if !text.contains(strange) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c.len_utf8() {
            _ if !strange(c) => safe.push(c),
            1 => safe.push('?'),
            2 => safe.push('¿'),
            3 => safe.push('\u{fffd}'),
            _ => safe.push_str("\u{fffd}?"),
        }
    }
    Cow::Owned(safe)
}

/// JSON text in which everything unsafe is escaped. Line breaks stay: in JSON text they stand between values only.
pub fn json(text: String) -> String {
    let strange = |c: char| is_unsafe(c) && c != '\n';
    if !text.contains(strange) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if strange(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// The text cut to `width` characters, with an ellipsis where something is missing.
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.chars().count() <= width {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(width.saturating_sub(1)).chain(['…']).collect())
}

/// Two texts cut to fit into `width` characters together. What both begin with is left out where it would take the room of
/// what tells them apart.
pub fn cut_both(one: &str, other: &str, width: usize) -> (String, String) {
    const CONTEXT: usize = 8;
    let (long, longer) = (one.chars().count(), other.chars().count());
    if long + longer <= width {
        return (one.to_owned(), other.to_owned());
    }
    let half = width / 2;
    let room = |mine: usize, theirs: usize| if theirs < half { width - theirs } else { mine.min(half) };
    let common = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let (mine, theirs) = (room(long, longer), room(longer, long));
    // No more than has to be, for there is an ellipsis in its place.
    let too_long = long.saturating_sub(mine).max(longer.saturating_sub(theirs)) + 1;
    let left_out = if common + CONTEXT > half { common.saturating_sub(CONTEXT).min(too_long) } else { 0 };
    let part = |text: &str, room: usize| match left_out {
        0 => cut(text, room).into_owned(),
        _ => cut(&std::iter::once('…').chain(text.chars().skip(left_out)).collect::<String>(), room).into_owned(),
    };
    (part(one, mine), part(other, theirs))
}

/// A duration as a clock shows it: `0:42`, `12:05`, `1:02:03`.
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A duration in words, as exact as anybody wants to know: `20 seconds`, `4 minutes`, `1 hour 10 minutes`.
pub fn about(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 90 {
        return count(seconds, "second");
    }
    let minutes = (seconds + 30) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => count(minutes, "minute"),
        (hours, 0) => count(hours, "hour"),
        (hours, minutes) => format!("{} {}", count(hours, "hour"), count(minutes, "minute")),
    }
}

/// A number of things: `1 step`, `3 steps`.
pub fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_texts_that_are_cut_still_show_what_tells_them_apart() {
        let both = |one: &str, other: &str, width| {
            let (one, other) = cut_both(one, other, width);
            format!("{one} {other}")
        };
        assert_eq!(both("short", "also short", 20), "short also short");
        assert_eq!(
            both("registry/path/image:1.27", "registry/path/image:1.28", 44),
            "…istry/path/image:1.27 …istry/path/image:1.28"
        );
        assert_eq!(both("(none)", "a text that is longer than half", 24), "(none) a text that is lo…");
        assert_eq!(both("abcdefghijklmnop", "ponmlkjihgfedcba", 20), "abcdefghi… ponmlkjih…");
    }

    proptest! {
        #[test]
        fn two_texts_never_need_more_room_than_there_is(one: String, other: String, width in 4usize..100) {
            let (one, other) = cut_both(&one, &other, width);
            prop_assert!(one.chars().count() + other.chars().count() <= width);
        }

        #[test]
        fn nothing_unsafe_is_left_in_any_text(text in any::<String>()) {
            prop_assert!(!line(&text).contains(is_unsafe));
            prop_assert!(!block(&text).replace('\n', "").contains(is_unsafe));
            prop_assert!(!source(&text).replace(['\n', '\t', '\r'], "").contains(is_unsafe));
            prop_assert_eq!(source(&text).len(), text.len());
        }

        #[test]
        fn escaped_json_means_the_same(text in any::<String>()) {
            let escaped = json(serde_json::to_string(&text).unwrap());
            prop_assert!(!escaped.contains(is_unsafe));
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        }
    }

    #[test]
    fn an_escape_sequence_and_a_reversed_name_lose_their_power() {
        assert_eq!(line("a\u{1b}[31mred\u{202e}dne\nx"), "a[31mreddne x");
        assert_eq!(json("\"\u{9b}\u{e0001}\"".to_owned()), "\"\\u009b\\udb40\\udc01\"");
    }

    #[test]
    fn durations_read_like_a_clock_and_like_a_sentence() {
        let seconds = Duration::from_secs;
        assert_eq!([42, 725, 3723].map(|s| clock(seconds(s))), ["0:42", "12:05", "1:02:03"]);
        assert_eq!(
            [1, 75, 240, 4200].map(|s| about(seconds(s))),
            ["1 second", "75 seconds", "4 minutes", "1 hour 10 minutes"]
        );
    }
}
