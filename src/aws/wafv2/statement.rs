//! What a rule of a web ACL looks for: what CloudFormation and WAF call the kinds of statements. Statements may stand
//! inside statements.

use aws_sdk_wafv2::types::{
    AndStatement, AsnMatchStatement, ByteMatchStatement, ComparisonOperator, CountryCode, FallbackBehavior,
    ForwardedIpConfig, ForwardedIpPosition, GeoMatchStatement, IpSetForwardedIpConfig, IpSetReferenceStatement,
    LabelMatchScope, LabelMatchStatement, NotStatement, OrStatement, PositionalConstraint, PreParseTextTransformation,
    PreParseTextTransformationType, RegexMatchStatement, RegexPatternSetReferenceStatement,
    RuleGroupReferenceStatement, SensitivityLevel, SizeConstraintStatement, SqliMatchStatement, Statement,
    TextTransformation, TextTransformationType, XssMatchStatement,
};
use aws_smithy_types::{Blob, base64};
use serde_json::Value as Json;

use crate::{
    aws::convert::{Finished, Observed, Part, Wanted, structures, words},
    driver::Result,
};

words! {
    ComparisonOperator, CountryCode, FallbackBehavior, ForwardedIpPosition, LabelMatchScope, PositionalConstraint,
    PreParseTextTransformationType, SensitivityLevel, TextTransformationType
}

structures! {
    Statement {
        "ByteMatchStatement": byte_match_statement set_byte_match_statement,
        "SqliMatchStatement": sqli_match_statement set_sqli_match_statement,
        "XssMatchStatement": xss_match_statement set_xss_match_statement,
        "SizeConstraintStatement": size_constraint_statement set_size_constraint_statement,
        "GeoMatchStatement": geo_match_statement set_geo_match_statement,
        "RuleGroupReferenceStatement": rule_group_reference_statement set_rule_group_reference_statement,
        "IPSetReferenceStatement": ip_set_reference_statement set_ip_set_reference_statement,
        "RegexPatternSetReferenceStatement":
            regex_pattern_set_reference_statement set_regex_pattern_set_reference_statement,
        "RateBasedStatement": rate_based_statement set_rate_based_statement,
        "AndStatement": and_statement set_and_statement, "OrStatement": or_statement set_or_statement,
        "NotStatement": not_statement set_not_statement,
        "ManagedRuleGroupStatement": managed_rule_group_statement set_managed_rule_group_statement,
        "LabelMatchStatement": label_match_statement set_label_match_statement,
        "RegexMatchStatement": regex_match_statement set_regex_match_statement,
        "AsnMatchStatement": asn_match_statement set_asn_match_statement,
    }
    AndStatement { "Statements": statements set_statements }
    OrStatement { "Statements": statements set_statements }
    NotStatement { "Statement": statement set_statement }
    AsnMatchStatement {
        "AsnList": asn_list set_asn_list, "ForwardedIPConfig": forwarded_ip_config set_forwarded_ip_config,
    }
    GeoMatchStatement {
        "CountryCodes": country_codes set_country_codes,
        "ForwardedIPConfig": forwarded_ip_config set_forwarded_ip_config,
    }
    IpSetReferenceStatement {
        "Arn": arn set_arn, "IPSetForwardedIPConfig": ip_set_forwarded_ip_config set_ip_set_forwarded_ip_config,
    }
    IpSetForwardedIpConfig {
        "HeaderName": header_name set_header_name, "FallbackBehavior": fallback_behavior set_fallback_behavior,
        "Position": position set_position,
    }
    ForwardedIpConfig {
        "HeaderName": header_name set_header_name, "FallbackBehavior": fallback_behavior set_fallback_behavior,
    }
    LabelMatchStatement { "Scope": scope set_scope, "Key": key set_key }
    RegexMatchStatement {
        "RegexString": regex_string set_regex_string, "FieldToMatch": field_to_match set_field_to_match,
        "TextTransformations": text_transformations set_text_transformations,
        "PreParseTextTransformations": pre_parse_text_transformations set_pre_parse_text_transformations,
    }
    RegexPatternSetReferenceStatement {
        "Arn": arn set_arn, "FieldToMatch": field_to_match set_field_to_match,
        "TextTransformations": text_transformations set_text_transformations,
        "PreParseTextTransformations": pre_parse_text_transformations set_pre_parse_text_transformations,
    }
    RuleGroupReferenceStatement {
        "Arn": arn set_arn, "ExcludedRules": excluded_rules set_excluded_rules,
        "RuleActionOverrides": rule_action_overrides set_rule_action_overrides,
    }
    SizeConstraintStatement {
        "FieldToMatch": field_to_match set_field_to_match,
        "ComparisonOperator": comparison_operator set_comparison_operator, "Size": size set_size,
        "TextTransformations": text_transformations set_text_transformations,
        "PreParseTextTransformations": pre_parse_text_transformations set_pre_parse_text_transformations,
    }
    SqliMatchStatement {
        "FieldToMatch": field_to_match set_field_to_match,
        "TextTransformations": text_transformations set_text_transformations,
        "PreParseTextTransformations": pre_parse_text_transformations set_pre_parse_text_transformations,
        "SensitivityLevel": sensitivity_level set_sensitivity_level,
    }
    XssMatchStatement {
        "FieldToMatch": field_to_match set_field_to_match,
        "TextTransformations": text_transformations set_text_transformations,
        "PreParseTextTransformations": pre_parse_text_transformations set_pre_parse_text_transformations,
    }
    TextTransformation { "Priority": priority set_priority, "Type": r#type set_type }
    PreParseTextTransformation { "Priority": priority set_priority, "Type": r#type set_type }
}

/// What is searched for are bytes, which a document has as text or, in base 64, at a property of its own; shown are
/// both.
impl Part for ByteMatchStatement {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let inner = around.within(value, name)?;
        let bytes =
            match inner.part::<String>("SearchStringBase64")? {
                Some(text) => Some(base64::decode(text).map_err(|error| {
                    inner.invalid(format!("property `SearchStringBase64` must be base 64: {error}"))
                })?),
                None => inner.part::<String>("SearchString")?.map(String::into_bytes),
            };
        let bytes = bytes.ok_or_else(|| {
            inner.invalid("property `ByteMatchStatement` must have `SearchString` or `SearchStringBase64`")
        })?;
        let statement = ByteMatchStatement::builder()
            .search_string(Blob::new(bytes))
            .set_positional_constraint(inner.part("PositionalConstraint")?)
            .set_field_to_match(inner.part("FieldToMatch")?)
            .set_text_transformations(inner.part("TextTransformations")?)
            .set_pre_parse_text_transformations(inner.part("PreParseTextTransformations")?);
        statement.build().finished(&inner)
    }

    fn shown(&self) -> Json {
        let bytes = self.search_string.as_ref();
        Observed::new()
            .with("SearchString", str::from_utf8(bytes).ok())
            .with("SearchStringBase64", Some(base64::encode(bytes)))
            .with_part("PositionalConstraint", &self.positional_constraint)
            .with_part("FieldToMatch", &self.field_to_match)
            .with_part("TextTransformations", &self.text_transformations)
            .with_part("PreParseTextTransformations", &self.pre_parse_text_transformations)
            .into()
    }
}
