//! Reading files below the folder of the stack, and nothing outside it: module sources and `file(…)` name paths, and a stack
//! that somebody else wrote must not be able to read what it likes.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use super::{words::shown, yaml};

/// The folder of the stack: everything that is read lies in it.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Canonical.
    root: PathBuf,
}

impl Folder {
    /// The folder that a stack file stands in.
    ///
    /// # Errors
    /// The folder cannot be found.
    pub fn of(stack: &Path) -> io::Result<Folder> {
        let parent = stack.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Folder { root: fs::canonicalize(parent)? })
    }

    /// The folder itself, canonical.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Reads a file by its path from `base` (a canonical folder inside this one): its canonical path, and its text.
    ///
    /// # Errors
    /// Why it cannot be had, as a phrase.
    pub fn read(&self, base: &Path, path: &str) -> Result<(PathBuf, String), String> {
        let found = self.find(base, path)?;
        let text = read_text(&found).map_err(|why| format!("`{}` {why}", shown(path)))?;
        Ok((found, text))
    }

    /// What a path from `base` (a canonical folder inside this one) leads to: a canonical path.
    ///
    /// # Errors
    /// Why there is nothing, or nothing that may be read, as a phrase.
    pub fn find(&self, base: &Path, path: &str) -> Result<PathBuf, String> {
        let quoted = shown(path);
        if path.is_empty() || path.contains('\0') {
            return Err(format!("`{quoted}` is not the path of a file"));
        }
        let relative = Path::new(path);
        if relative.is_absolute()
            || relative.components().any(|part| matches!(part, Component::Prefix(_) | Component::RootDir))
        {
            return Err(format!(
                "`{quoted}` is absolute; files are named by their path from the folder of the file that names them"
            ));
        }
        if leaves(&self.root, base, relative) {
            return Err(format!("`{quoted}` leaves the folder of the stack"));
        }
        self.canonical(&base.join(relative), &quoted)
    }

    /// Where a path leads, links followed; messages call it `quoted`.
    ///
    /// # Errors
    /// Why there is nothing, or nothing that may be read, as a phrase.
    pub fn canonical(&self, path: &Path, quoted: &str) -> Result<PathBuf, String> {
        let found = fs::canonicalize(path).map_err(|error| reason(quoted, &error))?;
        if !found.starts_with(&self.root) {
            return Err(format!("`{quoted}` leads out of the folder of the stack through a link"));
        }
        Ok(found)
    }
}

/// Whether following `relative` from `base` steps out of `root` at any point, links not looked at.
fn leaves(root: &Path, base: &Path, relative: &Path) -> bool {
    let mut depth = base.strip_prefix(root).map_or(0, |inside| inside.components().count());
    for part in relative.components() {
        match part {
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    false
}

/// Why a file system refuses something, as a phrase with the path in it.
pub fn reason(path: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file `{path}`"),
        io::ErrorKind::PermissionDenied => format!("`{path}` may not be read"),
        _ => format!("`{path}` cannot be read: {error}"),
    }
}

/// The text of an ordinary file of bearable size; a device or pipe would never end.
///
/// # Errors
/// Why not, as a phrase to follow the name.
pub fn read_text(path: &Path) -> Result<String, String> {
    let about = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "may not be read".to_owned(),
        _ => format!("cannot be read: {error}"),
    })?;
    if !about.is_file() {
        return Err("is not a file".to_owned());
    }
    if about.len() > yaml::MAX_BYTES as u64 {
        return Err(format!("is larger than {} MiB", yaml::MAX_BYTES >> 20));
    }
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "is not text in UTF-8".to_owned())
}
