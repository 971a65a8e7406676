//! ZIP archives. The same files are always the same archive, byte by byte, whoever packs them, so that a digest tells whether
//! anything has changed. In a document an archive is a text, in Base64.

use std::{fmt, io::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use miniz_oxide::deflate::compress_to_vec;
use rawzip::{CompressionMethod, DataDescriptorOutput, Error, ZipArchive, ZipArchiveWriter, crc32, time::UtcDateTime};

use super::secret::sha256;

/// How every archive with content begins, and its text as far as the next byte makes no difference.
const BEGINNING: &[u8] = b"PK\x03\x04";
const BEGINNING_OF_TEXT: &str = "UEsDB";
/// Of ten: twice as much effort makes archives hardly smaller.
const EFFORT: u8 = 6;

/// The longest text of an archive that is kept whole, so that an undo can put it back: a function of a few files.
const LONGEST_KEPT: usize = 64 << 10;

/// A file to be packed.
#[derive(Debug)]
pub struct Entry {
    /// Its path in the archive, with `/` between the parts; neither `\` nor `:` may be in it.
    pub name: String,
    pub is_executable: bool,
    pub content: Vec<u8>,
}

/// An archive of these files, in this order, without their times and owners. Everybody may read what is in it: Lambda runs
/// code as another user than the one who unpacks it.
///
/// # Errors
/// A name that the format cannot hold, as a phrase.
pub fn pack(entries: &[Entry]) -> Result<Vec<u8>, String> {
    written(entries).map_err(|error| format!("cannot be packed: {error}"))
}

fn written(entries: &[Entry]) -> Result<Vec<u8>, Error> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for Entry { name, is_executable, content } in entries {
        let mut file = archive.new_file(name).compression_method(CompressionMethod::DEFLATE);
        // The first moment that the format knows.
        if let Some(moment) = UtcDateTime::from_components(1980, 1, 1, 0, 0, 0, 0) {
            file = file.last_modified(moment);
        }
        let mode = if *is_executable { 0o100_755 } else { 0o100_644 };
        let (mut entry, _) = file.unix_permissions(mode).start()?;
        entry.write_all(&compress_to_vec(content, EFFORT))?;
        entry.finish(DataDescriptorOutput::new(crc32(content), content.len() as u64))?;
    }
    archive.finish()
}

/// Whether these bytes are an archive, as far as their beginning says.
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(BEGINNING)
}

/// Whether an archive has its end, where its directory is.
///
/// # Errors
/// What is wrong with it, as a phrase.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    ZipArchive::from_slice(bytes).map(|_| ()).map_err(|error| format!("is a damaged ZIP archive: {error}"))
}

/// The text that stands for an archive.
pub fn to_text(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The archive that a text stands for; `None` if it is any other text.
pub fn from_text(text: &str) -> Option<Vec<u8>> {
    let text = Some(text.trim()).filter(|text| text.starts_with(BEGINNING_OF_TEXT))?;
    STANDARD.decode(text).ok().filter(|bytes| is_archive(bytes))
}

/// Whether a text stands for an archive that is too large to be kept.
pub fn is_large(text: &str) -> bool {
    text.len() > LONGEST_KEPT && from_text(text).is_some()
}

/// What is shown in place of an archive. `{:#}` tells any two apart; `{}` is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// In hex, as `sha256sum` prints it.
    digest: String,
    /// In bytes.
    size: usize,
}

impl Summary {
    /// Of the archive that a text stands for; `None` if it is any other text.
    pub fn of(text: &str) -> Option<Summary> {
        from_text(text).map(|bytes| Summary { digest: sha256(&bytes), size: bytes.len() })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        let Summary { digest, size } = self;
        if f.alternate() {
            return write!(f, "(archive, sha256 {digest}, {size} bytes)");
        }
        let short = digest.get(..SHOWN).unwrap_or(digest);
        let (number, unit) =
            if *size < 1_000_000 { (size.div_ceil(1000), "KB") } else { (size.div_ceil(1_000_000), "MB") };
        write!(f, "(archive, sha256 {short}…, {number} {unit})")
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::inflate::decompress_to_vec;

    use super::*;

    fn entry(name: &str, is_executable: bool, content: &str) -> Entry {
        Entry { name: name.to_owned(), is_executable, content: content.into() }
    }

    fn sample() -> Vec<u8> {
        pack(&[entry("index.py", false, "def handler(event, context): pass\n"), entry("bin/größe", true, "")]).unwrap()
    }

    #[test]
    fn what_is_packed_can_be_unpacked() {
        let archive = sample();
        let read = ZipArchive::from_slice(&archive).unwrap();
        let mut found = Vec::new();
        let mut entries = read.entries();
        while let Some(header) = entries.next_entry().unwrap() {
            let entry = read.get_entry(header.wayfinder()).unwrap();
            let content = decompress_to_vec(entry.data()).unwrap();
            let name = header.file_path().try_normalize().unwrap().as_ref().to_owned();
            assert_eq!(header.crc32(), crc32(&content));
            found.push((name, header.mode().value(), String::from_utf8(content).unwrap()));
        }
        let expected = [
            ("index.py".to_owned(), 0o100_644, "def handler(event, context): pass\n".to_owned()),
            ("bin/größe".to_owned(), 0o100_755, String::new()),
        ];
        assert_eq!(found, expected);
    }

    /// Unpacked by Info-ZIP and by Python's `zipfile`. With another digest, everybody's functions are updated once.
    #[test]
    fn the_same_files_are_always_the_same_archive() {
        assert_eq!(sha256(&sample()), "20c5d533a0fc1447645e4c019655f7668d27acbc85a24029b2891f572416cfc9");
    }

    #[test]
    fn an_archive_is_known_by_its_text_and_other_texts_are_left_alone() {
        let text = to_text(&sample());
        assert_eq!(from_text(&text), Some(sample()));
        assert_eq!(from_text(&format!("{text}\n")), Some(sample()));
        for other in ["", "UEsDB", "UEsDBA", "UEsDB is no archive", "def handler(): pass", "UEsFBgAAAAA="] {
            assert_eq!(from_text(other), None, "{other}");
        }
    }

    #[test]
    fn an_archive_without_its_end_is_damaged() {
        let archive = sample();
        assert_eq!(check(&archive), Ok(()));
        assert!(check(&archive[..archive.len() - 30]).unwrap_err().contains("damaged"));
    }

    #[test]
    fn a_summary_tells_archives_apart_without_showing_them() {
        let (one, other) = (to_text(&sample()), to_text(&pack(&[entry("a", false, "b")]).unwrap()));
        let (one, other) = (Summary::of(&one).unwrap(), Summary::of(&other).unwrap());
        assert_ne!(format!("{one:#}"), format!("{other:#}"));
        assert!(one.to_string().ends_with("…, 1 KB)"), "{one}");
        assert_eq!(Summary::of("code"), None);
    }
}
