//! Who is told of what happens in a bucket. CloudFormation writes one event per destination, where S3 has a list.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput,
    types::{
        Event, EventBridgeConfiguration, FilterRule, FilterRuleName, LambdaFunctionConfiguration,
        NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
        TopicConfiguration,
    },
};
use serde_json::{Value as Json, json};

use super::{
    codes::{CODES, reported},
    setting::Setting,
};
use crate::{
    aws::{
        convert::{Changed, Finished, Observed, Part, Wanted, structures, words},
        faults::{OrFault, early},
    },
    driver::Result,
};

/// The notifications of a bucket.
pub struct Notification;

const PROPERTY: &str = "NotificationConfiguration";

/// S3 tries each destination at once, and a permission that was just given takes a while to arrive.
const TOO_EARLY: &[&str] = &["Unable to validate the following destination configurations"];

#[async_trait]
impl Setting for Notification {
    fn properties(&self) -> &'static [&'static str] {
        &[PROPERTY]
    }

    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>> {
        let answer = s3.get_bucket_notification_configuration().bucket(bucket).send().await;
        let answer = reported(answer, "s3:GetBucketNotificationConfiguration")?;
        Ok(answer.map(|answer| observed(&answer).into()))
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        let wanted = change.want.inner(PROPERTY)?;
        let configuration = wanted.map(|wanted| configuration(&wanted)).transpose()?;
        let request = s3
            .put_bucket_notification_configuration()
            .bucket(change.id())
            .notification_configuration(configuration.unwrap_or_else(|| NotificationConfiguration::builder().build()));
        early(request.send().await.or_fault("s3:PutBucketNotificationConfiguration", CODES), TOO_EARLY)?;
        Ok(())
    }
}

fn configuration(wanted: &Wanted<'_>) -> Result<NotificationConfiguration> {
    let bridge = wanted.inner("EventBridgeConfiguration")?;
    let is_bridged = bridge.map(|bridge| bridge.flag("EventBridgeEnabled")).transpose()?;
    let is_bridged = is_bridged.is_some_and(|is_bridged| is_bridged.unwrap_or(true));
    let configuration = NotificationConfiguration::builder()
        .set_lambda_function_configurations(wanted.part("LambdaConfigurations")?)
        .set_queue_configurations(wanted.part("QueueConfigurations")?)
        .set_topic_configurations(wanted.part("TopicConfigurations")?)
        .set_event_bridge_configuration(is_bridged.then(|| EventBridgeConfiguration::builder().build()));
    Ok(configuration.build())
}

/// S3 says nothing of the event bridge where it is off, and so it is said here.
fn observed(answer: &GetBucketNotificationConfigurationOutput) -> Observed {
    Observed::new()
        .with("LambdaConfigurations", flat(&answer.lambda_function_configurations))
        .with("QueueConfigurations", flat(&answer.queue_configurations))
        .with("TopicConfigurations", flat(&answer.topic_configurations))
        .with(
            "EventBridgeConfiguration",
            Some(json!({"EventBridgeEnabled": answer.event_bridge_configuration.is_some()})),
        )
}

/// Each destination once for each of its events.
fn flat<T: Part>(configurations: &Option<Vec<T>>) -> Option<Vec<Json>> {
    let shown = configurations.as_ref()?.iter().map(Part::shown);
    let all: Vec<Json> = shown
        .flat_map(|shown| match shown {
            Json::Array(items) => items,
            other => vec![other],
        })
        .collect();
    (!all.is_empty()).then_some(all)
}

/// Declares destinations: what CloudFormation calls them, the SDK's field, and its setter. One is shown as a list with an
/// item for each event.
macro_rules! destinations {
    ($($configuration:ident { $name:literal: $field:ident $setter:ident })*) => {$(
        impl Part for $configuration {
            fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
                let inner = around.within(value, name)?;
                let builder = $configuration::builder()
                    .set_events(inner.part("Event")?.map(|event| vec![event]))
                    .set_filter(inner.part("Filter")?)
                    .$setter(inner.part($name)?);
                builder.build().finished(&inner)
            }

            fn shown(&self) -> Json {
                let one = |event: &Event| -> Json {
                    Observed::new()
                        .with_part("Event", event)
                        .with_part("Filter", &self.filter)
                        .with_part($name, &self.$field)
                        .into()
                };
                self.events.iter().map(one).collect()
            }
        }
    )*};
}

destinations! {
    LambdaFunctionConfiguration { "Function": lambda_function_arn set_lambda_function_arn }
    QueueConfiguration { "Queue": queue_arn set_queue_arn }
    TopicConfiguration { "Topic": topic_arn set_topic_arn }
}

words! { Event }

structures! {
    NotificationConfigurationFilter { "S3Key": key set_key }
    S3KeyFilter { "Rules": filter_rules set_filter_rules }
    FilterRule { "Name": name set_name, "Value": value set_value }
}

/// S3 takes `prefix` and reports `Prefix`.
impl Part for FilterRuleName {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        Ok(FilterRuleName::from(String::taken(value, around, name)?.to_lowercase().as_str()))
    }

    fn shown(&self) -> Json {
        Json::from(self.as_str().to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Doc;

    #[test]
    fn notifications_are_shown_as_they_were_written() {
        let filter = json!({"S3Key": {"Rules": [{"Name": "prefix", "Value": "a"}, {"Name": "suffix", "Value": ".b"}]}});
        let written = json!({
            "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Filter": filter, "Function": "f"}],
            "QueueConfigurations": [{"Event": "s3:ObjectRemoved:*", "Queue": "q"}],
            "TopicConfigurations": [
                {"Event": "s3:ObjectCreated:Put", "Topic": "t"}, {"Event": "s3:ObjectRemoved:Delete", "Topic": "t"},
            ],
            "EventBridgeConfiguration": {"EventBridgeEnabled": true},
        });
        let document: Doc = written.clone().into();
        let sent = configuration(&Wanted::new("T", &document)).unwrap();
        let answer = GetBucketNotificationConfigurationOutput::builder()
            .set_lambda_function_configurations(sent.lambda_function_configurations)
            .set_queue_configurations(sent.queue_configurations)
            .set_topic_configurations(sent.topic_configurations)
            .set_event_bridge_configuration(sent.event_bridge_configuration);
        assert_eq!(Json::from(observed(&answer.build())), written);
    }

    #[test]
    fn several_events_of_one_destination_are_several_items() {
        let topic = TopicConfiguration::builder().topic_arn("t").events("a".into()).events("b".into());
        let filter = FilterRule::builder().name(FilterRuleName::from("Prefix")).value("x").build();
        let shown = flat(&Some(vec![topic.build().unwrap()])).unwrap();
        assert_eq!(shown, [json!({"Event": "a", "Topic": "t"}), json!({"Event": "b", "Topic": "t"})]);
        assert_eq!(filter.shown(), json!({"Name": "prefix", "Value": "x"}));
    }
}
