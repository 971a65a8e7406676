//! `provision schema`: which resource types there are, and what properties they have.

use clap::Args;

use crate::{
    catalogue::Catalogue,
    cli::{error::CommandError, exit::Exit, output::Output},
    report::schema,
};

/// Look up resource types and their properties
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision schema                            every type
  provision schema nat                        types with `nat` in their name
  provision schema AWS::EC2::NatGateway       its properties: type, required, what replaces, what AWS reports")]
pub struct Arguments {
    /// A type, or a part of the names to list
    #[arg(value_name = "TYPE")]
    pub filter: Option<String>,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// There is no such type.
    pub fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let catalogue = Catalogue::embedded();
        let text = match self.filter.as_deref().and_then(|name| catalogue.get(name)) {
            Some(resource) => schema::describe(&resource),
            None => schema::list(catalogue, self.filter.as_deref().unwrap_or_default()),
        };
        if let (true, Some(name)) = (text.is_empty(), &self.filter) {
            let error = CommandError::input(format!("there is no type like `{name}`"));
            return Err(catalogue
                .nearest(name)
                .into_iter()
                .fold(error, |error, near| error.hint(format!("did you mean `{near}`?"))));
        }
        output.result(&text)?;
        Ok(Exit::Done)
    }
}
