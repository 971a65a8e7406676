//! The embedded file of all types: its index, and how one type is read from it.
//!
//! `data/build.py` writes the file and describes it. The index is text that is only split into lines, the types are
//! zstd frames with one shared dictionary; so the start of the program costs a tenth of a millisecond, whatever the
//! number of types, and a type costs something only when it is asked for.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use ruzstd::decoding::{Dictionary, FrameDecoder, errors::FrameDecoderError};
use serde::Deserialize;

use super::node::Nodes;

static BYTES: &[u8] = include_bytes!("data/types.bin");

/// Why the embedded file cannot be read. Only a broken build shows it.
#[derive(Debug, thiserror::Error)]
pub(super) enum FormatError {
    #[error("the catalogue's header is damaged")]
    Header,
    #[error("the catalogue's dictionary is damaged")]
    Dictionary,
    #[error("a type of the catalogue cannot be unpacked")]
    Frame(#[from] FrameDecoderError),
    #[error("a type of the catalogue cannot be read")]
    Facts(#[from] serde_json::Error),
}

/// One line of the index.
#[derive(Debug)]
pub(super) struct Entry {
    pub name: &'static str,
    /// A bit per region, in the order of [`File::regions`].
    pub regions: u64,
    frame: &'static [u8],
}

/// The file, opened: nothing but the index is read.
pub(super) struct File {
    /// Where the schemas come from, and of what day they are.
    pub source: &'static str,
    pub regions: Vec<&'static str>,
    /// Sorted by name.
    pub entries: Vec<Entry>,
    dictionary: &'static [u8],
    /// Reading the dictionary costs more than reading a type, so the decoder is kept.
    decoder: Mutex<Option<FrameDecoder>>,
}

impl File {
    /// Opens the file inside this binary.
    pub fn embedded() -> Result<Self, FormatError> {
        Self::open(BYTES).ok_or(FormatError::Header)
    }

    fn open(bytes: &'static [u8]) -> Option<Self> {
        let (header_length, rest) = bytes.split_first_chunk::<4>()?;
        let (dictionary_length, rest) = rest.split_first_chunk::<4>()?;
        let (header, rest) = rest.split_at_checked(length(*header_length)?)?;
        let (dictionary, mut frames) = rest.split_at_checked(length(*dictionary_length)?)?;
        let mut lines = std::str::from_utf8(header).ok()?.lines();
        let source = lines.next()?.strip_prefix("source ")?;
        let regions = lines.next()?.strip_prefix("regions ")?.split(' ').collect();
        let mut entries = Vec::with_capacity(2000);
        for line in lines {
            let mut words = line.split(' ');
            let (name, regions, size) = (words.next()?, words.next()?, words.next()?);
            let (frame, later) = frames.split_at_checked(size.parse().ok()?)?;
            frames = later;
            entries.push(Entry { name, regions: u64::from_str_radix(regions, 16).ok()?, frame });
        }
        Some(File { source, regions, entries, dictionary, decoder: Mutex::default() })
    }

    /// Reads one type.
    pub fn read(&self, entry: &Entry) -> Result<(Facts, Nodes), FormatError> {
        let mut slot = self.decoder.lock().unwrap_or_else(PoisonError::into_inner);
        let mut decoder = match slot.take() {
            Some(decoder) => decoder,
            None => {
                let mut decoder = FrameDecoder::new();
                decoder.add_dict(Dictionary::decode_dict(self.dictionary).map_err(|_| FormatError::Dictionary)?)?;
                decoder
            }
        };
        decoder.init(entry.frame)?;
        let size = usize::try_from(decoder.content_size()).map_err(|_| FormatError::Header)?;
        let mut text = Vec::with_capacity(size);
        decoder.decode_all_to_vec(entry.frame, &mut text)?;
        *slot = Some(decoder);
        drop(slot);
        let text = String::from_utf8(text).map_err(|_| FormatError::Header)?;
        let (facts, nodes) = text.split_once('\n').ok_or(FormatError::Header)?;
        Ok((serde_json::from_str(facts)?, Nodes::new(nodes)))
    }
}

fn length(bytes: [u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

/// What the file says about a type; places are JSON pointers without `/properties`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Facts {
    pub create_only: Vec<String>,
    pub conditional_create_only: Vec<String>,
    pub read_only: Vec<String>,
    pub write_only: Vec<String>,
    pub deprecated: Vec<String>,
    pub primary_identifier: Vec<String>,
    pub additional_identifiers: Vec<Vec<String>>,
    pub tagging: Option<TaggingFacts>,
    pub handlers: BTreeMap<String, HandlerFacts>,
    /// Place, kind and argument of what AWS does to a value before it keeps it.
    pub transforms: Vec<(String, TransformKind, String)>,
    pub delete_first: bool,
    pub sunset: String,
    /// Places that AWS names and the type does not have.
    pub unresolved: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaggingFacts {
    pub property: String,
    pub shape: String,
    pub updatable: bool,
}

/// What a handler needs and how long it may take; 0 minutes where AWS does not say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandlerFacts {
    pub permissions: Vec<String>,
    pub minutes: u64,
}

/// How AWS rewrites a value; the argument stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TransformKind {
    /// Upper or lower case.
    Caseless,
    /// A domain name: without case, and with or without the dot at its end.
    Domain,
    /// An IP protocol by number or name.
    Protocol,
    Prefix,
    Suffix,
    /// Only what follows the last separator.
    Tail,
    /// White space at the end is dropped.
    Trim,
}
