//! A topic's attributes: texts by name, of which some are properties and some make up the logging of deliveries.

use std::collections::BTreeMap;

use crate::{
    aws::convert::{Changed, Observed, Wanted},
    driver::Result,
};

/// Properties that are attributes, and what each returns to when a stack no longer says anything about it.
const PLAIN: &[(&str, &str)] = &[
    ("ArchivePolicy", "{}"),
    ("ContentBasedDeduplication", "false"),
    ("DisplayName", ""),
    ("FifoThroughputScope", "Topic"),
    ("KmsMasterKeyId", ""),
    ("MaximumMessageSize", "262144"),
    ("SignatureVersion", "1"),
    ("TracingConfig", "PassThrough"),
];

/// The property that is made up of three attributes for each protocol.
const LOGGING: &str = "DeliveryStatusLogging";

/// Protocols, as the property and as the names of the attributes spell them.
const PROTOCOLS: &[(&str, &str)] = &[
    ("application", "Application"),
    ("firehose", "Firehose"),
    ("http/s", "HTTP"),
    ("lambda", "Lambda"),
    ("sqs", "SQS"),
];

/// The parts of the logging, and what each returns to.
const PARTS: &[(&str, &str)] =
    &[("FailureFeedbackRoleArn", ""), ("SuccessFeedbackRoleArn", ""), ("SuccessFeedbackSampleRate", "0")];

/// All that are wanted, for the create call. That a topic is no FIFO topic must not be said.
pub fn wanted(want: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    let mut attributes = logging(want)?;
    for (name, _) in PLAIN {
        attributes.extend(plain(want, name)?.map(|value| ((*name).to_owned(), value)));
    }
    if want.flag("FifoTopic")? == Some(true) {
        attributes.insert("FifoTopic".to_owned(), "true".to_owned());
    }
    Ok(attributes)
}

/// Those that a change gives another value.
pub fn changed(change: &Changed<'_>) -> Result<BTreeMap<String, String>> {
    let mut attributes = BTreeMap::new();
    for (name, default) in PLAIN.iter().filter(|(name, _)| change.touches(name)) {
        let value = plain(&change.want, name)?.unwrap_or_else(|| (*default).to_owned());
        attributes.insert((*name).to_owned(), value);
    }
    if change.touches(LOGGING) {
        let (want, before) = (logging(&change.want)?, logging(&change.before)?);
        let default = |name: &str| PARTS.iter().find(|(part, _)| name.ends_with(part)).map_or("", |(_, value)| value);
        let gone = before.keys().filter(|name| !want.contains_key(*name));
        attributes.extend(gone.map(|name| (name.clone(), default(name).to_owned())));
        attributes.extend(want.into_iter().filter(|(name, value)| before.get(name) != Some(value)));
    }
    Ok(attributes)
}

fn plain(want: &Wanted<'_>, name: &str) -> Result<Option<String>> {
    if name == "ArchivePolicy" { want.document(name) } else { want.text(name) }
}

fn logging(want: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    let mut attributes = BTreeMap::new();
    for item in want.items(LOGGING)? {
        let protocol = item.text::<String>("Protocol")?.unwrap_or_default();
        let Some((_, prefix)) = PROTOCOLS.iter().find(|(name, _)| *name == protocol) else {
            let known: Vec<&str> = PROTOCOLS.iter().map(|(name, _)| *name).collect();
            let known = known.join("`, `");
            return Err(want.invalid(format!("`{LOGGING}` knows no protocol `{protocol}`; use one of `{known}`")));
        };
        for (part, _) in PARTS {
            attributes.extend(item.text::<String>(part)?.map(|value| (format!("{prefix}{part}"), value)));
        }
    }
    Ok(attributes)
}

/// The properties, as the API reports the attributes: those that have their default are mostly left out.
pub fn observed(attributes: &BTreeMap<String, String>) -> Observed {
    let text = |name: &str| attributes.get(name).map(String::as_str);
    let or = |name: &str, default| text(name).or(Some(default));
    let flag = |name: &str| Some(text(name) == Some("true"));
    let is_fifo = text("FifoTopic") == Some("true");
    let logging = PROTOCOLS.iter().filter_map(|(protocol, prefix)| {
        let part = |(part, _): &(&'static str, _)| {
            let value = text(&format!("{prefix}{part}")).filter(|value| !value.is_empty());
            value.map(|value| (*part, value))
        };
        let parts: Vec<_> = PARTS.iter().filter_map(part).collect();
        let is_on = parts.iter().any(|(part, _)| part.ends_with("RoleArn"));
        let entry = Observed::new().with("Protocol", Some(*protocol));
        is_on.then(|| parts.into_iter().fold(entry, |entry, (part, value)| entry.with(part, Some(value))))
    });
    Observed::new()
        .with_document("ArchivePolicy", text("ArchivePolicy").filter(|policy| !matches!(*policy, "" | "{}")))
        .with("ContentBasedDeduplication", flag("ContentBasedDeduplication"))
        .with("DisplayName", text("DisplayName"))
        .with("FifoThroughputScope", if is_fifo { or("FifoThroughputScope", "Topic") } else { None })
        .with("FifoTopic", Some(is_fifo))
        .with("KmsMasterKeyId", text("KmsMasterKeyId").filter(|key| !key.is_empty()))
        .with("MaximumMessageSize", or("MaximumMessageSize", "262144").and_then(|size| size.parse::<i64>().ok()))
        .with("SignatureVersion", or("SignatureVersion", "1"))
        .with("TracingConfig", or("TracingConfig", "PassThrough"))
        .with_list(LOGGING, logging)
}
