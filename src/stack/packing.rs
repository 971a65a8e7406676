//! A folder or file below the folder of the stack as an archive: what `zip(…)` gives. Links are followed as far as they stay
//! inside; what is packed is what they lead to.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::{
    files::{Folder, reason},
    words::shown,
};
use crate::base::archive::{self, Entry};

/// Largest archive in bytes, and most bytes in its files: what Lambda takes in a request, and what it unpacks.
const MOST_PACKED: usize = 50 << 20;
const MOST_UNPACKED: u64 = 250 << 20;
/// Most files and folders: the format without extensions counts to 65,535.
const MOST_ENTRIES: usize = 65_534;
/// What tools leave behind, each time with another content, and nothing that runs needs.
const LEFT_OUT: &[&str] = &[".DS_Store", ".git", "__pycache__"];

/// Packs what there is at a path from `base` (a canonical folder inside `folder`): a folder with all that is in it; a file
/// that is an archive already, as it is; any other file as an archive of that file. The result is in Base64.
///
/// # Errors
/// Why it cannot be had, as a phrase.
pub fn pack(folder: &Folder, base: &Path, path: &str) -> Result<String, String> {
    let quoted = shown(path);
    let found = folder.find(base, path)?;
    let mut packing = Packing { folder, entries: Vec::new(), unpacked: 0, seen: 0, around: Vec::new() };
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let top = if found.is_dir() { String::new() } else { name.to_owned() };
    packing.add(&found, &top, &quoted)?;
    let bytes = match packing.entries.as_slice() {
        [] => return Err(format!("`{quoted}` has no file in it")),
        [only] if !found.is_dir() && archive::is_archive(&only.content) => {
            archive::check(&only.content).map_err(|why| format!("`{quoted}` {why}"))?;
            packing.entries.swap_remove(0).content
        }
        [_] if !found.is_dir() && name.ends_with(".zip") => return Err(format!("`{quoted}` is not a ZIP archive")),
        entries => archive::pack(entries).map_err(|why| format!("`{quoted}` {why}"))?,
    };
    if bytes.len() > MOST_PACKED {
        let (size, most) = (bytes.len().div_ceil(1 << 20), MOST_PACKED >> 20);
        return Err(format!(
            "`{quoted}` makes an archive of {size} MiB, and Lambda takes {most} MiB in a request; larger code goes by S3 \
             (`S3Bucket`, `S3Key`) or as an image"
        ));
    }
    Ok(archive::to_text(&bytes))
}

struct Packing<'a> {
    folder: &'a Folder,
    entries: Vec<Entry>,
    /// Bytes in the files so far.
    unpacked: u64,
    /// Files and folders so far.
    seen: usize,
    /// The folders around, canonical.
    around: Vec<PathBuf>,
}

impl Packing<'_> {
    /// Adds what there is at `found` (canonical) under its `name` in the archive. `quoted` is what messages call it.
    fn add(&mut self, found: &Path, name: &str, quoted: &str) -> Result<(), String> {
        self.seen += 1;
        if self.seen > MOST_ENTRIES {
            return Err(format!("`{quoted}` is one file too many: an archive has {MOST_ENTRIES} at most"));
        }
        let about = fs::metadata(found).map_err(|error| reason(quoted, &error))?;
        if about.is_dir() {
            return self.add_folder(found, name, quoted);
        }
        if !about.is_file() {
            return Err(format!("`{quoted}` is neither a file nor a folder"));
        }
        if name.contains(['\\', ':']) {
            return Err(format!("`{quoted}` cannot be packed: an archive has no names with `\\` or `:`"));
        }
        self.unpacked = self.unpacked.saturating_add(about.len());
        if self.unpacked > MOST_UNPACKED {
            let most = MOST_UNPACKED >> 20;
            return Err(format!("with `{quoted}` it is more than the {most} MiB that Lambda unpacks"));
        }
        let content = fs::read(found).map_err(|error| reason(quoted, &error))?;
        let is_executable = about.permissions().mode() & 0o111 != 0;
        self.entries.push(Entry { name: name.to_owned(), is_executable, content });
        Ok(())
    }

    fn add_folder(&mut self, found: &Path, name: &str, quoted: &str) -> Result<(), String> {
        if self.around.iter().any(|around| around == found) {
            return Err(format!("`{quoted}` leads back into a folder that it lies in"));
        }
        self.around.push(found.to_owned());
        for item in names(found, quoted)? {
            let quoted = format!("{}/{}", quoted.trim_end_matches('/'), shown(&item));
            let inside = self.folder.canonical(&found.join(&item), &quoted)?;
            let name = if name.is_empty() { item } else { format!("{name}/{item}") };
            self.add(&inside, &name, &quoted)?;
        }
        self.around.pop();
        Ok(())
    }
}

/// The names of what is in a folder and belongs into an archive, in order.
fn names(folder: &Path, quoted: &str) -> Result<BTreeSet<String>, String> {
    let mut names = BTreeSet::new();
    for item in fs::read_dir(folder).map_err(|error| reason(quoted, &error))? {
        let name = item.map_err(|error| reason(quoted, &error))?.file_name().into_string();
        let name = name.map_err(|name| format!("`{quoted}` has a file whose name is not text: {name:?}"))?;
        if !LEFT_OUT.contains(&name.as_str()) {
            names.insert(name);
        }
    }
    Ok(names)
}
