//! What an instance must remember because EC2 does not, in tags that are never shown: how some of its properties were
//! written, and that it is to be started again.
//!
//! EC2 reports the image that a parameter named at launch, the version of the launch template that `$Latest` meant, and
//! no public address while an instance is stopped. All three would look like a change that needs another instance.

use aws_sdk_ec2::types::{Instance, Tag};
use serde_json::Value as Json;

use crate::{aws::convert::Wanted, driver::Result};

const IMAGE: &str = "provision:image";
const TEMPLATE: &str = "provision:launch-template";
const PUBLIC_ADDRESS: &str = "provision:public-address";
/// That the instance was stopped only to be changed.
pub const RESTART: &str = "provision:restart";

/// The longest value that a tag may have.
const MOST: usize = 256;

/// The tags that remember how a document was written.
pub fn tags(want: &Wanted<'_>) -> Result<Vec<Tag>> {
    let image = want.text::<String>("ImageId")?.filter(|image| image.starts_with("resolve:"));
    let template = want.raw("LaunchTemplate").map(Json::to_string);
    let interfaces = want.items("NetworkInterfaces")?;
    let addresses = interfaces.iter().map(|interface| interface.flag("AssociatePublicIpAddress"));
    let address = addresses.collect::<Result<Vec<_>>>()?.into_iter().flatten().next().map(|flag| flag.to_string());
    let tags = [(IMAGE, image), (TEMPLATE, template), (PUBLIC_ADDRESS, address)];
    let tags = tags.into_iter().filter_map(|(key, value)| Some((key, value.filter(|text| text.len() <= MOST)?)));
    Ok(tags.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect())
}

/// The image as it was written.
pub fn image(instance: &Instance) -> Option<&str> {
    tag(instance, IMAGE).or(instance.image_id())
}

/// The launch template as it was written, else as EC2 notes it.
pub fn template(instance: &Instance) -> Option<Json> {
    let written = tag(instance, TEMPLATE).and_then(|text| serde_json::from_str(text).ok());
    written.or_else(|| {
        let (id, version) =
            (tag(instance, "aws:ec2launchtemplate:id")?, tag(instance, "aws:ec2launchtemplate:version"));
        Some(serde_json::json!({"LaunchTemplateId": id, "Version": version}))
    })
}

/// Whether the first interface was to have a public address.
pub fn public_address(instance: &Instance) -> Option<bool> {
    tag(instance, PUBLIC_ADDRESS).and_then(|text| text.parse().ok())
}

/// Whether the instance was stopped only to be changed.
pub fn is_to_restart(instance: &Instance) -> bool {
    tag(instance, RESTART).is_some()
}

fn tag<'a>(instance: &'a Instance, key: &str) -> Option<&'a str> {
    instance.tags().iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value)
}
