//! Certificate Manager. `validation` is how a certificate's domains are proven.

mod certificate;
mod validation;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(certificate::TYPE, certificate::driver)];
