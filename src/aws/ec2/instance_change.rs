//! Changes of an instance that exists: what can be changed while it runs, what only while it is stopped, and what cannot.

use aws_sdk_ec2::{
    Client,
    primitives::Blob,
    types::{
        AttachmentStatus, AttributeBooleanValue, AttributeValue, EbsBlockDevice, EbsInstanceBlockDeviceSpecification,
        IamInstanceProfileAssociation, IamInstanceProfileAssociationState, Instance,
        InstanceBlockDeviceMappingSpecification, InstanceCreditSpecificationRequest, InstanceMetadataOptionsRequest,
        PrivateDnsNameOptionsRequest, SecureBlobAttributeValue,
    },
};
use aws_smithy_types::base64;

use super::{
    filters::filter,
    instance_device::{credits, devices, profile},
};
use crate::{
    aws::{
        convert::{Changed, Wanted},
        faults::{Codes, OrFault, early, there},
    },
    driver::{Fault, FaultKind, Result},
};

/// What EC2 only takes at launch.
pub const FIXED: &[&str] = &["AdditionalInfo", "PropagateTagsToVolumeOnCreation", "SsmAssociations"];

/// Which change needs the instance stopped, if any does. ModifyInstanceAttribute and ModifyInstancePlacement say so in the
/// API reference, and the EC2 User Guide of the type of the host name.
pub fn needs_stop(change: &Changed<'_>) -> Result<Option<&'static str>> {
    let hostname = |document: &Wanted<'_>| match document.inner("PrivateDnsNameOptions")? {
        Some(options) => options.text::<String>("HostnameType"),
        None => Ok(None),
    };
    let wanted = hostname(&change.want)?;
    if change.touches("PrivateDnsNameOptions") && wanted.is_some() && wanted != hostname(&change.before)? {
        return Ok(Some("HostnameType"));
    }
    let if_wanted = ["HostId", "InstanceType", "KernelId", "RamdiskId", "Tenancy"];
    let if_wanted = if_wanted.into_iter().find(|name| change.touches(name) && change.want.raw(name).is_some());
    Ok(if_wanted.or_else(|| ["EbsOptimized", "UserData"].into_iter().find(|name| change.touches(name))))
}

/// Refuses what no call can change, before anything is stopped for it.
pub fn refuse(change: &Changed<'_>) -> Result<()> {
    change.refuse(FIXED)?;
    changed_devices(change).map(|_| ())
}

/// Sends everything that a change says, each thing by its own call; EC2 takes one attribute at a time.
pub async fn apply(ec2: &Client, change: &Changed<'_>, instance: &Instance) -> Result<()> {
    attributes(ec2, change).await?;
    flags(ec2, change).await?;
    settings(ec2, change).await?;
    options(ec2, change).await?;
    change_devices(ec2, change).await?;
    change_profile(ec2, change).await?;
    attach_volumes(ec2, change, instance).await
}

/// The attributes that are texts.
async fn attributes(ec2: &Client, change: &Changed<'_>) -> Result<()> {
    let text = |name: &str| -> Result<Option<AttributeValue>> {
        Ok(change.part::<String>(name)?.map(|text| AttributeValue::builder().value(text).build()))
    };
    let attribute = || ec2.modify_instance_attribute().instance_id(change.id());
    let mut requests = Vec::new();
    requests.extend(text("InstanceType")?.map(|value| attribute().instance_type(value)));
    requests.extend(text("KernelId")?.map(|value| attribute().kernel(value)));
    requests.extend(text("RamdiskId")?.map(|value| attribute().ramdisk(value)));
    if let Some(behaviour) = change.part_or("InstanceInitiatedShutdownBehavior", "stop".to_owned())? {
        let value = AttributeValue::builder().value(behaviour).build();
        requests.push(attribute().instance_initiated_shutdown_behavior(value));
    }
    if let Some(data) = change.part_or("UserData", String::new())? {
        let data = base64::decode(data).map_err(|_| change.want.invalid("property `UserData` must be in base64"))?;
        let data = SecureBlobAttributeValue::builder().value(Blob::new(data)).build();
        requests.push(attribute().user_data(data));
    }
    if change.touches("SecurityGroupIds")
        && let Some(groups) = change.want.texts("SecurityGroupIds")?.filter(|groups| !groups.is_empty())
    {
        requests.push(attribute().set_groups(Some(groups)));
    }
    for request in requests {
        request.send().await.or_fault(MODIFY, CODES)?;
    }
    Ok(())
}

/// The attributes that are true or false.
async fn flags(ec2: &Client, change: &Changed<'_>) -> Result<()> {
    let flag = |name: &str, default: bool| -> Result<Option<AttributeBooleanValue>> {
        Ok(change.flag(name, default)?.map(|is_on| AttributeBooleanValue::builder().value(is_on).build()))
    };
    let attribute = || ec2.modify_instance_attribute().instance_id(change.id());
    let requests = [
        flag("DisableApiTermination", false)?.map(|value| attribute().disable_api_termination(value)),
        flag("EbsOptimized", false)?.map(|value| attribute().ebs_optimized(value)),
        flag("SourceDestCheck", true)?.map(|value| attribute().source_dest_check(value)),
    ];
    for request in requests.into_iter().flatten() {
        request.send().await.or_fault(MODIFY, CODES)?;
    }
    Ok(())
}

/// What has calls of its own: monitoring, credits, and where the instance stands.
async fn settings(ec2: &Client, change: &Changed<'_>) -> Result<()> {
    match change.flag("Monitoring", false)? {
        None => {}
        Some(true) => {
            let request = ec2.monitor_instances().instance_ids(change.id());
            request.send().await.or_fault("ec2:MonitorInstances", CODES)?;
        }
        Some(false) => {
            let request = ec2.unmonitor_instances().instance_ids(change.id());
            request.send().await.or_fault("ec2:UnmonitorInstances", CODES)?;
        }
    }
    if change.touches("CreditSpecification")
        && let Some(word) = credits(&change.want)?
    {
        let credits = InstanceCreditSpecificationRequest::builder().instance_id(change.id()).cpu_credits(word).build();
        let request = ec2.modify_instance_credit_specification().instance_credit_specifications(credits);
        let answer = request.send().await.or_fault(CREDITS, CODES)?;
        let refused = answer.unsuccessful_instance_credit_specifications().iter().find_map(|item| item.error());
        if let Some(error) = refused {
            return Err(Fault::new(FaultKind::Invalid, CREDITS, error.message().unwrap_or("refused without a reason")));
        }
    }
    if ["Affinity", "HostId", "Tenancy"].iter().any(|name| change.touches(name)) {
        let request = ec2
            .modify_instance_placement()
            .instance_id(change.id())
            .set_affinity(change.want.text("Affinity")?)
            .set_host_id(change.want.text("HostId")?)
            .set_tenancy(change.want.text("Tenancy")?);
        request.send().await.or_fault("ec2:ModifyInstancePlacement", CODES)?;
    }
    Ok(())
}

/// The options of the metadata service and of the host name; what a document does not say of them stays.
async fn options(ec2: &Client, change: &Changed<'_>) -> Result<()> {
    if let Some(options) = change.part::<InstanceMetadataOptionsRequest>("MetadataOptions")? {
        let request = ec2
            .modify_instance_metadata_options()
            .instance_id(change.id())
            .set_http_endpoint(options.http_endpoint)
            .set_http_protocol_ipv6(options.http_protocol_ipv6)
            .set_http_put_response_hop_limit(options.http_put_response_hop_limit)
            .set_http_tokens(options.http_tokens)
            .set_instance_metadata_tags(options.instance_metadata_tags);
        request.send().await.or_fault("ec2:ModifyInstanceMetadataOptions", CODES)?;
    }
    if let Some(options) = change.part::<PrivateDnsNameOptionsRequest>("PrivateDnsNameOptions")? {
        let request = ec2
            .modify_private_dns_name_options()
            .instance_id(change.id())
            .set_enable_resource_name_dns_a_record(options.enable_resource_name_dns_a_record)
            .set_enable_resource_name_dns_aaaa_record(options.enable_resource_name_dns_aaaa_record)
            .set_private_dns_hostname_type(options.hostname_type);
        request.send().await.or_fault("ec2:ModifyPrivateDnsNameOptions", CODES)?;
    }
    Ok(())
}

/// The devices whose fate at termination changes. Nothing else of them can: the volumes are objects of their own.
fn changed_devices(change: &Changed<'_>) -> Result<Vec<(String, bool)>> {
    if !change.touches("BlockDeviceMappings") {
        return Ok(Vec::new());
    }
    let before = devices(&change.before)?.unwrap_or_default();
    let mut changed = Vec::new();
    for device in devices(&change.want)?.unwrap_or_default() {
        // Without a volume there is nothing to change: it is a device of the host, or one that shall not be.
        let Some(ebs) = device.ebs else { continue };
        let former = before.iter().find(|former| former.device_name == device.device_name);
        let former = former.and_then(|former| former.ebs.as_ref()).filter(|former| is_kept(&ebs, former));
        let Some(former) = former else {
            return Err(change.want.invalid(format!(
                "of `BlockDeviceMappings`, only `DeleteOnTermination` can be changed on an existing instance, and `{}` \
                 differs in more; to have another instance made, give the resource a new name in the stack, or \
                 `lifecycle.replace_when`",
                device.device_name.unwrap_or_default()
            )));
        };
        let flag = ebs.delete_on_termination.filter(|flag| Some(*flag) != former.delete_on_termination);
        changed.extend(device.device_name.zip(flag));
    }
    Ok(changed)
}

/// Whether a volume is as wanted, so far as that is said. A key may be wanted by its id and known by its ARN.
fn is_kept(want: &EbsBlockDevice, now: &EbsBlockDevice) -> bool {
    fn agrees<T: PartialEq>(want: &Option<T>, now: &Option<T>) -> bool {
        want.is_none() || want == now
    }
    let same_key = match (want.kms_key_id(), now.kms_key_id()) {
        (Some(want), Some(now)) => now.ends_with(want) || want.ends_with(now) || want.contains("alias/"),
        (want, _) => want.is_none(),
    };
    same_key
        && agrees(&want.encrypted, &now.encrypted)
        && agrees(&want.iops, &now.iops)
        && agrees(&want.snapshot_id, &now.snapshot_id)
        && agrees(&want.volume_size, &now.volume_size)
        && agrees(&want.volume_type, &now.volume_type)
}

async fn change_devices(ec2: &Client, change: &Changed<'_>) -> Result<()> {
    let devices = changed_devices(change)?.into_iter().map(|(name, flag)| {
        let ebs = EbsInstanceBlockDeviceSpecification::builder().delete_on_termination(flag).build();
        InstanceBlockDeviceMappingSpecification::builder().device_name(name).ebs(ebs).build()
    });
    let devices: Vec<_> = devices.collect();
    if !devices.is_empty() {
        let request = ec2.modify_instance_attribute().instance_id(change.id()).set_block_device_mappings(Some(devices));
        request.send().await.or_fault(MODIFY, CODES)?;
    }
    Ok(())
}

/// Gives the instance another profile, or takes its profile away.
async fn change_profile(ec2: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches("IamInstanceProfile") {
        return Ok(());
    }
    let operation = "ec2:DescribeIamInstanceProfileAssociations";
    let request = ec2.describe_iam_instance_profile_associations();
    let request = request.set_filters(Some(filter("instance-id", [change.id()])));
    let associations = there(request.send().await.or_fault(operation, CODES))?;
    let associations = associations.and_then(|answer| answer.iam_instance_profile_associations).unwrap_or_default();
    let stands = |association: &&IamInstanceProfileAssociation| {
        use IamInstanceProfileAssociationState::{Associated, Associating};
        matches!(association.state(), Some(Associated | Associating))
    };
    let present = associations.iter().find(stands).and_then(|association| association.association_id());
    match (profile(&change.want)?, present) {
        (None, None) => {}
        (None, Some(id)) => {
            let request = ec2.disassociate_iam_instance_profile().association_id(id);
            request.send().await.or_fault("ec2:DisassociateIamInstanceProfile", CODES)?;
        }
        (Some(profile), None) => {
            let request = ec2.associate_iam_instance_profile().instance_id(change.id()).iam_instance_profile(profile);
            early(request.send().await.or_fault("ec2:AssociateIamInstanceProfile", CODES), EARLY)?;
        }
        (Some(profile), Some(id)) => {
            let request = ec2.replace_iam_instance_profile_association().association_id(id);
            let sent = request.iam_instance_profile(profile).send().await;
            early(sent.or_fault("ec2:ReplaceIamInstanceProfileAssociation", CODES), EARLY)?;
        }
    }
    Ok(())
}

/// Attaches the volumes that are wanted. A volume that is in the way of another is detached; one that is only not wanted any
/// more stays, because nobody can tell it from those that the instance was launched with.
async fn attach_volumes(ec2: &Client, change: &Changed<'_>, instance: &Instance) -> Result<()> {
    if !change.touches("Volumes") {
        return Ok(());
    }
    for volume in change.want.items("Volumes")? {
        let (name, id) = (volume.text::<String>("Device")?, volume.text::<String>("VolumeId")?);
        let here = instance.block_device_mappings().iter().find(|device| device.device_name == name);
        match here.and_then(|device| device.ebs()) {
            Some(present) if present.volume_id == id => {}
            Some(present) => {
                if present.status() != Some(&AttachmentStatus::Detaching) {
                    let request = ec2.detach_volume().instance_id(change.id()).set_volume_id(present.volume_id.clone());
                    request.send().await.or_fault("ec2:DetachVolume", CODES)?;
                }
                let message = format!("`{}` is being detached", present.volume_id().unwrap_or_default());
                return Err(Fault::new(FaultKind::NotReady, "ec2:DetachVolume", message));
            }
            None => {
                let request = ec2.attach_volume().instance_id(change.id()).set_device(name).set_volume_id(id);
                request.send().await.or_fault("ec2:AttachVolume", CODES)?;
            }
        }
    }
    Ok(())
}

const MODIFY: &str = "ec2:ModifyInstanceAttribute";
const CREDITS: &str = "ec2:ModifyInstanceCreditSpecification";

/// How EC2 refuses a profile that it does not see yet.
pub const EARLY: &[&str] = &["Invalid IAM Instance Profile"];

/// The codes of all calls about instances.
pub const CODES: Codes = &[
    ("IncorrectInstanceState", FaultKind::NotReady),
    ("InsufficientHostCapacity", FaultKind::Quota),
    ("InsufficientInstanceCapacity", FaultKind::Quota),
    ("Unsupported", FaultKind::Invalid),
    ("VolumeInUse", FaultKind::InUse),
];
