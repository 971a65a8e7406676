//! A region has one recorder and one delivery channel, and the recorder runs only while both are there. Whichever is
//! made last starts it, and the channel has to stop it before it can go.

use aws_sdk_config::{Client, types::ConfigurationRecorder};

use super::{
    codes::CODES,
    tags::{tag, tags_of},
};
use crate::{
    aws::faults::{OrFault, there},
    driver::{Call, Fault, Result, TAG_STACK},
};

/// What Config calls a recorder and a channel that are given no name.
pub const DEFAULT_NAME: &str = "default";

/// Tag of a recorder that is not to be started when its channel comes: nothing else keeps `StartedOnCreate`.
pub const TAG_START: &str = "provision:start";

/// The recorders of a region that are not an AWS service's own: one, if any.
pub async fn recorders(config: &Client) -> Result<Vec<ConfigurationRecorder>> {
    let found = config.describe_configuration_recorders().send().await;
    let found = there(found.or_fault("config:DescribeConfigurationRecorders", CODES))?;
    let mut found = found.and_then(|answer| answer.configuration_recorders).unwrap_or_default();
    found.retain(|recorder| recorder.service_principal().is_none_or(str::is_empty));
    Ok(found)
}

/// Starts a recorder; one that runs already just goes on.
pub async fn start(config: &Client, name: &str) -> Result<()> {
    let request = config.start_configuration_recorder().configuration_recorder_name(name);
    request.send().await.or_fault("config:StartConfigurationRecorder", CODES)?;
    Ok(())
}

/// Stops a recorder; it is no fault if there is none.
pub async fn stop(config: &Client, name: &str) -> Result<()> {
    let request = config.stop_configuration_recorder().configuration_recorder_name(name);
    there(request.send().await.or_fault("config:StopConfigurationRecorder", CODES))?;
    Ok(())
}

/// Starts the recorder that has been waiting for a channel, unless it is not to be started.
pub async fn start_waiting(config: &Client) -> Result<()> {
    for recorder in recorders(config).await? {
        let tags = tags_of(config, recorder.arn()).await?;
        if tag(&tags, TAG_START) != Some("false") {
            start(config, recorder.name().unwrap_or_default()).await?;
        }
    }
    Ok(())
}

/// Stops the recorder for whose sake Config has refused to delete a channel. If it is another stack's, the refusal
/// stands.
pub async fn stop_before_delete(config: &Client, call: &Call, mut refusal: Fault) -> Result<()> {
    for recorder in recorders(config).await? {
        let name = recorder.name().unwrap_or_default();
        let tags = tags_of(config, recorder.arn()).await?;
        match tag(&tags, TAG_STACK) {
            Some(stack) if stack != call.owner.stack => {
                refusal.blockers.push(format!("configuration recorder {name} of {stack}"));
                return Err(refusal);
            }
            _ => stop(config, name).await?,
        }
    }
    Ok(())
}
