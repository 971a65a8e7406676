//! What an ARN of SNS says: `arn:aws:sns:eu-west-1:123456789012:alarms`, and for a subscription one part more.

use crate::{aws::Clients, base::Place, driver::Result};

/// Where the object is, on behalf of whoever works in `place`: a subscription may be to a topic of another region.
pub fn place_of(arn: &str, place: &Place) -> Place {
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty()).unwrap_or(&place.region);
    Place { region: region.to_owned(), role_arn: place.role_arn.clone() }
}

/// The name at the end of a topic's ARN.
pub fn name_of(topic: &str) -> Option<&str> {
    topic.split(':').nth(5)
}

/// The account whose topic it is.
pub fn account_of(topic: &str) -> Option<&str> {
    topic.split(':').nth(4)
}

/// The ARN of the topic with this name: the API finds none by name.
pub async fn of_topic(aws: &Clients, place: &Place, name: &str) -> Result<String> {
    let account = aws.identity(place).await?;
    let (partition, region) = (account.partition, &place.region);
    Ok(format!("arn:{partition}:sns:{region}:{}:{name}", account.account_id))
}
