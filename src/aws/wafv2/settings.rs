//! What is set for a web ACL as a whole: what CloudFormation and WAF call the parts of it.

use aws_sdk_wafv2::types::{
    ApplicationAttribute, ApplicationConfig, AssociationConfig, BlockchainChain, CryptoConfig, CryptoCurrency,
    CurrencyMode, CustomResponseBody, DataProtection, DataProtectionAction, DataProtectionConfig, DefaultAction,
    FieldToProtect, FieldToProtectType, LowReputationMode, MonetizationConfig, OnSourceDDoSProtectionConfig,
    PaymentNetwork, Price, RequestBodyAssociatedResourceTypeConfig, ResponseContentType, SizeInspectionLimit,
};

use crate::aws::convert::{structures, words};

words! {
    BlockchainChain, CryptoCurrency, CurrencyMode, DataProtectionAction, FieldToProtectType,
    LowReputationMode, ResponseContentType, SizeInspectionLimit
}

structures! {
    DefaultAction { "Block": block set_block, "Allow": allow set_allow }
    CustomResponseBody { "ContentType": content_type set_content_type, "Content": content set_content }
    ApplicationConfig { "Attributes": attributes set_attributes }
    ApplicationAttribute { "Name": name set_name, "Values": values set_values }
    AssociationConfig { "RequestBody": request_body set_request_body }
    RequestBodyAssociatedResourceTypeConfig {
        "DefaultSizeInspectionLimit": default_size_inspection_limit set_default_size_inspection_limit,
    }
    DataProtectionConfig { "DataProtections": data_protections set_data_protections }
    DataProtection {
        "Field": field set_field, "Action": action set_action,
        "ExcludeRuleMatchDetails": exclude_rule_match_details set_exclude_rule_match_details,
        "ExcludeRateBasedDetails": exclude_rate_based_details set_exclude_rate_based_details,
    }
    FieldToProtect { "FieldType": field_type set_field_type, "FieldKeys": field_keys set_field_keys }
    MonetizationConfig {
        "CryptoConfig": crypto_config set_crypto_config, "CurrencyMode": currency_mode set_currency_mode,
    }
    CryptoConfig { "PaymentNetworks": payment_networks set_payment_networks }
    PaymentNetwork {
        "Chain": chain set_chain, "WalletAddress": wallet_address set_wallet_address, "Prices": prices set_prices,
    }
    Price { "Amount": amount set_amount, "Currency": currency set_currency }
    OnSourceDDoSProtectionConfig { "ALBLowReputationMode": alb_low_reputation_mode set_alb_low_reputation_mode }
}
