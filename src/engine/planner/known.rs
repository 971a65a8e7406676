//! What is known of attributes while planning: those of objects that exist and stay.

use serde_json::Value as Json;

use super::world::World;
use crate::{
    base::{Address, Path, Value, secret},
    stack::expr::Known,
};

/// The attributes of all objects that this plan does not make anew.
pub(super) struct Attributes<'a> {
    world: &'a World<'a>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(world: &'a World<'a>) -> Self {
        Attributes { world }
    }
}

impl Known for Attributes<'_> {
    fn attribute(&self, address: &Address, path: &Path) -> Option<Value> {
        let object = match self.world.decisions.get(address) {
            Some(decision) if decision.is_new => return None,
            Some(decision) => &decision.object,
            None => self.world.current.get(address)?,
        };
        if let Some(Some(doc)) = self.world.live(object) {
            let (first, rest) = (path.property()?, Path(path.0.get(1..)?.to_vec()));
            if let Some(value) = doc.get(first).and_then(|value| rest.get(value)) {
                return Some(value.clone().into());
            }
        }
        let object = self.world.objects.get(object)?;
        [&object.observed, &object.inputs].into_iter().find_map(|document| usable(path.get(document)?))
    }
}

/// A stored value that stands for itself: nothing in it is sealed.
fn usable(value: &Json) -> Option<Value> {
    (*value == secret::without_sealed(value) && !secret::is_sealed(value)).then(|| value.clone().into())
}
