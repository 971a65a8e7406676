//! Which objects a report, a metric or a tiering is for: CloudFormation writes prefix and tags beside each other, where S3
//! has a filter with one of them, or with several in an `And`.

use aws_sdk_s3::types::{
    AnalyticsAndOperator, AnalyticsFilter, IntelligentTieringAndOperator, IntelligentTieringFilter, MetricsAndOperator,
    MetricsFilter, Tag,
};

use crate::{
    aws::convert::{Observed, Part, Wanted},
    driver::Result,
};

/// The objects that something is for; without any condition, all.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Scope {
    prefix: Option<String>,
    tags: Vec<Tag>,
    access_point: Option<String>,
}

impl Scope {
    /// What is wanted.
    pub fn wanted(item: &Wanted<'_>) -> Result<Self> {
        Ok(Scope {
            prefix: item.text("Prefix")?,
            tags: item.part("TagFilters")?.unwrap_or_default(),
            access_point: item.text("AccessPointArn")?,
        })
    }

    /// With what is observed.
    pub fn observed(self, observed: Observed) -> Observed {
        observed
            .with("Prefix", self.prefix)
            .with("TagFilters", (!self.tags.is_empty()).then(|| self.tags.shown()))
            .with("AccessPointArn", self.access_point)
    }

    fn new(prefix: Option<&String>, tags: Option<&Vec<Tag>>, access_point: Option<&String>) -> Self {
        Scope { prefix: prefix.cloned(), tags: tags.cloned().unwrap_or_default(), access_point: access_point.cloned() }
    }

    fn tags_of(self) -> Option<Vec<Tag>> {
        (!self.tags.is_empty()).then_some(self.tags)
    }
}

impl From<Scope> for Option<AnalyticsFilter> {
    fn from(scope: Scope) -> Self {
        Some(match (scope.prefix.clone(), scope.tags.as_slice()) {
            (None, []) => return None,
            (Some(prefix), []) => AnalyticsFilter::Prefix(prefix),
            (None, [tag]) => AnalyticsFilter::Tag(tag.clone()),
            (prefix, _) => {
                let and = AnalyticsAndOperator::builder().set_prefix(prefix).set_tags(scope.tags_of());
                AnalyticsFilter::And(and.build())
            }
        })
    }
}

impl From<&AnalyticsFilter> for Scope {
    fn from(filter: &AnalyticsFilter) -> Self {
        match filter {
            AnalyticsFilter::And(and) => Scope::new(and.prefix.as_ref(), and.tags.as_ref(), None),
            AnalyticsFilter::Prefix(prefix) => Scope::new(Some(prefix), None, None),
            AnalyticsFilter::Tag(tag) => Scope::new(None, Some(&vec![tag.clone()]), None),
            _ => Scope::default(),
        }
    }
}

impl From<Scope> for Option<MetricsFilter> {
    fn from(scope: Scope) -> Self {
        Some(match (scope.prefix.clone(), scope.tags.as_slice(), scope.access_point.clone()) {
            (None, [], None) => return None,
            (Some(prefix), [], None) => MetricsFilter::Prefix(prefix),
            (None, [tag], None) => MetricsFilter::Tag(tag.clone()),
            (None, [], Some(arn)) => MetricsFilter::AccessPointArn(arn),
            (prefix, _, arn) => {
                let and = MetricsAndOperator::builder().set_prefix(prefix).set_access_point_arn(arn);
                MetricsFilter::And(and.set_tags(scope.tags_of()).build())
            }
        })
    }
}

impl From<&MetricsFilter> for Scope {
    fn from(filter: &MetricsFilter) -> Self {
        match filter {
            MetricsFilter::And(and) => {
                Scope::new(and.prefix.as_ref(), and.tags.as_ref(), and.access_point_arn.as_ref())
            }
            MetricsFilter::Prefix(prefix) => Scope::new(Some(prefix), None, None),
            MetricsFilter::Tag(tag) => Scope::new(None, Some(&vec![tag.clone()]), None),
            MetricsFilter::AccessPointArn(arn) => Scope::new(None, None, Some(arn)),
            _ => Scope::default(),
        }
    }
}

impl From<Scope> for Option<IntelligentTieringFilter> {
    fn from(scope: Scope) -> Self {
        let filter = IntelligentTieringFilter::builder();
        Some(match (scope.prefix.clone(), scope.tags.as_slice()) {
            (None, []) => return None,
            (Some(prefix), []) => filter.prefix(prefix).build(),
            (None, [tag]) => filter.tag(tag.clone()).build(),
            (prefix, _) => {
                let and = IntelligentTieringAndOperator::builder().set_prefix(prefix).set_tags(scope.tags_of());
                filter.and(and.build()).build()
            }
        })
    }
}

impl From<&IntelligentTieringFilter> for Scope {
    fn from(filter: &IntelligentTieringFilter) -> Self {
        match &filter.and {
            Some(and) => Scope::new(and.prefix.as_ref(), and.tags.as_ref(), None),
            None => {
                let tags = filter.tag.clone().map(|tag| vec![tag]);
                Scope::new(filter.prefix.as_ref(), tags.as_ref(), None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_comes_back_as_it_was() {
        let tag = |key: &str| Tag::builder().key(key).value("1").build().unwrap();
        for (prefix, tags) in [
            (None, vec![]),
            (Some("a"), vec![]),
            (None, vec![tag("a")]),
            (Some("a"), vec![tag("a")]),
            (None, vec![tag("a"), tag("b")]),
        ] {
            let scope = Scope { prefix: prefix.map(str::to_owned), tags, access_point: None };
            let analytics: Option<AnalyticsFilter> = scope.clone().into();
            assert_eq!(analytics.as_ref().map(Scope::from).unwrap_or_default(), scope);
            let tiering: Option<IntelligentTieringFilter> = scope.clone().into();
            assert_eq!(tiering.as_ref().map(Scope::from).unwrap_or_default(), scope);
            for access_point in [None, Some("arn".to_owned())] {
                let scope = Scope { access_point, ..scope.clone() };
                let metrics: Option<MetricsFilter> = scope.clone().into();
                assert_eq!(metrics.as_ref().map(Scope::from).unwrap_or_default(), scope);
            }
        }
    }
}
