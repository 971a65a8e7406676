//! The items of a file that can be evaluated one by one, numbered. A resource is several: how often it is there, each of its
//! properties, and the whole; so two resources may read each other's properties without being a circle.

use crate::stack::{
    declaration::Declarations,
    written::{Field, Key},
};

/// Something of a file that is evaluated in one go; numbers are positions in the lists of [`Declarations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// Where its resources go.
    Place,
    Tags,
    Variable(usize),
    Local(usize),
    /// How often a resource is there.
    Expansion(usize),
    /// One property of a resource.
    Property(usize, usize),
    /// A resource with everything it has.
    Resource(usize),
    Data(usize),
    /// How often a module is there.
    Call(usize),
    Output(usize),
    /// Everything.
    Whole,
}

/// The numbers of a file's items.
#[derive(Debug)]
pub struct Layout {
    pub items: Vec<Item>,
    variables: usize,
    locals: usize,
    data: usize,
    calls: usize,
    outputs: usize,
    /// Of each resource: the number of its expansion; its properties follow, then the resource itself.
    resources: Vec<usize>,
}

impl Layout {
    /// Numbers the items of a file.
    pub fn new(file: &Declarations) -> Layout {
        let mut items = vec![Item::Place, Item::Tags];
        let variables = items.len();
        items.extend((0..file.variables.len()).map(Item::Variable));
        let locals = items.len();
        items.extend((0..file.locals.len()).map(Item::Local));
        let data = items.len();
        items.extend((0..file.data.len()).map(Item::Data));
        let calls = items.len();
        items.extend((0..file.calls.len()).map(Item::Call));
        let outputs = items.len();
        items.extend((0..file.outputs.len()).map(Item::Output));
        let mut resources = Vec::with_capacity(file.resources.len());
        for (position, resource) in file.resources.iter().enumerate() {
            resources.push(items.len());
            items.push(Item::Expansion(position));
            items.extend((0..resource.properties.len()).map(|property| Item::Property(position, property)));
            items.push(Item::Resource(position));
        }
        items.push(Item::Whole);
        Layout { items, variables, locals, data, calls, outputs, resources }
    }

    /// The number of an item.
    pub fn number(&self, item: Item) -> usize {
        match item {
            Item::Place => 0,
            Item::Tags => 1,
            Item::Variable(position) => self.variables + position,
            Item::Local(position) => self.locals + position,
            Item::Data(position) => self.data + position,
            Item::Call(position) => self.calls + position,
            Item::Output(position) => self.outputs + position,
            Item::Expansion(resource) => self.resources.get(resource).copied().unwrap_or(0),
            Item::Property(resource, property) => self.number(Item::Expansion(resource)) + 1 + property,
            Item::Resource(resource) => match self.resources.get(resource + 1) {
                Some(next) => next - 1,
                None => self.items.len() - 2,
            },
            Item::Whole => self.items.len() - 1,
        }
    }
}

/// The position of a property that was written.
pub fn property(fields: &[Field], name: &str) -> Option<usize> {
    fields.iter().position(|field| matches!(&field.key, Key::Text(key) if key == name))
}

/// What messages call an item.
pub fn describe(file: &Declarations, item: Item) -> String {
    match item {
        Item::Place => "region".to_owned(),
        Item::Tags => "tags".to_owned(),
        Item::Variable(position) => format!("var.{}", file.variables[position].name.text),
        Item::Local(position) => format!("local.{}", file.locals[position].name.text),
        Item::Data(position) => format!("data.{}", file.data[position].name.text),
        Item::Call(position) => format!("module.{}", file.calls[position].name.text),
        Item::Output(position) => format!("outputs.{}", file.outputs[position].name.text),
        Item::Expansion(resource) | Item::Property(resource, _) | Item::Resource(resource) => {
            file.resources[resource].name.text.clone()
        }
        Item::Whole => "the module".to_owned(),
    }
}
