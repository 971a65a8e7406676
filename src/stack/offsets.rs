//! Character positions → byte positions. The YAML parser counts characters, spans count bytes; stands apart because it
//! must stay linear for texts of many megabytes.

/// How many characters lie between two remembered positions.
const STRIDE: usize = 256;

/// The byte positions of a text's characters.
pub struct Offsets<'a> {
    text: &'a str,
    /// Byte position of every [`STRIDE`]th character; empty if all characters are one byte long.
    marks: Vec<usize>,
}

impl<'a> Offsets<'a> {
    /// Prepares a text.
    pub fn new(text: &'a str) -> Self {
        let marks = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().step_by(STRIDE).map(|(offset, _)| offset).collect()
        };
        Offsets { text, marks }
    }

    /// Byte position of the character at `index`; the end of the text if there is none.
    pub fn byte(&self, index: usize) -> usize {
        if self.marks.is_empty() {
            return index.min(self.text.len());
        }
        let Some(mark) = self.marks.get(index / STRIDE).copied() else { return self.text.len() };
        let rest = self.text.get(mark..).unwrap_or("");
        rest.char_indices().nth(index % STRIDE).map_or(self.text.len(), |(offset, _)| mark + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_found_at_its_byte() {
        let text = "aé€😀".repeat(300);
        let offsets = Offsets::new(&text);
        for (index, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(offsets.byte(index), byte);
        }
        assert_eq!(offsets.byte(1_000_000), text.len());
    }
}
