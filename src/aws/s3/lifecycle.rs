//! What becomes of objects as they grow old. CloudFormation writes the conditions of a rule and its end of life beside each
//! other, where S3 has a filter and an expiration around them.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{
        AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration,
        LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter, NoncurrentVersionExpiration,
        NoncurrentVersionTransition, Tag, Transition, TransitionDefaultMinimumObjectSize, TransitionStorageClass,
    },
};
use serde_json::Value as Json;

use super::{
    codes::{CODES, reported},
    setting::Setting,
};
use crate::{
    aws::{
        convert::{Changed, Finished, Observed, Part, Wanted, structures, words},
        faults::{OrFault, gone},
    },
    driver::Result,
};

/// The lifecycle rules of a bucket.
pub struct Lifecycle;

const PROPERTY: &str = "LifecycleConfiguration";

#[async_trait]
impl Setting for Lifecycle {
    fn properties(&self) -> &'static [&'static str] {
        &[PROPERTY]
    }

    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>> {
        let answer = s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await;
        let answer = reported(answer, "s3:GetBucketLifecycleConfiguration")?;
        Ok(answer.map(|answer| {
            let size = &answer.transition_default_minimum_object_size;
            Observed::new().with_part("Rules", &answer.rules).with_part(SIZE, size).into()
        }))
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        let Some(wanted) = change.want.inner(PROPERTY)? else {
            let request = s3.delete_bucket_lifecycle().bucket(change.id());
            return gone(request.send().await.or_fault("s3:DeleteBucketLifecycle", CODES)).map(|_| ());
        };
        let rules = BucketLifecycleConfiguration::builder().set_rules(wanted.part("Rules")?).build();
        let request = s3
            .put_bucket_lifecycle_configuration()
            .bucket(change.id())
            .lifecycle_configuration(rules.finished(&wanted)?)
            .set_transition_default_minimum_object_size(wanted.part(SIZE)?);
        request.send().await.or_fault("s3:PutBucketLifecycleConfiguration", CODES)?;
        Ok(())
    }
}

/// From which size on objects move to another class, where a rule does not say.
const SIZE: &str = "TransitionDefaultMinimumObjectSize";

words! { ExpirationStatus, TransitionDefaultMinimumObjectSize }

structures! {
    AbortIncompleteMultipartUpload { "DaysAfterInitiation": days_after_initiation set_days_after_initiation }
    NoncurrentVersionExpiration {
        "NewerNoncurrentVersions": newer_noncurrent_versions set_newer_noncurrent_versions,
        "NoncurrentDays": noncurrent_days set_noncurrent_days,
    }
    NoncurrentVersionTransition {
        "NewerNoncurrentVersions": newer_noncurrent_versions set_newer_noncurrent_versions,
        "StorageClass": storage_class set_storage_class,
        "TransitionInDays": noncurrent_days set_noncurrent_days,
    }
    Transition {
        "StorageClass": storage_class set_storage_class,
        "TransitionDate": date set_date,
        "TransitionInDays": days set_days,
    }
}

impl Part for TransitionStorageClass {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        match String::taken(value, around, name)?.as_str() {
            "Glacier" => Err(around.invalid("S3 does not know the storage class `Glacier` any more: write `GLACIER`")),
            class => Ok(class.into()),
        }
    }

    fn shown(&self) -> Json {
        Json::from(self.as_str())
    }
}

impl Part for LifecycleRule {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let rule = around.within(value, name)?;
        let builder = LifecycleRule::builder()
            .set_id(rule.part("Id")?)
            .set_status(rule.part("Status")?)
            .filter(filter(&rule)?)
            .set_expiration(expiration(&rule)?)
            .set_transitions(several(&rule, "Transitions", "Transition")?)
            .set_noncurrent_version_expiration(noncurrent_expiration(&rule)?)
            .set_noncurrent_version_transitions(several(
                &rule,
                "NoncurrentVersionTransitions",
                "NoncurrentVersionTransition",
            )?)
            .set_abort_incomplete_multipart_upload(rule.part("AbortIncompleteMultipartUpload")?);
        builder.build().finished(&rule)
    }

    fn shown(&self) -> Json {
        let expiration = self.expiration.as_ref();
        let conditions = Conditions::of(self);
        let sizes = |size: Option<i64>| size.map(|size| size.to_string());
        Observed::new()
            .with_part("Id", &self.id)
            .with_part("Status", &self.status)
            .with("Prefix", Some(conditions.prefix))
            .with("TagFilters", (!conditions.tags.is_empty()).then(|| conditions.tags.shown()))
            .with("ObjectSizeGreaterThan", sizes(conditions.greater))
            .with("ObjectSizeLessThan", sizes(conditions.less))
            .with_part("ExpirationDate", &expiration.and_then(|expiration| expiration.date))
            .with_part("ExpirationInDays", &expiration.and_then(|expiration| expiration.days))
            .with_part(
                "ExpiredObjectDeleteMarker",
                &expiration.and_then(|expiration| expiration.expired_object_delete_marker),
            )
            .with_part("Transitions", &self.transitions)
            .with_part("NoncurrentVersionExpiration", &self.noncurrent_version_expiration)
            .with_part("NoncurrentVersionTransitions", &self.noncurrent_version_transitions)
            .with_part("AbortIncompleteMultipartUpload", &self.abort_incomplete_multipart_upload)
            .into()
    }
}

/// A list, or the single item that CloudFormation also has a property for.
fn several<T: Part>(rule: &Wanted<'_>, list: &str, single: &str) -> Result<Option<Vec<T>>> {
    match rule.part(list)? {
        None => Ok(rule.part(single)?.map(|item| vec![item])),
        items => Ok(items),
    }
}

fn expiration(rule: &Wanted<'_>) -> Result<Option<LifecycleExpiration>> {
    let (date, days) = (rule.part("ExpirationDate")?, rule.part("ExpirationInDays")?);
    let marker = rule.part("ExpiredObjectDeleteMarker")?;
    if date.is_none() && days.is_none() && marker.is_none() {
        return Ok(None);
    }
    let builder = LifecycleExpiration::builder().set_date(date).set_days(days);
    Ok(Some(builder.set_expired_object_delete_marker(marker).build()))
}

/// `NoncurrentVersionExpirationInDays` is an older way to write it.
fn noncurrent_expiration(rule: &Wanted<'_>) -> Result<Option<NoncurrentVersionExpiration>> {
    match rule.part("NoncurrentVersionExpiration")? {
        None => Ok(rule
            .whole("NoncurrentVersionExpirationInDays")?
            .map(|days| NoncurrentVersionExpiration::builder().noncurrent_days(days).build())),
        expiration => Ok(expiration),
    }
}

/// Which objects a rule is for.
#[derive(Default)]
struct Conditions {
    prefix: String,
    tags: Vec<Tag>,
    greater: Option<i64>,
    less: Option<i64>,
}

impl Conditions {
    fn wanted(rule: &Wanted<'_>) -> Result<Self> {
        Ok(Conditions {
            prefix: rule.text("Prefix")?.unwrap_or_default(),
            tags: rule.part("TagFilters")?.unwrap_or_default(),
            greater: rule.long("ObjectSizeGreaterThan")?,
            less: rule.long("ObjectSizeLessThan")?,
        })
    }

    #[expect(deprecated, reason = "older tools have made rules that have their prefix there")]
    fn of(rule: &LifecycleRule) -> Self {
        let Some(filter) = &rule.filter else {
            return Conditions { prefix: rule.prefix.clone().unwrap_or_default(), ..Conditions::default() };
        };
        match &filter.and {
            Some(and) => Conditions {
                prefix: and.prefix.clone().unwrap_or_default(),
                tags: and.tags.clone().unwrap_or_default(),
                greater: and.object_size_greater_than,
                less: and.object_size_less_than,
            },
            None => Conditions {
                prefix: filter.prefix.clone().unwrap_or_default(),
                tags: filter.tag.clone().into_iter().collect(),
                greater: filter.object_size_greater_than,
                less: filter.object_size_less_than,
            },
        }
    }

    fn count(&self) -> usize {
        let sizes = [self.greater, self.less].into_iter().flatten().count();
        usize::from(!self.prefix.is_empty()) + self.tags.len() + sizes
    }
}

/// One condition stands by itself, several stand in an `And`, and none is the empty prefix.
fn filter(rule: &Wanted<'_>) -> Result<LifecycleRuleFilter> {
    let conditions = Conditions::wanted(rule)?;
    let count = conditions.count();
    let Conditions { prefix, mut tags, greater, less } = conditions;
    let filter = LifecycleRuleFilter::builder();
    let prefix = (!prefix.is_empty()).then_some(prefix);
    Ok(match count {
        0 => filter.prefix("").build(),
        1 => filter
            .set_prefix(prefix)
            .set_tag(tags.pop())
            .set_object_size_greater_than(greater)
            .set_object_size_less_than(less)
            .build(),
        _ => {
            let and = LifecycleRuleAndOperator::builder()
                .set_prefix(prefix)
                .set_tags((!tags.is_empty()).then_some(tags))
                .set_object_size_greater_than(greater)
                .set_object_size_less_than(less);
            filter.and(and.build()).build()
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Doc;

    fn rule(value: &Json) -> Result<LifecycleRule> {
        let document: Doc = json!({"Rule": value}).into();
        Ok(Wanted::new("T", &document).part::<LifecycleRule>("Rule")?.unwrap())
    }

    #[test]
    fn rules_are_shown_as_they_were_written() {
        for written in [
            json!({"Id": "a", "Status": "Enabled", "Prefix": "logs/", "ExpirationInDays": 30}),
            json!({
                "Id": "b", "Status": "Disabled", "Prefix": "", "TagFilters": [{"Key": "a", "Value": "b"}],
                "ExpirationDate": "2030-01-01T00:00:00Z",
                "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 10}],
            }),
            json!({
                "Id": "c", "Status": "Enabled", "Prefix": "x",
                "TagFilters": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}],
                "ObjectSizeGreaterThan": "500", "ObjectSizeLessThan": "9000000000", "ExpiredObjectDeleteMarker": true,
                "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2},
                "NoncurrentVersionTransitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 5}],
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
            }),
        ] {
            assert_eq!(rule(&written).unwrap().shown(), written);
        }
    }

    #[test]
    fn only_several_conditions_need_an_and() {
        let filter = |value: Json| rule(&value).unwrap().filter.unwrap();
        assert_eq!(filter(json!({"Status": "Enabled"})).prefix(), Some(""));
        let sized = filter(json!({"Status": "Enabled", "ObjectSizeLessThan": 100}));
        assert_eq!((sized.object_size_less_than(), sized.and()), (Some(100), None));
        let both = filter(json!({"Status": "Enabled", "ObjectSizeLessThan": 100, "Prefix": "a"}));
        assert_eq!((both.prefix(), both.and().and_then(|and| and.prefix())), (None, Some("a")));
    }

    #[test]
    fn older_ways_to_write_a_rule_mean_the_same() {
        let old = json!({
            "Status": "Enabled", "NoncurrentVersionExpirationInDays": 7,
            "Transition": {"StorageClass": "GLACIER", "TransitionInDays": 10},
            "NoncurrentVersionTransition": {"StorageClass": "GLACIER", "TransitionInDays": 5},
        });
        let new = json!({
            "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
            "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 10}],
            "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "TransitionInDays": 5}],
        });
        assert_eq!(rule(&old).unwrap(), rule(&new).unwrap());
        let transition = json!([{"StorageClass": "Glacier", "TransitionInDays": 1}]);
        let fault = rule(&json!({"Status": "Enabled", "Transitions": transition})).unwrap_err();
        assert!(fault.message.contains("write `GLACIER`"), "{fault}");
    }
}
