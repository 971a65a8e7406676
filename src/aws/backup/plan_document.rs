//! The body of a backup plan, in both directions.

use aws_sdk_backup::types::{
    AdvancedBackupSetting, BackupPlan, BackupPlanInput, BackupRule, BackupRuleInput, CopyAction, IndexAction,
    Lifecycle, MalwareScanner, ScanAction, ScanMode, ScanSetting,
};
use aws_smithy_types::error::operation::BuildError;
use serde_json::{Map, Value as Json};

use crate::{
    aws::convert::{Observed, Wanted},
    driver::Result,
};

/// The plan to send.
pub fn wanted(want: &Wanted<'_>) -> Result<BackupPlanInput> {
    let plan = want.inner("BackupPlan")?.ok_or_else(|| want.invalid("`BackupPlan` is missing"))?;
    let builder = BackupPlanInput::builder()
        .set_backup_plan_name(plan.text("BackupPlanName")?)
        .set_rules(Some(list(&plan, "BackupPlanRule", rule)?.unwrap_or_default()))
        .set_advanced_backup_settings(list(&plan, "AdvancedBackupSettings", advanced)?)
        .set_scan_settings(list(&plan, "ScanSettings", scan_setting)?);
    built(want, builder.build())
}

fn rule(rule: &Wanted<'_>) -> Result<BackupRuleInput> {
    let builder = BackupRuleInput::builder()
        .set_rule_name(rule.text("RuleName")?)
        .set_target_backup_vault_name(rule.text("TargetBackupVault")?)
        .set_target_logically_air_gapped_backup_vault_arn(rule.text("TargetLogicallyAirGappedBackupVaultArn")?)
        .set_schedule_expression(rule.text("ScheduleExpression")?)
        .set_schedule_expression_timezone(rule.text("ScheduleExpressionTimezone")?)
        .set_start_window_minutes(rule.long("StartWindowMinutes")?)
        .set_completion_window_minutes(rule.long("CompletionWindowMinutes")?)
        .set_lifecycle(lifecycle(rule)?)
        .set_recovery_point_tags(rule.map("RecoveryPointTags")?.map(|tags| tags.into_iter().collect()))
        .set_copy_actions(list(rule, "CopyActions", copy)?)
        .set_enable_continuous_backup(rule.flag("EnableContinuousBackup")?)
        .set_index_actions(list(rule, "IndexActions", index)?)
        .set_scan_actions(list(rule, "ScanActions", scan_action)?);
    built(rule, builder.build())
}

fn lifecycle(want: &Wanted<'_>) -> Result<Option<Lifecycle>> {
    let Some(lifecycle) = want.inner("Lifecycle")? else { return Ok(None) };
    let builder = Lifecycle::builder()
        .set_delete_after_days(lifecycle.long("DeleteAfterDays")?)
        .set_move_to_cold_storage_after_days(lifecycle.long("MoveToColdStorageAfterDays")?)
        .set_opt_in_to_archive_for_supported_resources(lifecycle.flag("OptInToArchiveForSupportedResources")?);
    Ok(Some(builder.build()))
}

fn copy(copy: &Wanted<'_>) -> Result<CopyAction> {
    let builder = CopyAction::builder()
        .set_destination_backup_vault_arn(copy.text("DestinationBackupVaultArn")?)
        .set_lifecycle(lifecycle(copy)?);
    built(copy, builder.build())
}

fn index(action: &Wanted<'_>) -> Result<IndexAction> {
    Ok(IndexAction::builder().set_resource_types(action.texts("ResourceTypes")?).build())
}

fn scan_action(action: &Wanted<'_>) -> Result<ScanAction> {
    let builder = ScanAction::builder().set_malware_scanner(action.text("MalwareScanner")?);
    Ok(builder.set_scan_mode(action.text("ScanMode")?).build())
}

fn scan_setting(setting: &Wanted<'_>) -> Result<ScanSetting> {
    let builder = ScanSetting::builder()
        .set_malware_scanner(setting.text("MalwareScanner")?)
        .set_resource_types(setting.texts("ResourceTypes")?)
        .set_scanner_role_arn(setting.text("ScannerRoleArn")?);
    Ok(builder.build())
}

fn advanced(setting: &Wanted<'_>) -> Result<AdvancedBackupSetting> {
    let builder = AdvancedBackupSetting::builder()
        .set_resource_type(setting.text("ResourceType")?)
        .set_backup_options(setting.map("BackupOptions")?.map(|options| options.into_iter().collect()));
    Ok(builder.build())
}

/// A list of structures; `None` if it is absent or empty.
fn list<T>(want: &Wanted<'_>, name: &str, item: impl Fn(&Wanted<'_>) -> Result<T>) -> Result<Option<Vec<T>>> {
    let items = want.items(name)?.iter().map(item).collect::<Result<Vec<T>>>()?;
    Ok(if items.is_empty() { None } else { Some(items) })
}

/// What the SDK itself finds missing.
pub fn built<T>(want: &Wanted<'_>, built: std::result::Result<T, BuildError>) -> Result<T> {
    built.map_err(|error| want.invalid(error))
}

/// The plan as the API shows it.
pub fn observed(plan: &BackupPlan) -> Observed {
    let advanced = plan.advanced_backup_settings().iter().map(|setting| {
        Observed::new()
            .with("ResourceType", setting.resource_type())
            .with("BackupOptions", setting.backup_options().map(|options| map(options.iter())))
    });
    let scans = plan.scan_settings().iter().map(|setting| {
        Observed::new()
            .with("MalwareScanner", setting.malware_scanner().map(MalwareScanner::as_str))
            .with_list("ResourceTypes", setting.resource_types().iter().map(String::as_str))
            .with("ScannerRoleArn", setting.scanner_role_arn())
    });
    Observed::new()
        .with("BackupPlanName", Some(plan.backup_plan_name()))
        .with_list("BackupPlanRule", plan.rules().iter().map(observed_rule))
        .with_list("AdvancedBackupSettings", advanced)
        .with_list("ScanSettings", scans)
}

fn observed_rule(rule: &BackupRule) -> Observed {
    let copies = rule.copy_actions().iter().map(|copy| {
        Observed::new()
            .with("DestinationBackupVaultArn", Some(copy.destination_backup_vault_arn()))
            .with("Lifecycle", copy.lifecycle().map(observed_lifecycle))
    });
    let indexes = rule
        .index_actions()
        .iter()
        .map(|action| Observed::new().with_list("ResourceTypes", action.resource_types().iter().map(String::as_str)));
    let scans = rule.scan_actions().iter().map(|action| {
        Observed::new()
            .with("MalwareScanner", action.malware_scanner().map(MalwareScanner::as_str))
            .with("ScanMode", action.scan_mode().map(ScanMode::as_str))
    });
    Observed::new()
        .with("RuleName", Some(rule.rule_name()))
        .with("TargetBackupVault", Some(rule.target_backup_vault_name()))
        .with("TargetLogicallyAirGappedBackupVaultArn", rule.target_logically_air_gapped_backup_vault_arn())
        .with("ScheduleExpression", rule.schedule_expression())
        .with("ScheduleExpressionTimezone", rule.schedule_expression_timezone())
        .with("StartWindowMinutes", rule.start_window_minutes())
        .with("CompletionWindowMinutes", rule.completion_window_minutes())
        .with("Lifecycle", rule.lifecycle().map(observed_lifecycle))
        .with("RecoveryPointTags", rule.recovery_point_tags().map(|tags| map(tags.iter())))
        .with_list("CopyActions", copies)
        .with("EnableContinuousBackup", rule.enable_continuous_backup())
        .with_list("IndexActions", indexes)
        .with_list("ScanActions", scans)
}

fn observed_lifecycle(lifecycle: &Lifecycle) -> Observed {
    Observed::new()
        .with("DeleteAfterDays", lifecycle.delete_after_days())
        .with("MoveToColdStorageAfterDays", lifecycle.move_to_cold_storage_after_days())
        .with("OptInToArchiveForSupportedResources", lifecycle.opt_in_to_archive_for_supported_resources())
}

fn map<'a>(entries: impl Iterator<Item = (&'a String, &'a String)>) -> Map<String, Json> {
    entries.map(|(key, value)| (key.clone(), Json::from(value.as_str()))).collect()
}
