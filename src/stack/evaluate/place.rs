//! Where things go: the stack's region, the named regions, and the `region` of resources, data and modules.

use super::{Evaluation, Standpoint, waits_for_facts_only};
use crate::{
    base::{Diagnostic, Place, Value},
    stack::{
        words::{shown, suggestion},
        written::Written,
    },
};

/// A type that every region has.
const EVERYWHERE: &str = "AWS::EC2::VPC";

impl Evaluation<'_> {
    /// Finds out where an instance stands and what its named regions are.
    pub(super) fn place(&mut self, instance: usize) {
        let file = self.file(instance);
        if let Some(written) = &file.region {
            let here = self.standpoint(instance);
            if let Some(region) = self.region_name(&here, written) {
                self.instances[instance].place.region = region;
            }
        }
        let here = self.standpoint(instance);
        for (name, alias) in &file.regions {
            let Some(region) = self.region_name(&here, &alias.region) else { continue };
            let role_arn = match &alias.role_arn {
                Some(written) => match self.known_text(&here, written, "`role_arn`") {
                    Some(role) => role,
                    None => continue,
                },
                None => None,
            };
            self.instances[instance].regions.insert(name.clone(), Place { region, role_arn });
        }
    }

    fn region_name(&self, here: &Standpoint, written: &Written) -> Option<String> {
        let region = self.known_text(here, written, "`region`")?.unwrap_or_default();
        let parts: Vec<&str> = region.split('-').collect();
        let is_right = parts.len() >= 3
            && parts[0].len() == 2
            && parts.last().is_some_and(|last| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
            && parts[..parts.len() - 1]
                .iter()
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
        if !is_right {
            let problem = Diagnostic::error("bad-region", format!("`{}` is not the name of a region", shown(&region)));
            self.problem(problem.at(written.span, "").help("regions look like `eu-central-1`"));
            return None;
        }
        if !self.is_region(&region) {
            let problem =
                Diagnostic::warning("unknown-region", format!("the catalogue does not know the region `{region}`"));
            self.problem(
                problem.at(written.span, "").help("is the name right? If it is new, types are not checked against it"),
            );
        }
        Some(region)
    }

    /// Whether AWS has such a region, as far as the catalogue knows.
    fn is_region(&self, name: &str) -> bool {
        self.catalogue.is_none_or(|catalogue| catalogue.is_offered(EVERYWHERE, name).is_some())
    }

    /// A text that has to be known by now; `Some(None)` if it is null.
    pub(super) fn known_text(&self, here: &Standpoint, written: &Written, what: &str) -> Option<Option<String>> {
        match self.value(here, written).revealed() {
            Value::String(text) => Some(Some(text.clone())),
            Value::Null => Some(None),
            value if value.is_known() => {
                self.problem(Diagnostic::error("wrong-form", format!("{what} has to be a text")).at(written.span, ""));
                None
            }
            value => {
                if !waits_for_facts_only(value) {
                    let problem =
                        Diagnostic::error("not-known-yet", format!("{what} is not known before something is made"));
                    self.problem(problem.at(written.span, "").help("use variables and locals"));
                }
                None
            }
        }
    }

    /// Where something goes that may name a region.
    pub(super) fn place_of(&self, at: &Standpoint, region: Option<&Written>) -> Option<Place> {
        let own = &self.instances[at.instance];
        let Some(written) = region else { return Some(own.place.clone()) };
        let Some(name) = self.known_text(at, written, "`region`")? else { return Some(own.place.clone()) };
        if let Some(place) = own.regions.get(&name) {
            return Some(place.clone());
        }
        if name == own.place.region {
            return Some(own.place.clone());
        }
        if self.is_region(&name) {
            return Some(Place { region: name, role_arn: None });
        }
        // A named region that could not be read has been reported.
        if !self.file(at.instance).regions.contains_key(&name) {
            let problem = Diagnostic::error("unknown-region", format!("there is no region `{}`", shown(&name)))
                .at(written.span, "");
            self.problem(match suggestion(&name, own.regions.keys().map(String::as_str)) {
                Some(text) => problem.help(text),
                None => problem.help("name it under `regions`, or write AWS's name of it: `eu-central-1`"),
            });
        }
        None
    }
}
