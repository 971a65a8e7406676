//! A zip archive with one file, uncompressed: what Lambda takes for source that stands in the stack. The same source is
//! always the same archive, byte by byte, so that Lambda sees whether it has changed.
//!
//! Layout (PKWARE's APPNOTE): the file's header and content, the directory with one entry, the end of the directory.

/// Midnight on 1 January 1980, the first moment that the format knows: date, then time.
const DATE_AND_TIME: [u16; 2] = [0, 0x0021];
/// Version 2.0 of the format; in the directory its upper byte says that the file's mode is Unix's.
const VERSION: u16 = 20;
const MADE_ON_UNIX: u16 = 3 << 8 | VERSION;
/// A plain file that everybody may read: Lambda runs code as another user than the one who unpacks it.
const MODE: u32 = 0o100_644 << 16;

/// The archive of a file; `None` if it is too large for the format.
pub fn of_one_file(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    let (size, length) = (u32::try_from(content.len()).ok()?, u16::try_from(name.len()).ok()?);
    let mut facts = Vec::new();
    // Flags and method: none, stored.
    short(&mut facts, [VERSION, 0, 0]);
    short(&mut facts, DATE_AND_TIME);
    long(&mut facts, [checksum(content), size, size]);
    // The name, and no extra field.
    short(&mut facts, [length, 0]);

    let mut archive = Vec::with_capacity(content.len() + 2 * name.len() + 128);
    archive.extend(b"PK\x03\x04");
    archive.extend(&facts);
    archive.extend(name.as_bytes());
    archive.extend(content);
    let directory = u32::try_from(archive.len()).ok()?;
    archive.extend(b"PK\x01\x02");
    short(&mut archive, [MADE_ON_UNIX]);
    archive.extend(&facts);
    // No comment, first disk, no internal attributes; the file stands at the beginning.
    short(&mut archive, [0, 0, 0]);
    long(&mut archive, [MODE, 0]);
    archive.extend(name.as_bytes());
    let end = u32::try_from(archive.len()).ok()?;
    archive.extend(b"PK\x05\x06");
    // One disk, one entry, no comment.
    short(&mut archive, [0, 0, 1, 1]);
    long(&mut archive, [end - directory, directory]);
    short(&mut archive, [0]);
    Some(archive)
}

fn short<const N: usize>(to: &mut Vec<u8>, numbers: [u16; N]) {
    to.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn long<const N: usize>(to: &mut Vec<u8>, numbers: [u32; N]) {
    to.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// CRC-32, as zip has it.
fn checksum(content: &[u8]) -> u32 {
    let step = |rest: u32, _| if rest & 1 == 1 { rest >> 1 ^ 0xEDB8_8320 } else { rest >> 1 };
    !content.iter().fold(!0, |rest, byte| (0..8).fold(rest ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_checksum_is_that_of_zip() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum(b""), 0);
    }

    #[test]
    fn the_parts_stand_where_the_end_says() {
        let archive = of_one_file("index.py", b"def handler(event, context): pass").unwrap();
        let number = |at: usize| u32::from_le_bytes(archive[at..at + 4].try_into().unwrap()) as usize;
        let end = archive.len() - 22;
        assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
        let (size, directory) = (number(end + 12), number(end + 16));
        assert_eq!(directory + size, end);
        assert_eq!(&archive[directory..directory + 4], b"PK\x01\x02");
        assert_eq!(&archive[directory + 46..end], b"index.py");
        assert_eq!(&archive[30..38], b"index.py");
        assert_eq!(&archive[38..directory], b"def handler(event, context): pass");
    }

    /// Unpacked by Info-ZIP and by Python's `zipfile`; from then on it must stay as it is.
    #[test]
    fn the_same_source_is_always_the_same_archive() {
        let archive = of_one_file("index.py", b"def handler(event, context): pass\n").unwrap();
        let digest: String = Sha256::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, "06de22b672b113f64f82d0494df8d05f146a49005ea43ed84a0100228a26ebd5");
    }
}
