//! What is scaled: one dimension of one resource of one service. All calls name it in these three parts.

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};

use crate::{aws::convert::Wanted, driver::Result};

/// One dimension of one resource of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaled {
    pub namespace: ServiceNamespace,
    pub resource: String,
    pub dimension: ScalableDimension,
}

impl Scaled {
    /// As the properties say, in three parts or by the id of the scalable target.
    pub fn wanted(properties: &Wanted<'_>) -> Result<Scaled> {
        if let Some(id) = properties.text::<String>("ScalingTargetId")? {
            let wrong =
                || properties.invalid(format!("`ScalingTargetId` is `{id}`; it must be the `Id` of a scalable target"));
            return Scaled::from_id(&id).ok_or_else(wrong);
        }
        let part = |name| {
            let missing = || properties.invalid(format!("`{name}` is missing; say what is to be scaled"));
            properties.text::<String>(name)?.ok_or_else(missing)
        };
        Ok(Scaled {
            namespace: part("ServiceNamespace")?.as_str().into(),
            resource: part("ResourceId")?,
            dimension: part("ScalableDimension")?.as_str().into(),
        })
    }

    /// From `ResourceId|ScalableDimension|ServiceNamespace`, the id of a scalable target.
    pub fn from_id(id: &str) -> Option<Scaled> {
        let (rest, namespace) = id.rsplit_once('|')?;
        let (resource, dimension) = rest.rsplit_once('|')?;
        Some(Scaled { namespace: namespace.into(), resource: resource.to_owned(), dimension: dimension.into() })
    }

    /// The id of the scalable target.
    pub fn id(&self) -> String {
        format!("{}|{}|{}", self.resource, self.dimension.as_str(), self.namespace.as_str())
    }
}
