//! Reads a stack file and every module file that it uses, each once.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    declaration::Declarations,
    files::{self, Folder},
    parse,
    words::shown,
    yaml,
};
use crate::base::{Diagnostic, Diagnostics, Sources, Span};

/// Deepest nesting of modules.
const MAX_DEPTH: usize = 32;

/// All files of a stack.
#[derive(Debug)]
pub struct Loaded {
    /// The stack file is the first.
    pub files: Vec<Declarations>,
    pub folder: Folder,
    /// SHA-256 over the name and text of every file, in the order in which they were read.
    pub hash: Sha256,
}

struct Loader<'a> {
    folder: Folder,
    /// The folder as people write it.
    shown_folder: PathBuf,
    sources: &'a mut Sources,
    problems: &'a mut Diagnostics,
    files: Vec<Option<Declarations>>,
    by_path: BTreeMap<PathBuf, usize>,
    /// The files around the one that is being read, outermost first.
    around: Vec<PathBuf>,
    hash: Sha256,
}

/// Reads everything; `None` if there is nothing that could be looked at further.
pub fn load(path: &Path, sources: &mut Sources, problems: &mut Diagnostics) -> Option<Loaded> {
    let unreadable = |why: &str| {
        Diagnostic::error("unreadable-file", format!("the stack file `{}` {why}", shown(&path.display().to_string())))
    };
    let text = match files::read_text(path) {
        Ok(text) => text,
        Err(why) => {
            problems.push(unreadable(&why));
            return None;
        }
    };
    let (Ok(folder), Ok(canonical)) = (Folder::of(path), std::fs::canonicalize(path)) else {
        problems.push(unreadable("cannot be found"));
        return None;
    };
    let shown_folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let mut loader = Loader {
        folder,
        shown_folder,
        sources,
        problems,
        files: Vec::new(),
        by_path: BTreeMap::new(),
        around: Vec::new(),
        hash: Sha256::new(),
    };
    loader.read(canonical, &path.display().to_string(), &text, false)?;
    let Loader { files, folder, hash, .. } = loader;
    let files: Option<Vec<Declarations>> = files.into_iter().collect();
    Some(Loaded { files: files?, folder, hash })
}

impl Loader<'_> {
    /// Reads a file and what it calls; its position.
    fn read(&mut self, path: PathBuf, name: &str, text: &str, is_module: bool) -> Option<usize> {
        let file = self.sources.add(name, text);
        for part in [name.as_bytes(), text.as_bytes()] {
            self.hash.update((part.len() as u64).to_le_bytes());
            self.hash.update(part);
        }
        let position = self.files.len();
        self.files.push(None);
        self.by_path.insert(path.clone(), position);
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let before = self.problems.0.len();
        let Some(node) = yaml::read(text, file, self.problems) else {
            if self.problems.0.len() == before {
                let place = Span { file, start: 0, end: 0 };
                self.problems.push(Diagnostic::error("empty-file", "the file is empty").at(place, ""));
            }
            return None;
        };
        let mut found = parse::declarations(&node, parse::Source { folder, is_module }, self.problems)?;
        self.around.push(path);
        for call in &mut found.calls {
            call.file = self.call(&found.folder, &call.source.text, call.source.span);
        }
        self.around.pop();
        self.files[position] = Some(found);
        Some(position)
    }

    fn call(&mut self, base: &Path, source: &str, span: Span) -> Option<usize> {
        if source.contains("://") || source.contains("::") || source.starts_with("git@") {
            let problem = Diagnostic::error("bad-source", format!("`{}` is not a file", shown(source))).at(span, "");
            self.problems.push(problem.help("modules are files below the folder of the stack: copy the module there"));
            return None;
        }
        let (path, text) = match self.folder.read(base, source) {
            Ok(found) => found,
            Err(why) => {
                self.problems.push(Diagnostic::error("bad-source", why).at(span, ""));
                return None;
            }
        };
        let name = |path: &Path| {
            let inside = path.strip_prefix(self.folder.root()).unwrap_or(path);
            self.shown_folder.join(inside).display().to_string()
        };
        if let Some(start) = self.around.iter().position(|around| *around == path) {
            let mut chain: Vec<String> = self.around[start..].iter().map(|path| name(path)).collect();
            chain.push(name(&path));
            let message = format!("the module contains itself: {}", chain.join(" → "));
            self.problems.push(Diagnostic::error("module-recursion", message).at(span, "this closes the circle"));
            return None;
        }
        if self.around.len() >= MAX_DEPTH {
            let message = format!("modules are nested more than {MAX_DEPTH} deep");
            self.problems.push(Diagnostic::error("too-deep", message).at(span, ""));
            return None;
        }
        match self.by_path.get(&path) {
            Some(position) => Some(*position),
            None => {
                let name = name(&path);
                self.read(path, &name, &text, true)
            }
        }
    }
}
