//! The table of drivers, and what the engine asks about an account: whose it is, which zones a region has, what a `data`
//! block means.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use serde_json::Value as Json;

use super::{
    AwsDriver, Clients, Entry,
    convert::same_document,
    faults::{OrFault, answered},
};
use crate::{
    base::{Doc, Identity, Lookup, Place},
    catalogue::Catalogue,
    driver::{Clock, Driver, Fault, FaultKind, Provider, Result},
};

/// AWS.
pub struct AwsProvider {
    clients: Clients,
    clock: Clock,
    drivers: BTreeMap<&'static str, Arc<dyn AwsDriver>>,
}

impl AwsProvider {
    /// AWS as `clients` reach it, with every driver that this binary has.
    pub fn new(clients: Clients) -> Self {
        let drivers = TABLES.iter().copied().flatten().map(|(name, driver)| (*name, driver(&clients))).collect();
        AwsProvider { clients, clock: Clock::real(), drivers }
    }

    /// The same, by another clock: emulators make everything ready at once.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        AwsProvider { clock, ..self }
    }

    /// The type's own driver, or else what Cloud Control can do for it.
    fn driver_of(&self, type_name: &str) -> Option<Arc<dyn AwsDriver>> {
        self.drivers.get(type_name).cloned().or_else(|| self.generic(type_name))
    }

    #[cfg(feature = "cloudcontrol")]
    fn generic(&self, type_name: &str) -> Option<Arc<dyn AwsDriver>> {
        super::cloud_control::driver(&self.clients, Catalogue::embedded().get(type_name)?)
    }

    #[cfg(not(feature = "cloudcontrol"))]
    fn generic(&self, _: &str) -> Option<Arc<dyn AwsDriver>> {
        None
    }

    /// The types that this binary has drivers for, sorted.
    pub fn type_names(&self) -> impl Iterator<Item = &'static str> {
        self.drivers.keys().copied()
    }
}

/// Every driver, service by service.
const TABLES: &[&[Entry]] = &[
    #[cfg(feature = "apigateway")]
    super::apigateway::DRIVERS,
    #[cfg(feature = "application-autoscaling")]
    super::application_autoscaling::DRIVERS,
    #[cfg(feature = "backup")]
    super::backup::DRIVERS,
    #[cfg(feature = "budgets")]
    super::budgets::DRIVERS,
    #[cfg(feature = "certificatemanager")]
    super::certificatemanager::DRIVERS,
    #[cfg(feature = "cloudfront")]
    super::cloudfront::DRIVERS,
    #[cfg(feature = "cloudtrail")]
    super::cloudtrail::DRIVERS,
    #[cfg(feature = "cloudwatch")]
    super::cloudwatch::DRIVERS,
    #[cfg(feature = "cognito")]
    super::cognito::DRIVERS,
    #[cfg(feature = "config")]
    super::config::DRIVERS,
    #[cfg(feature = "dynamodb")]
    super::dynamodb::DRIVERS,
    #[cfg(feature = "ec2")]
    super::ec2::DRIVERS,
    #[cfg(feature = "ecr")]
    super::ecr::DRIVERS,
    #[cfg(feature = "ecs")]
    super::ecs::DRIVERS,
    #[cfg(feature = "efs")]
    super::efs::DRIVERS,
    #[cfg(feature = "elasticache")]
    super::elasticache::DRIVERS,
    #[cfg(feature = "elasticloadbalancingv2")]
    super::elasticloadbalancingv2::DRIVERS,
    #[cfg(feature = "guardduty")]
    super::guardduty::DRIVERS,
    #[cfg(feature = "iam")]
    super::iam::DRIVERS,
    #[cfg(feature = "kinesis")]
    super::kinesis::DRIVERS,
    #[cfg(feature = "kms")]
    super::kms::DRIVERS,
    #[cfg(feature = "lambda")]
    super::lambda::DRIVERS,
    #[cfg(feature = "logs")]
    super::logs::DRIVERS,
    #[cfg(feature = "rds")]
    super::rds::DRIVERS,
    #[cfg(feature = "route53")]
    super::route53::DRIVERS,
    #[cfg(feature = "s3")]
    super::s3::DRIVERS,
    #[cfg(feature = "secretsmanager")]
    super::secretsmanager::DRIVERS,
    #[cfg(feature = "sns")]
    super::sns::DRIVERS,
    #[cfg(feature = "ssm")]
    super::ssm::DRIVERS,
    #[cfg(feature = "wafv2")]
    super::wafv2::DRIVERS,
];

#[async_trait]
impl Provider for AwsProvider {
    fn driver(&self, type_name: &str) -> Option<Arc<dyn Driver>> {
        self.driver_of(type_name).map(|driver| driver as Arc<dyn Driver>)
    }

    fn is_generic(&self, type_name: &str) -> bool {
        !self.drivers.contains_key(type_name)
    }

    async fn identity(&self, place: &Place) -> Result<Identity> {
        self.clients.identity(place).await
    }

    #[cfg(feature = "ec2")]
    async fn zones(&self, place: &Place) -> Result<Vec<String>> {
        use aws_sdk_ec2::types::{AvailabilityZone, AvailabilityZoneOptInStatus as OptIn, AvailabilityZoneState};
        let request = self.clients.ec2(place).await.describe_availability_zones();
        let answer = request.send().await.or_fault("ec2:DescribeAvailabilityZones", &[])?;
        let is_usable = |zone: &AvailabilityZone| {
            zone.state.as_ref().is_none_or(|state| *state == AvailabilityZoneState::Available)
                && zone.opt_in_status.as_ref().is_none_or(|status| *status != OptIn::NotOptedIn)
                && zone.zone_type.as_deref().is_none_or(|kind| kind == "availability-zone")
        };
        let zones = answer.availability_zones.unwrap_or_default().into_iter().filter(is_usable);
        let mut names: Vec<String> = zones.filter_map(|zone| zone.zone_name).collect();
        names.sort();
        Ok(names)
    }

    #[cfg(not(feature = "ec2"))]
    async fn zones(&self, _: &Place) -> Result<Vec<String>> {
        Err(Fault::new(
            FaultKind::Invalid,
            "ec2:DescribeAvailabilityZones",
            "this binary was built without the feature `ec2`",
        ))
    }

    async fn lookup(&self, place: &Place, type_name: &str, filter: &Doc) -> Result<Vec<Doc>> {
        let Some(driver) = self.driver_of(type_name) else {
            let message =
                format!("this binary has no driver for `{type_name}`, so nothing of that type can be looked up");
            return Err(Fault::new(FaultKind::Invalid, "lookup", message));
        };
        let mut found = driver.list(place).await?;
        found.retain(|document| {
            filter.0.iter().all(|(name, want)| document.get(name).is_some_and(|live| agrees(live, want)))
        });
        Ok(found)
    }

    async fn secret(&self, place: &Place, lookup: &Lookup) -> Result<String> {
        match lookup {
            Lookup::Secret { name, key } => self.secret_value(place, name, key.as_deref()).await,
            Lookup::Parameter { name } => self.parameter(place, name).await,
        }
    }

    fn clock(&self) -> Clock {
        self.clock
    }
}

impl AwsProvider {
    /// The current value of a secret, or one key of it. No fault shows anything of the value.
    #[cfg(feature = "secretsmanager")]
    async fn secret_value(&self, place: &Place, name: &str, key: Option<&str>) -> Result<String> {
        let operation = "secretsmanager:GetSecretValue";
        let request = self.clients.secretsmanager(place).await.get_secret_value().secret_id(name);
        let answer = request.send().await.or_fault(operation, &[]).map_err(|mut fault| {
            fault.message = format!("`{name}`: {}", fault.message);
            fault
        })?;
        let value = answer.secret_string.ok_or_else(|| {
            let message = format!("the secret `{name}` holds bytes; only a text can be used in a stack");
            Fault::new(FaultKind::Invalid, operation, message)
        })?;
        let Some(key) = key else { return Ok(value) };
        let Ok(Json::Object(values)) = serde_json::from_str::<Json>(&value) else {
            let message =
                format!("the secret `{name}` is no JSON object, so it has no key `{key}`; leave out `:{key}`");
            return Err(Fault::new(FaultKind::Invalid, operation, message));
        };
        match values.get(key) {
            Some(Json::String(text)) => Ok(text.clone()),
            Some(other) => Ok(other.to_string()),
            None => Err(Fault::new(FaultKind::NotFound, operation, format!("the secret `{name}` has no key `{key}`"))),
        }
    }

    #[cfg(not(feature = "secretsmanager"))]
    async fn secret_value(&self, _: &Place, _: &str, _: Option<&str>) -> Result<String> {
        Err(unbuilt("secretsmanager:GetSecretValue", "secretsmanager"))
    }

    /// The value of a parameter, decrypted if need be.
    #[cfg(feature = "ssm")]
    async fn parameter(&self, place: &Place, name: &str) -> Result<String> {
        let operation = "ssm:GetParameter";
        let request = self.clients.ssm(place).await.get_parameter().name(name).with_decryption(true);
        let answer = request.send().await.or_fault(operation, &[]).map_err(|mut fault| {
            if fault.kind == FaultKind::NotFound {
                fault.message = format!("there is no parameter `{name}` in {}", place.region);
            }
            fault
        })?;
        answered(answer.parameter.and_then(|parameter| parameter.value), operation)
    }

    #[cfg(not(feature = "ssm"))]
    async fn parameter(&self, _: &Place, _: &str) -> Result<String> {
        Err(unbuilt("ssm:GetParameter", "ssm"))
    }
}

#[cfg(not(all(feature = "secretsmanager", feature = "ssm")))]
fn unbuilt(operation: &str, feature: &str) -> Fault {
    let message = format!("this binary was built without the feature `{feature}`, which reading this value needs");
    Fault::new(FaultKind::Invalid, operation, message)
}

/// Whether a live value is what a filter asks for: equal, or for structures everything that the filter names. Tags may be
/// asked for as a map.
fn agrees(live: &Json, want: &Json) -> bool {
    match (live, want) {
        (Json::Object(live), Json::Object(want)) => {
            want.iter().all(|(name, want)| live.get(name).is_some_and(|live| agrees(live, want)))
        }
        (Json::Array(live), Json::Array(want)) => want.iter().all(|want| live.iter().any(|live| agrees(live, want))),
        (Json::Array(live), Json::Object(want)) => want.iter().all(|(key, value)| {
            live.iter().any(|tag| tag.get("Key").is_some_and(|k| k == key) && tag.get("Value") == Some(value))
        }),
        _ => same_document(live, want),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_names_a_part_of_what_it_means() {
        let live = json!([{"Key": "Name", "Value": "main"}, {"Key": "Team", "Value": "a"}]);
        assert!(agrees(&live, &json!([{"Key": "Name", "Value": "main"}])));
        assert!(agrees(&live, &json!({"Name": "main", "Team": "a"})));
        assert!(!agrees(&live, &json!({"Name": "other"})));
        assert!(agrees(&json!({"a": 1, "b": 2}), &json!({"b": 2})));
        assert!(!agrees(&json!(true), &json!(false)));
    }
}
