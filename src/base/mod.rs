//! L0: the words every other layer speaks. No I/O, no async, no clock, no randomness.

pub mod address;
pub mod archive;
pub mod cloud;
pub mod diagnostics;
pub mod diff;
pub mod doc;
pub mod part;
pub mod path;
pub mod secret;
pub mod value;

pub use address::{Address, AddressError, Key, ObjectId, Segment as AddressSegment};
pub use cloud::{Identity, PhysicalId, Place, Token};
pub use diagnostics::{Diagnostic, Diagnostics, FileId, Label, Severity, Sources, Span};
pub use doc::Doc;
pub use part::Part;
pub use path::{Path, Segment};
pub use value::{Lookup, Unknown, Value};
