//! Rule groups that AWS and its partners manage, and how they are configured: what CloudFormation and WAF call the
//! parts of them.

#![expect(deprecated, reason = "stacks may still use what AWS would rather have written in another way")]

use aws_sdk_wafv2::types::{
    AddressField, AwsManagedRulesAcfpRuleSet, AwsManagedRulesAntiDDoSRuleSet, AwsManagedRulesAtpRuleSet,
    AwsManagedRulesBotControlRuleSet, ClientSideAction, ClientSideActionConfig, EmailField, ExcludedRule,
    InspectionLevel, ManagedRuleGroupConfig, ManagedRuleGroupStatement, PasswordField, PayloadType, PhoneNumberField,
    Regex, RequestInspection, RequestInspectionAcfp, ResponseInspection, ResponseInspectionBodyContains,
    ResponseInspectionHeader, ResponseInspectionJson, ResponseInspectionStatusCode, RuleActionOverride,
    SensitivityToAct, UsageOfAction, UsernameField,
};

use crate::aws::convert::{structures, words};

words! { InspectionLevel, PayloadType, SensitivityToAct, UsageOfAction }

structures! {
    ManagedRuleGroupStatement {
        "VendorName": vendor_name set_vendor_name, "Name": name set_name, "Version": version set_version,
        "ExcludedRules": excluded_rules set_excluded_rules,
        "ScopeDownStatement": scope_down_statement set_scope_down_statement,
        "ManagedRuleGroupConfigs": managed_rule_group_configs set_managed_rule_group_configs,
        "RuleActionOverrides": rule_action_overrides set_rule_action_overrides,
    }
    ManagedRuleGroupConfig {
        "LoginPath": login_path set_login_path, "PayloadType": payload_type set_payload_type,
        "UsernameField": username_field set_username_field, "PasswordField": password_field set_password_field,
        "AWSManagedRulesBotControlRuleSet":
            aws_managed_rules_bot_control_rule_set set_aws_managed_rules_bot_control_rule_set,
        "AWSManagedRulesATPRuleSet": aws_managed_rules_atp_rule_set set_aws_managed_rules_atp_rule_set,
        "AWSManagedRulesACFPRuleSet": aws_managed_rules_acfp_rule_set set_aws_managed_rules_acfp_rule_set,
        "AWSManagedRulesAntiDDoSRuleSet":
            aws_managed_rules_anti_d_do_s_rule_set set_aws_managed_rules_anti_d_do_s_rule_set,
    }
    ExcludedRule { "Name": name set_name }
    RuleActionOverride { "Name": name set_name, "ActionToUse": action_to_use set_action_to_use }
    AwsManagedRulesAcfpRuleSet {
        "CreationPath": creation_path set_creation_path,
        "RegistrationPagePath": registration_page_path set_registration_page_path,
        "RequestInspection": request_inspection set_request_inspection,
        "ResponseInspection": response_inspection set_response_inspection,
        "EnableRegexInPath": enable_regex_in_path set_enable_regex_in_path,
    }
    AwsManagedRulesAntiDDoSRuleSet {
        "ClientSideActionConfig": client_side_action_config set_client_side_action_config,
        "SensitivityToBlock": sensitivity_to_block set_sensitivity_to_block,
    }
    AwsManagedRulesAtpRuleSet {
        "LoginPath": login_path set_login_path, "RequestInspection": request_inspection set_request_inspection,
        "ResponseInspection": response_inspection set_response_inspection,
        "EnableRegexInPath": enable_regex_in_path set_enable_regex_in_path,
    }
    AwsManagedRulesBotControlRuleSet {
        "InspectionLevel": inspection_level set_inspection_level,
        "EnableMachineLearning": enable_machine_learning set_enable_machine_learning,
    }
    RequestInspectionAcfp {
        "PayloadType": payload_type set_payload_type, "UsernameField": username_field set_username_field,
        "PasswordField": password_field set_password_field, "EmailField": email_field set_email_field,
        "PhoneNumberFields": phone_number_fields set_phone_number_fields,
        "AddressFields": address_fields set_address_fields,
    }
    RequestInspection {
        "PayloadType": payload_type set_payload_type, "UsernameField": username_field set_username_field,
        "PasswordField": password_field set_password_field,
    }
    AddressField { "Identifier": identifier set_identifier }
    EmailField { "Identifier": identifier set_identifier }
    PasswordField { "Identifier": identifier set_identifier }
    PhoneNumberField { "Identifier": identifier set_identifier }
    UsernameField { "Identifier": identifier set_identifier }
    ResponseInspection {
        "StatusCode": status_code set_status_code, "Header": header set_header,
        "BodyContains": body_contains set_body_contains, "Json": json set_json,
    }
    ResponseInspectionBodyContains {
        "SuccessStrings": success_strings set_success_strings, "FailureStrings": failure_strings set_failure_strings,
    }
    ResponseInspectionHeader {
        "Name": name set_name, "SuccessValues": success_values set_success_values,
        "FailureValues": failure_values set_failure_values,
    }
    ResponseInspectionJson {
        "Identifier": identifier set_identifier, "SuccessValues": success_values set_success_values,
        "FailureValues": failure_values set_failure_values,
    }
    ResponseInspectionStatusCode {
        "SuccessCodes": success_codes set_success_codes, "FailureCodes": failure_codes set_failure_codes,
    }
    ClientSideActionConfig { "Challenge": challenge set_challenge }
    ClientSideAction {
        "UsageOfAction": usage_of_action set_usage_of_action, "Sensitivity": sensitivity set_sensitivity,
        "ExemptUriRegularExpressions": exempt_uri_regular_expressions set_exempt_uri_regular_expressions,
    }
    Regex { "RegexString": regex_string set_regex_string }
}
