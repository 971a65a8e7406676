//! AWS::Config::ConfigurationRecorder
//! API: PutConfigurationRecorder, StartConfigurationRecorder, DescribeConfigurationRecorders (and ListTagsForResource
//! for whose it is), StopConfigurationRecorder, DeleteConfigurationRecorder.  Identity: Name.  Found by: that name,
//! verified by the owner tags; a put takes a recorder of the same name over.
//!
//! As CloudFormation documents it, a recorder is started as soon as there is a delivery channel (here, or by the
//! channel if that comes later) and is stopped before it is deleted. `StartedOnCreate: false` prevents the start. In
//! between it may be stopped and started by hand: no property says whether it runs.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_config::{
    Client,
    types::{
        ConfigurationRecorder, ExclusionByResourceTypes, RecordingFrequency, RecordingGroup, RecordingMode,
        RecordingModeOverride, RecordingStrategy, RecordingStrategyType, ResourceType, Tag,
    },
};

use super::{
    codes::{CODES, NO_CHANNEL},
    recorders::{DEFAULT_NAME, TAG_START, recorders, start, stop},
    tags::{are_ours, tags, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Part, Wanted, all_tags, identities, in_order, made, only_id, structures, visible, words},
        faults::{Codes, OrFault, gone, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Config::ConfigurationRecorder";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RecorderDriver { aws: aws.clone() })
}

struct RecorderDriver {
    aws: Clients,
}

impl RecorderDriver {
    /// The recorder that has the wanted name, and whether the intent of `call` has made it.
    async fn named(&self, call: &Call, want: &Doc) -> Result<Option<(ConfigurationRecorder, bool)>> {
        let config = self.aws.config(&call.place).await;
        let name = want.text("Name").unwrap_or(DEFAULT_NAME);
        let found = recorders(&config).await?.into_iter().find(|recorder| recorder.name() == Some(name));
        let Some(recorder) = found else { return Ok(None) };
        let tags = tags_of(&config, recorder.arn()).await?;
        Ok(Some((recorder, are_ours(&tags, call))))
    }
}

#[async_trait]
impl Driver for RecorderDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let config = self.aws.config(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let is_started = properties.flag("StartedOnCreate")?.unwrap_or(true);
        let mut owned = all_tags(call, &properties)?;
        if !is_started {
            owned.insert(TAG_START.to_owned(), "false".to_owned());
        }
        let recorder = wanted(&properties, want)?;
        let made = made(TYPE, observed(&recorder));
        put(&config, recorder, Some(tags(owned))).await?;
        let started = if is_started { start(&config, &made.id.0).await } else { Ok(()) };
        match started {
            Err(fault) if fault.code.as_deref() != Some(NO_CHANNEL) => Err(half_made(&made)(fault)),
            _ => self.poll(call, &made).await.map_err(half_made(&made)),
        }
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = recorders(&self.aws.config(&call.place).await).await?;
        let found = found.iter().find(|recorder| recorder.name() == Some(&so_far.id.0));
        Ok(visible(TYPE, so_far, found.map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = recorders(&self.aws.config(&call.place).await).await?;
        Ok(in_order(TYPE, ids, found.iter().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let config = self.aws.config(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let mut recorder = wanted(&changed.want, &change.want)?;
        if changed.touches("RecordingMode") && recorder.recording_mode.is_none() {
            let continuous = RecordingMode::builder().recording_frequency(RecordingFrequency::Continuous);
            recorder.recording_mode = continuous.build().ok();
        }
        put(&config, recorder, None).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let config = self.aws.config(&call.place).await;
        stop(&config, &id.0).await?;
        let request = config.delete_configuration_recorder().configuration_recorder_name(&id.0);
        gone(request.send().await.or_fault("config:DeleteConfigurationRecorder", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let named = self.named(call, want).await?;
        Ok(identities(TYPE, named.iter().filter(|(_, is_ours)| *is_ours).map(|(recorder, _)| observed(recorder))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let named = self.named(call, want).await?;
        let theirs = named.iter().filter(|(_, is_ours)| !is_ours).map(|(recorder, _)| observed(recorder));
        Ok(identities(TYPE, theirs).pop())
    }
}

#[async_trait]
impl AwsDriver for RecorderDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(recorders(&self.aws.config(place).await).await?.iter().map(observed).collect())
    }
}

fn wanted(properties: &Wanted<'_>, want: &Doc) -> Result<ConfigurationRecorder> {
    let mut recorder = ConfigurationRecorder::taken(&want.clone().into_json(), properties, TYPE)?;
    recorder.name.get_or_insert_with(|| DEFAULT_NAME.to_owned());
    Ok(recorder)
}

/// Makes a recorder or changes it; tags count only when it is made.
async fn put(config: &Client, recorder: ConfigurationRecorder, tags: Option<Vec<Tag>>) -> Result<()> {
    let request = config.put_configuration_recorder().configuration_recorder(recorder).set_tags(tags);
    request.send().await.or_fault("config:PutConfigurationRecorder", FAULTS)?;
    Ok(())
}

words! { RecordingFrequency, RecordingStrategyType, ResourceType }

structures! {
    ConfigurationRecorder {
        "Name": name set_name,
        "ResourceARN": arn set_arn,
        "RoleARN": role_arn set_role_arn,
        "RecordingGroup": recording_group set_recording_group,
        "RecordingMode": recording_mode set_recording_mode,
    }
    RecordingGroup {
        "AllSupported": all_supported set_all_supported,
        "IncludeGlobalResourceTypes": include_global_resource_types set_include_global_resource_types,
        "ResourceTypes": resource_types set_resource_types,
        "ExclusionByResourceTypes": exclusion_by_resource_types set_exclusion_by_resource_types,
        "RecordingStrategy": recording_strategy set_recording_strategy,
    }
    ExclusionByResourceTypes { "ResourceTypes": resource_types set_resource_types }
    RecordingStrategy { "UseOnly": use_only set_use_only }
    RecordingMode {
        "RecordingFrequency": recording_frequency set_recording_frequency,
        "RecordingModeOverrides": recording_mode_overrides set_recording_mode_overrides,
    }
    RecordingModeOverride {
        "Description": description set_description,
        "RecordingFrequency": recording_frequency set_recording_frequency,
        "ResourceTypes": resource_types set_resource_types,
    }
}

/// Config fills in empty lists of what is not recorded, which nobody writes.
fn observed(recorder: &ConfigurationRecorder) -> Doc {
    let mut recorder = recorder.clone();
    if let Some(group) = &mut recorder.recording_group {
        group.resource_types.take_if(|types| types.is_empty());
        group.exclusion_by_resource_types.take_if(|excluded| excluded.resource_types().is_empty());
    }
    if let Some(mode) = &mut recorder.recording_mode {
        mode.recording_mode_overrides.take_if(|overrides| overrides.is_empty());
    }
    recorder.shown().into()
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
