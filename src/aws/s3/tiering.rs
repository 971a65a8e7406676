//! When objects that nobody asks for move to cheaper tiers by themselves.

use aws_sdk_s3::types::{
    IntelligentTieringAccessTier, IntelligentTieringConfiguration, IntelligentTieringStatus, Tiering,
};
use serde_json::Value as Json;

use super::{scope::Scope, setting::listed};
use crate::{
    aws::convert::{Finished, Observed, Part, Wanted, structures, words},
    driver::Result,
};

listed! {
    /// The tierings of a bucket.
    IntelligentTiering: "IntelligentTieringConfigurations" as IntelligentTieringConfiguration {
        list_bucket_intelligent_tiering_configurations "s3:ListBucketIntelligentTieringConfigurations"
            intelligent_tiering_configuration_list,
        put_bucket_intelligent_tiering_configuration "s3:PutBucketIntelligentTieringConfiguration"
            intelligent_tiering_configuration,
        delete_bucket_intelligent_tiering_configuration "s3:DeleteBucketIntelligentTieringConfiguration",
    }
}

words! { IntelligentTieringAccessTier, IntelligentTieringStatus }

structures! {
    Tiering { "AccessTier": access_tier set_access_tier, "Days": days set_days }
}

impl Part for IntelligentTieringConfiguration {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let inner = around.within(value, name)?;
        let builder = IntelligentTieringConfiguration::builder()
            .set_id(inner.part("Id")?)
            .set_status(inner.part("Status")?)
            .set_filter(Scope::wanted(&inner)?.into())
            .set_tierings(inner.part("Tierings")?);
        builder.build().finished(&inner)
    }

    fn shown(&self) -> Json {
        let observed = Observed::new()
            .with_part("Id", &self.id)
            .with_part("Status", &self.status)
            .with_part("Tierings", &self.tierings);
        self.filter.as_ref().map(Scope::from).unwrap_or_default().observed(observed).into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Doc;

    #[test]
    fn a_tiering_is_shown_as_it_was_written() {
        let written = json!({
            "Id": "old", "Status": "Enabled", "Prefix": "x",
            "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}],
        });
        let document: Doc = json!({"It": written}).into();
        let part = Wanted::new("T", &document).part::<IntelligentTieringConfiguration>("It").unwrap().unwrap();
        assert_eq!(part.shown(), written);
    }
}
