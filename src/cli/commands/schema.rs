//! `provision schema`: which resource types there are, and what properties they have.

use clap::Args;

use crate::{
    catalogue::{Catalogue, stack_schema},
    cli::{error::CommandError, exit::Exit, output::Output},
    report::schema,
};

/// Look up resource types and their properties
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision schema                         every type
  provision schema nat                     types with `nat` in their name
  provision schema AWS::EC2::NatGateway    its properties: type, required, what replaces, what AWS reports
  provision schema --json-schema --types AWS::EC2::VPC,AWS::EC2::Subnet > stack.schema.json
                                           for editors: the YAML extension of VS Code completes and checks with it")]
pub struct Arguments {
    /// A type, or a part of the names to list
    #[arg(value_name = "TYPE")]
    pub filter: Option<String>,

    /// Write the JSON Schema of a whole stack file
    #[arg(long, conflicts_with_all = ["filter", "json"])]
    pub json_schema: bool,

    /// Only these types in the JSON Schema
    #[arg(long, value_name = "TYPE", value_delimiter = ',', requires = "json_schema")]
    pub types: Vec<String>,

    /// Write JSON for programs
    #[arg(long)]
    pub json: bool,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// There is no such type.
    pub fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let catalogue = Catalogue::embedded();
        if self.json_schema {
            if let Some(unknown) = self.types.iter().find(|name| catalogue.get(name).is_none()) {
                return Err(no_type(catalogue, unknown));
            }
            output.json(&stack_schema(catalogue, &self.types))?;
            return Ok(Exit::Done);
        }
        let filter = self.filter.as_deref().unwrap_or_default();
        match catalogue.get(filter) {
            Some(resource) if self.json => output.json(&schema::json(&resource))?,
            Some(resource) => output.result(&schema::describe(&resource))?,
            None => list(catalogue, filter, self.json, output)?,
        }
        Ok(Exit::Done)
    }
}

fn list(catalogue: &Catalogue, filter: &str, as_json: bool, output: &Output) -> Result<(), CommandError> {
    let text = schema::list(catalogue, filter);
    if text.is_empty() {
        return Err(no_type(catalogue, filter));
    }
    if as_json { output.json(&text.lines().map(str::trim).collect()) } else { output.result(&text) }
}

fn no_type(catalogue: &Catalogue, name: &str) -> CommandError {
    let error = CommandError::input(format!("there is no type like `{name}`"));
    catalogue.nearest(name).into_iter().fold(error, |error, near| error.hint(format!("did you mean `{near}`?")))
}
