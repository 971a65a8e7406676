//! The settings of a user pool: what CloudFormation and Cognito call the parts of them.

use aws_sdk_cognitoidentityprovider::types::{
    AccountRecoverySettingType, AdminCreateUserConfigType, AdvancedSecurityAdditionalFlowsType,
    AdvancedSecurityEnabledModeType, AdvancedSecurityModeType, AliasAttributeType, AttributeDataType, AuthFactorType,
    CustomEmailLambdaVersionConfigType, CustomEmailSenderLambdaVersionType, CustomSmsLambdaVersionConfigType,
    CustomSmsSenderLambdaVersionType, DefaultEmailOptionType, DeletionProtectionType, DeviceConfigurationType,
    EmailConfigurationType, EmailSendingAccountType, EncryptionKeyType, EumsSmsConfigurationType,
    InboundFederationLambdaType, InboundFederationLambdaVersionType, IssuerConfigurationType, IssuerType,
    KeyConfigurationType, LambdaConfigType, MessageTemplateType, NumberAttributeConstraintsType, PasswordPolicyType,
    PreTokenGenerationLambdaVersionType, PreTokenGenerationVersionConfigType, RecoveryOptionNameType,
    RecoveryOptionType, SchemaAttributeType, SignInPolicyType, SmsConfigurationType, StringAttributeConstraintsType,
    UserAttributeUpdateSettingsType, UserPoolAddOnsType, UserPoolMfaType, UserPoolPolicyType, UserPoolTierType,
    UserVerificationType, UsernameAttributeType, UsernameConfigurationType, VerificationMessageTemplateType,
    VerifiedAttributeType, WebAuthnFactorConfigurationType,
};

use crate::aws::convert::{structures, words};

words! {
    AdvancedSecurityEnabledModeType, AdvancedSecurityModeType, AliasAttributeType, AttributeDataType, AuthFactorType,
    CustomEmailSenderLambdaVersionType, CustomSmsSenderLambdaVersionType, DefaultEmailOptionType,
    DeletionProtectionType, EmailSendingAccountType, EncryptionKeyType, InboundFederationLambdaVersionType, IssuerType,
    PreTokenGenerationLambdaVersionType, RecoveryOptionNameType, UserPoolMfaType, UserPoolTierType,
    UserVerificationType, UsernameAttributeType, VerifiedAttributeType, WebAuthnFactorConfigurationType
}

structures! {
    AccountRecoverySettingType { "RecoveryMechanisms": recovery_mechanisms set_recovery_mechanisms }
    RecoveryOptionType { "Name": name set_name, "Priority": priority set_priority }
    AdminCreateUserConfigType {
        "AllowAdminCreateUserOnly": allow_admin_create_user_only set_allow_admin_create_user_only,
        "InviteMessageTemplate": invite_message_template set_invite_message_template,
        "UnusedAccountValidityDays": unused_account_validity_days set_unused_account_validity_days,
    }
    MessageTemplateType {
        "EmailMessage": email_message set_email_message, "EmailSubject": email_subject set_email_subject,
        "SMSMessage": sms_message set_sms_message,
    }
    DeviceConfigurationType {
        "ChallengeRequiredOnNewDevice": challenge_required_on_new_device set_challenge_required_on_new_device,
        "DeviceOnlyRememberedOnUserPrompt":
            device_only_remembered_on_user_prompt set_device_only_remembered_on_user_prompt,
    }
    EmailConfigurationType {
        "ConfigurationSet": configuration_set set_configuration_set,
        "EmailSendingAccount": email_sending_account set_email_sending_account, "From": from set_from,
        "ReplyToEmailAddress": reply_to_email_address set_reply_to_email_address, "SourceArn": source_arn set_source_arn,
    }
    IssuerConfigurationType { "Type": r#type set_type }
    KeyConfigurationType { "KeyType": key_type set_key_type, "KmsKeyArn": kms_key_arn set_kms_key_arn }
    LambdaConfigType {
        "CreateAuthChallenge": create_auth_challenge set_create_auth_challenge,
        "CustomEmailSender": custom_email_sender set_custom_email_sender, "CustomMessage": custom_message set_custom_message,
        "CustomSMSSender": custom_sms_sender set_custom_sms_sender,
        "DefineAuthChallenge": define_auth_challenge set_define_auth_challenge,
        "InboundFederation": inbound_federation set_inbound_federation, "KMSKeyID": kms_key_id set_kms_key_id,
        "PostAuthentication": post_authentication set_post_authentication,
        "PostConfirmation": post_confirmation set_post_confirmation,
        "PreAuthentication": pre_authentication set_pre_authentication, "PreSignUp": pre_sign_up set_pre_sign_up,
        "PreTokenGeneration": pre_token_generation set_pre_token_generation,
        "PreTokenGenerationConfig": pre_token_generation_config set_pre_token_generation_config,
        "UserMigration": user_migration set_user_migration,
        "VerifyAuthChallengeResponse": verify_auth_challenge_response set_verify_auth_challenge_response,
    }
    CustomEmailLambdaVersionConfigType {
        "LambdaArn": lambda_arn set_lambda_arn, "LambdaVersion": lambda_version set_lambda_version,
    }
    CustomSmsLambdaVersionConfigType {
        "LambdaArn": lambda_arn set_lambda_arn, "LambdaVersion": lambda_version set_lambda_version,
    }
    InboundFederationLambdaType {
        "LambdaArn": lambda_arn set_lambda_arn, "LambdaVersion": lambda_version set_lambda_version,
    }
    PreTokenGenerationVersionConfigType {
        "LambdaArn": lambda_arn set_lambda_arn, "LambdaVersion": lambda_version set_lambda_version,
    }
    UserPoolPolicyType {
        "PasswordPolicy": password_policy set_password_policy, "SignInPolicy": sign_in_policy set_sign_in_policy,
    }
    PasswordPolicyType {
        "MinimumLength": minimum_length set_minimum_length,
        "PasswordHistorySize": password_history_size set_password_history_size,
        "RequireLowercase": require_lowercase set_require_lowercase,
        "RequireNumbers": require_numbers set_require_numbers, "RequireSymbols": require_symbols set_require_symbols,
        "RequireUppercase": require_uppercase set_require_uppercase,
        "TemporaryPasswordValidityDays": temporary_password_validity_days set_temporary_password_validity_days,
    }
    SignInPolicyType { "AllowedFirstAuthFactors": allowed_first_auth_factors set_allowed_first_auth_factors }
    SchemaAttributeType {
        "Name": name set_name, "AttributeDataType": attribute_data_type set_attribute_data_type,
        "DeveloperOnlyAttribute": developer_only_attribute set_developer_only_attribute,
        "Mutable": mutable set_mutable, "Required": required set_required,
        "NumberAttributeConstraints": number_attribute_constraints set_number_attribute_constraints,
        "StringAttributeConstraints": string_attribute_constraints set_string_attribute_constraints,
    }
    NumberAttributeConstraintsType { "MaxValue": max_value set_max_value, "MinValue": min_value set_min_value }
    StringAttributeConstraintsType { "MaxLength": max_length set_max_length, "MinLength": min_length set_min_length }
    SmsConfigurationType {
        "EumsSms": eums_sms set_eums_sms, "ExternalId": external_id set_external_id,
        "SnsCallerArn": sns_caller_arn set_sns_caller_arn, "SnsRegion": sns_region set_sns_region,
    }
    EumsSmsConfigurationType {
        "CallerArn": caller_arn set_caller_arn, "ConfigurationSetName": configuration_set_name set_configuration_set_name,
        "ExternalId": external_id set_external_id, "InEntityId": in_entity_id set_in_entity_id,
        "InTemplateId": in_template_id set_in_template_id,
        "OriginationIdentity": origination_identity set_origination_identity, "Region": region set_region,
    }
    UserAttributeUpdateSettingsType {
        "AttributesRequireVerificationBeforeUpdate":
            attributes_require_verification_before_update set_attributes_require_verification_before_update,
    }
    UserPoolAddOnsType {
        "AdvancedSecurityAdditionalFlows": advanced_security_additional_flows set_advanced_security_additional_flows,
        "AdvancedSecurityMode": advanced_security_mode set_advanced_security_mode,
    }
    AdvancedSecurityAdditionalFlowsType { "CustomAuthMode": custom_auth_mode set_custom_auth_mode }
    UsernameConfigurationType { "CaseSensitive": case_sensitive set_case_sensitive }
    VerificationMessageTemplateType {
        "DefaultEmailOption": default_email_option set_default_email_option,
        "EmailMessage": email_message set_email_message,
        "EmailMessageByLink": email_message_by_link set_email_message_by_link,
        "EmailSubject": email_subject set_email_subject,
        "EmailSubjectByLink": email_subject_by_link set_email_subject_by_link, "SmsMessage": sms_message set_sms_message,
    }
}
