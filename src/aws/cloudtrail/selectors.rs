//! Which events a trail records: what CloudFormation and CloudTrail call the parts of it, and the calls of their own that
//! set and report them.

use aws_sdk_cloudtrail::{
    Client,
    types::{
        AdvancedEventSelector, AdvancedFieldSelector, AggregationConfiguration, DataResource, EventCategoryAggregation,
        EventSelector, InsightSelector, InsightType, ReadWriteType, SourceEventCategory, Template,
    },
};

use crate::{
    aws::{
        convert::{Changed, Observed, structures, words},
        faults::{Codes, OrFault, there},
    },
    driver::{FaultKind, Result},
};

const SIMPLE: &str = "EventSelectors";
const ADVANCED: &str = "AdvancedEventSelectors";
const INSIGHTS: &str = "InsightSelectors";
const AGGREGATIONS: &str = "AggregationConfigurations";

/// The properties that CreateTrail does not take.
pub const PROPERTIES: &[&str] = &[ADVANCED, AGGREGATIONS, SIMPLE, INSIGHTS];

/// Sets what a change says. Event selectors of one kind take the place of those of the other, and what is taken away goes
/// back to what a new trail has.
pub async fn change(cloudtrail: &Client, change: &Changed<'_>) -> Result<()> {
    if change.touches(SIMPLE) || change.touches(ADVANCED) {
        let advanced = change.want.part::<Vec<AdvancedEventSelector>>(ADVANCED)?.filter(|list| !list.is_empty());
        let simple = change.want.part::<Vec<EventSelector>>(SIMPLE)?.filter(|list| !list.is_empty());
        let all = || vec![EventSelector::builder().read_write_type(ReadWriteType::All).build()];
        let simple = if advanced.is_some() { simple } else { Some(simple.unwrap_or_else(all)) };
        let request = cloudtrail
            .put_event_selectors()
            .trail_name(change.id())
            .set_event_selectors(simple)
            .set_advanced_event_selectors(advanced);
        request.send().await.or_fault("cloudtrail:PutEventSelectors", CODES)?;
    }
    if let Some(selectors) = change.part_or::<Vec<InsightSelector>>(INSIGHTS, Vec::new())? {
        let request = cloudtrail.put_insight_selectors().trail_name(change.id()).set_insight_selectors(Some(selectors));
        request.send().await.or_fault("cloudtrail:PutInsightSelectors", CODES)?;
    }
    if let Some(configurations) = change.part_or::<Vec<AggregationConfiguration>>(AGGREGATIONS, Vec::new())? {
        let request = cloudtrail
            .put_event_configuration()
            .trail_name(change.id())
            .set_aggregation_configurations(Some(configurations));
        request.send().await.or_fault("cloudtrail:PutEventConfiguration", CODES)?;
    }
    Ok(())
}

/// What a trail records, added to the rest of what is known of it; `None` if there is no such trail.
pub async fn observed(cloudtrail: &Client, trail: &str, rest: Observed) -> Result<Option<Observed>> {
    let events = cloudtrail.get_event_selectors().trail_name(trail).send();
    let insights = cloudtrail.get_insight_selectors().trail_name(trail).send();
    let configuration = cloudtrail.get_event_configuration().trail_name(trail).send();
    let (events, insights, configuration) = tokio::join!(events, insights, configuration);
    let Some(events) = there(events.or_fault("cloudtrail:GetEventSelectors", CODES))? else { return Ok(None) };
    let insights = there(insights.or_fault("cloudtrail:GetInsightSelectors", CODES))?;
    // A younger call than the others: where it is not offered or not permitted, nothing is said of what it would report.
    let configuration = match configuration.or_fault("cloudtrail:GetEventConfiguration", CODES) {
        Err(fault) if matches!(fault.kind, FaultKind::Denied | FaultKind::Invalid | FaultKind::NotFound) => None,
        answer => Some(answer?),
    };
    let document = rest
        .with_part(SIMPLE, &events.event_selectors)
        .with_part(ADVANCED, &events.advanced_event_selectors)
        .with_part(INSIGHTS, &insights.and_then(|answer| answer.insight_selectors))
        .with_part(AGGREGATIONS, &configuration.and_then(|answer| answer.aggregation_configurations));
    Ok(Some(document))
}

words! { EventCategoryAggregation, InsightType, ReadWriteType, SourceEventCategory, Template }

structures! {
    EventSelector {
        "DataResources": data_resources set_data_resources,
        "ExcludeManagementEventSources": exclude_management_event_sources set_exclude_management_event_sources,
        "IncludeManagementEvents": include_management_events set_include_management_events,
        "ReadWriteType": read_write_type set_read_write_type,
    }
    DataResource { "Type": r#type set_type, "Values": values set_values }
    AdvancedEventSelector { "FieldSelectors": field_selectors set_field_selectors, "Name": name set_name }
    AdvancedFieldSelector {
        "EndsWith": ends_with set_ends_with, "Equals": equals set_equals, "Field": field set_field,
        "NotEndsWith": not_ends_with set_not_ends_with, "NotEquals": not_equals set_not_equals,
        "NotStartsWith": not_starts_with set_not_starts_with, "StartsWith": starts_with set_starts_with,
    }
    InsightSelector {
        "EventCategories": event_categories set_event_categories, "InsightType": insight_type set_insight_type,
    }
    AggregationConfiguration {
        "EventCategory": event_category set_event_category, "Templates": templates set_templates,
    }
}

/// The codes of the whole service. A trail without insights has an error of its own for that.
pub const CODES: Codes = &[
    ("CloudTrailAccessNotEnabledException", FaultKind::Denied),
    ("CloudTrailARNInvalidException", FaultKind::Invalid),
    ("CloudWatchLogsDeliveryUnavailableException", FaultKind::NotReady),
    ("ConflictException", FaultKind::NotReady),
    ("InsightNotEnabledException", FaultKind::NotFound),
    ("InsufficientDependencyServiceAccessPermissionException", FaultKind::Denied),
    ("InsufficientEncryptionPolicyException", FaultKind::Invalid),
    ("InsufficientIAMAccessPermissionException", FaultKind::Denied),
    ("InsufficientS3BucketPolicyException", FaultKind::Invalid),
    ("InsufficientSnsTopicPolicyException", FaultKind::Invalid),
    ("KmsException", FaultKind::Invalid),
    ("KmsKeyDisabledException", FaultKind::Invalid),
    ("KmsKeyNotFoundException", FaultKind::Invalid),
    ("MaximumNumberOfTrailsExceededException", FaultKind::Quota),
    ("NoManagementAccountSLRExistsException", FaultKind::Invalid),
    ("NotOrganizationMasterAccountException", FaultKind::Denied),
    ("OperationNotPermittedException", FaultKind::Denied),
    ("OrganizationNotInAllFeaturesModeException", FaultKind::Invalid),
    ("OrganizationsNotInUseException", FaultKind::Invalid),
    ("S3BucketDoesNotExistException", FaultKind::Invalid),
    ("TagsLimitExceededException", FaultKind::Quota),
];
