//! L1: AWS's resource types as data.
//!
//! The facts come from AWS's published schemas, reduced and compressed by `src/catalogue/data/build.py` and embedded in
//! the binary; what AWS does not publish stands in `overlay.yaml` beside them.
//!
//! - [`ResourceType`]: one type, with everything that is known about it
//! - `format`, `node`: the embedded file, and a place of a type as it stands there
//! - `field`, `check`, `same`: what a place takes, whether a value fits, whether two values mean the same
//! - `overlay`: the facts by hand
//! - [`stack_schema`]: the JSON Schema of a stack file, for editors

mod check;
mod field;
mod format;
mod node;
mod overlay;
mod resource_type;
mod same;
mod scalar;
mod stack_schema;

use std::{
    fmt,
    sync::{Arc, LazyLock, OnceLock},
};

pub use check::Problem;
pub use field::Field;
pub use overlay::{Guard, NameRule, Overlay};
pub use resource_type::{Handler, ResourceType, TagShape, Tagging};
pub use stack_schema::stack_schema;

use format::{File, FormatError};
use overlay::Overlays;

/// All resource types. Types are decoded one at a time, on first use.
pub struct Catalogue {
    file: File,
    overlays: Overlays,
    types: Vec<OnceLock<Option<Arc<ResourceType>>>>,
}

static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(|| match Catalogue::open() {
    Ok(catalogue) => catalogue,
    Err(error) => unreachable!("{error}; the tests read every type of this very file"),
});

impl Catalogue {
    /// The catalogue inside this binary.
    pub fn embedded() -> &'static Catalogue {
        &EMBEDDED
    }

    fn open() -> Result<Self, FormatError> {
        let file = File::embedded()?;
        let types = file.entries.iter().map(|_| OnceLock::new()).collect();
        Ok(Catalogue { file, overlays: Overlays::embedded(), types })
    }

    /// Where the facts come from, and of what day they are.
    pub fn source(&self) -> &str {
        self.file.source
    }

    /// Every type name, sorted.
    pub fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.file.entries.iter().map(|entry| entry.name))
    }

    /// The regions of which the catalogue knows what they offer, sorted.
    pub fn regions(&self) -> &[&str] {
        &self.file.regions
    }

    /// A type; decoded once, then shared.
    pub fn get(&self, name: &str) -> Option<Arc<ResourceType>> {
        let position = self.position(name)?;
        let read = || {
            let (facts, nodes) = self.file.read(&self.file.entries[position]).ok()?;
            Some(Arc::new(ResourceType::new(name, facts, nodes, self.overlays.get(name))))
        };
        self.types[position].get_or_init(read).clone()
    }

    /// The type name most like `name`, for "did you mean".
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let full = if name.starts_with("AWS::") { name.to_owned() } else { format!("AWS::{name}") };
        let noun = |name: &str| name.rsplit("::").next().unwrap_or(name).to_lowercase();
        let same_noun = |known: &&str| !name.contains("::") && noun(known) == name.to_lowercase();
        let exact = self.names().find(|known| known.eq_ignore_ascii_case(&full));
        exact.or_else(|| self.names().find(same_noun)).or_else(|| scalar::nearest(&full, self.names()))
    }

    /// Whether a type is offered in a region; `None` if the catalogue does not know the region.
    pub fn is_offered(&self, name: &str, region: &str) -> Option<bool> {
        let bit = self.file.regions.iter().position(|known| *known == region)?;
        let offered = self.position(name).map(|position| self.file.entries[position].regions);
        Some(offered.is_some_and(|regions| regions >> bit & 1 == 1))
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.file.entries.binary_search_by(|entry| entry.name.cmp(name)).ok()
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").field("source", &self.file.source).field("types", &self.types.len()).finish()
    }
}

#[cfg(test)]
mod tests;
