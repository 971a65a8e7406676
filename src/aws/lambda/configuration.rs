//! The configuration of a function: from documents to requests and from answers to documents.

use aws_sdk_lambda::{
    operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder as Update,
    types::{
        CapacityProviderConfig, DeadLetterConfig, DurableConfig, Environment, EphemeralStorage, FileSystemConfig,
        FunctionConfiguration, ImageConfig, LambdaManagedInstancesCapacityProviderConfig, Layer, LogFormat,
        LoggingConfig, S3FilesConfig, SnapStart, SnapStartApplyOn, TenancyConfig, TracingConfig, TracingMode,
        VpcConfig,
    },
};
use serde_json::{Map, Value as Json};

use crate::{
    aws::convert::{Changed, Observed, Wanted},
    driver::{Fault, Result},
};

/// The properties that one call sets on an existing function.
const UPDATED: &[&str] = &[
    "CapacityProviderConfig",
    "DeadLetterConfig",
    "Description",
    "DurableConfig",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "ImageConfig",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
];

/// Whether a change needs that call.
pub fn is_touched(change: &Changed<'_>) -> bool {
    UPDATED.iter().any(|name| change.touches(name))
}

/// What a property becomes; `None` if it stays. Taken out of the document, it returns to its default.
fn new<T>(change: &Changed<'_>, name: &str, wanted: Result<Option<T>>, default: T) -> Result<Option<T>> {
    Ok(if change.touches(name) { Some(wanted?.unwrap_or(default)) } else { None })
}

/// The request that changes the configuration.
pub fn update(request: Update, change: &Changed<'_>) -> Result<Update> {
    let want = &change.want;
    let same = |name: &str| if change.touches(name) { want.text(name) } else { Ok(None) };
    let provider = if change.touches("CapacityProviderConfig") { capacity_provider(want)? } else { None };
    let durable = if change.touches("DurableConfig") { durable(want)? } else { None };
    let no_vpc =
        || VpcConfig::builder().set_subnet_ids(Some(Vec::new())).set_security_group_ids(Some(Vec::new())).build();
    let passed = TracingConfig::builder().mode(TracingMode::PassThrough).build();
    let no_letters = DeadLetterConfig::builder().target_arn("").build();
    let no_variables = Environment::builder().set_variables(Some(std::iter::empty().collect())).build();
    let no_snapshot = SnapStart::builder().apply_on(SnapStartApplyOn::None).build();
    let smallest = EphemeralStorage::builder().size(512).build().map_err(|error| want.invalid(error))?;
    Ok(request
        .function_name(change.id())
        .set_role(same("Role")?)
        .set_handler(same("Handler")?)
        .set_runtime(same("Runtime")?.map(|runtime: String| (&*runtime).into()))
        .set_description(new(change, "Description", want.text("Description"), String::new())?)
        .set_timeout(new(change, "Timeout", want.whole("Timeout"), 3)?)
        .set_memory_size(new(change, "MemorySize", want.whole("MemorySize"), 128)?)
        .set_vpc_config(new(change, "VpcConfig", vpc(want), no_vpc())?)
        .set_dead_letter_config(new(change, "DeadLetterConfig", dead_letter(want), no_letters)?)
        .set_environment(new(change, "Environment", environment(want), no_variables)?)
        .set_kms_key_arn(new(change, "KmsKeyArn", want.text("KmsKeyArn"), String::new())?)
        .set_tracing_config(new(change, "TracingConfig", tracing(want), passed)?)
        .set_layers(new(change, "Layers", want.texts("Layers"), Vec::new())?)
        .set_file_system_configs(new(change, "FileSystemConfigs", file_systems(want).map(Some), Vec::new())?)
        .set_image_config(new(change, "ImageConfig", image(want), ImageConfig::builder().build())?)
        .set_ephemeral_storage(new(change, "EphemeralStorage", storage(want), smallest)?)
        .set_snap_start(new(change, "SnapStart", snap_start(want), no_snapshot)?)
        .set_logging_config(if change.touches("LoggingConfig") { Some(all_logging(change)?) } else { None })
        .set_capacity_provider_config(provider)
        .set_durable_config(durable))
}

/// The logging that a function returns to in all that the document does not say.
fn all_logging(change: &Changed<'_>) -> Result<LoggingConfig> {
    let mut logging = logging(&change.want)?.unwrap_or_else(|| LoggingConfig::builder().build());
    logging.log_format.get_or_insert(LogFormat::Text);
    logging.log_group.get_or_insert_with(|| format!("/aws/lambda/{}", change.id()));
    Ok(logging)
}

pub fn vpc(function: &Wanted<'_>) -> Result<Option<VpcConfig>> {
    let Some(vpc) = function.inner("VpcConfig")? else { return Ok(None) };
    let builder = VpcConfig::builder()
        .set_subnet_ids(Some(vpc.texts("SubnetIds")?.unwrap_or_default()))
        .set_security_group_ids(Some(vpc.texts("SecurityGroupIds")?.unwrap_or_default()))
        .set_ipv6_allowed_for_dual_stack(vpc.flag("Ipv6AllowedForDualStack")?);
    Ok(Some(builder.build()))
}

pub fn dead_letter(function: &Wanted<'_>) -> Result<Option<DeadLetterConfig>> {
    let Some(config) = function.inner("DeadLetterConfig")? else { return Ok(None) };
    let target = config.text::<String>("TargetArn")?.unwrap_or_default();
    Ok(Some(DeadLetterConfig::builder().target_arn(target).build()))
}

pub fn environment(function: &Wanted<'_>) -> Result<Option<Environment>> {
    let Some(environment) = function.inner("Environment")? else { return Ok(None) };
    let variables = environment.map("Variables")?.unwrap_or_default();
    Ok(Some(Environment::builder().set_variables(Some(variables.into_iter().collect())).build()))
}

pub fn tracing(function: &Wanted<'_>) -> Result<Option<TracingConfig>> {
    let Some(tracing) = function.inner("TracingConfig")? else { return Ok(None) };
    Ok(Some(TracingConfig::builder().set_mode(tracing.text("Mode")?).build()))
}

pub fn file_systems(function: &Wanted<'_>) -> Result<Vec<FileSystemConfig>> {
    let system = |system: &Wanted<'_>| {
        let files = system.inner("S3FilesConfig")?.map(|files| {
            Ok::<_, Fault>(S3FilesConfig::builder().set_direct_s3_read(files.text("DirectS3Read")?).build())
        });
        let builder = FileSystemConfig::builder()
            .set_arn(system.text("Arn")?)
            .set_local_mount_path(system.text("LocalMountPath")?)
            .set_s3_files_config(files.transpose()?);
        builder.build().map_err(|error| function.invalid(error))
    };
    function.items("FileSystemConfigs")?.iter().map(system).collect()
}

pub fn image(function: &Wanted<'_>) -> Result<Option<ImageConfig>> {
    let Some(image) = function.inner("ImageConfig")? else { return Ok(None) };
    let builder = ImageConfig::builder()
        .set_entry_point(image.texts("EntryPoint")?)
        .set_command(image.texts("Command")?)
        .set_working_directory(image.text("WorkingDirectory")?);
    Ok(Some(builder.build()))
}

pub fn storage(function: &Wanted<'_>) -> Result<Option<EphemeralStorage>> {
    let Some(storage) = function.inner("EphemeralStorage")? else { return Ok(None) };
    let storage = EphemeralStorage::builder().set_size(storage.whole("Size")?).build();
    storage.map(Some).map_err(|error| function.invalid(error))
}

pub fn snap_start(function: &Wanted<'_>) -> Result<Option<SnapStart>> {
    let Some(snap_start) = function.inner("SnapStart")? else { return Ok(None) };
    Ok(Some(SnapStart::builder().set_apply_on(snap_start.text("ApplyOn")?).build()))
}

pub fn logging(function: &Wanted<'_>) -> Result<Option<LoggingConfig>> {
    let Some(logging) = function.inner("LoggingConfig")? else { return Ok(None) };
    let builder = LoggingConfig::builder()
        .set_log_format(logging.text("LogFormat")?)
        .set_log_group(logging.text("LogGroup")?)
        .set_application_log_level(logging.text("ApplicationLogLevel")?)
        .set_system_log_level(logging.text("SystemLogLevel")?);
    Ok(Some(builder.build()))
}

pub fn tenancy(function: &Wanted<'_>) -> Result<Option<TenancyConfig>> {
    let Some(tenancy) = function.inner("TenancyConfig")? else { return Ok(None) };
    let tenancy = TenancyConfig::builder().set_tenant_isolation_mode(tenancy.text("TenantIsolationMode")?).build();
    tenancy.map(Some).map_err(|error| function.invalid(error))
}

pub fn durable(function: &Wanted<'_>) -> Result<Option<DurableConfig>> {
    let Some(durable) = function.inner("DurableConfig")? else { return Ok(None) };
    let builder = DurableConfig::builder()
        .set_execution_timeout(durable.whole("ExecutionTimeout")?)
        .set_retention_period_in_days(durable.whole("RetentionPeriodInDays")?)
        .set_kms_key_arn(durable.text("KMSKeyArn")?);
    Ok(Some(builder.build()))
}

pub fn capacity_provider(function: &Wanted<'_>) -> Result<Option<CapacityProviderConfig>> {
    let Some(config) = function.inner("CapacityProviderConfig")? else { return Ok(None) };
    let instances = config.inner("LambdaManagedInstancesCapacityProviderConfig")?.map(|instances| {
        let builder = LambdaManagedInstancesCapacityProviderConfig::builder()
            .set_capacity_provider_arn(instances.text("CapacityProviderArn")?)
            .set_per_execution_environment_max_concurrency(instances.whole("PerExecutionEnvironmentMaxConcurrency")?)
            .set_execution_environment_memory_gib_per_v_cpu(instances.decimal("ExecutionEnvironmentMemoryGiBPerVCpu")?);
        builder.build().map_err(|error| function.invalid(error))
    });
    let builder =
        CapacityProviderConfig::builder().set_lambda_managed_instances_capacity_provider_config(instances.transpose()?);
    Ok(Some(builder.build()))
}

/// The configuration under CloudFormation's names, without the tags and what has calls of its own.
pub fn observed(function: &FunctionConfiguration) -> Observed {
    let architectures = function.architectures().iter().map(|architecture| architecture.as_str());
    let dead_letter =
        function.dead_letter_config().and_then(|config| config.target_arn()).filter(|arn| !arn.is_empty());
    let storage = function.ephemeral_storage().map(|storage| Observed::new().with("Size", Some(storage.size())));
    let tracing = function.tracing_config().and_then(|tracing| tracing.mode());
    let tenancy = function.tenancy_config().map(|tenancy| tenancy.tenant_isolation_mode().as_str());
    let snap_start = function.snap_start().map(|response| {
        Observed::new()
            .with("ApplyOn", response.apply_on().map(|apply_on| apply_on.as_str()))
            .with("OptimizationStatus", response.optimization_status().map(|status| status.as_str()))
    });
    Observed::new()
        .with("FunctionName", function.function_name())
        .with("Arn", function.function_arn())
        .with("Description", function.description())
        .with("Handler", function.handler())
        .with("KmsKeyArn", function.kms_key_arn())
        .with("MemorySize", function.memory_size())
        .with("PackageType", function.package_type().map(|kind| kind.as_str()))
        .with("Role", function.role())
        .with("Runtime", function.runtime().map(|runtime| runtime.as_str()))
        .with("Timeout", function.timeout())
        .with_list("Architectures", architectures)
        .with_list("Layers", function.layers().iter().filter_map(Layer::arn))
        .with("SnapStartResponse", snap_start)
        .with("DeadLetterConfig", dead_letter.map(|arn| Observed::new().with("TargetArn", Some(arn))))
        .with("EphemeralStorage", storage)
        .with("TracingConfig", tracing.map(|mode| Observed::new().with("Mode", Some(mode.as_str()))))
        .with("TenancyConfig", tenancy.map(|mode| Observed::new().with("TenantIsolationMode", Some(mode))))
        .with("Environment", variables(function))
        .with_list("FileSystemConfigs", function.file_system_configs().iter().map(observed_file_system))
        .with("ImageConfig", observed_image(function))
        .with("LoggingConfig", function.logging_config().map(observed_logging))
        .with("VpcConfig", observed_vpc(function))
        .with("DurableConfig", function.durable_config().map(observed_durable))
        .with("CapacityProviderConfig", function.capacity_provider_config().map(observed_capacity_provider))
}

fn variables(function: &FunctionConfiguration) -> Option<Observed> {
    let variables = function.environment()?.variables().filter(|variables| !variables.is_empty())?;
    let variables: Map<String, Json> =
        variables.iter().map(|(name, value)| (name.clone(), Json::from(value.as_str()))).collect();
    Some(Observed::new().with("Variables", Some(variables)))
}

fn observed_file_system(system: &FileSystemConfig) -> Observed {
    let files = system
        .s3_files_config()
        .map(|files| Observed::new().with("DirectS3Read", files.direct_s3_read().map(|read| read.as_str())));
    Observed::new()
        .with("Arn", Some(system.arn()))
        .with("LocalMountPath", Some(system.local_mount_path()))
        .with("S3FilesConfig", files)
}

fn observed_image(function: &FunctionConfiguration) -> Option<Observed> {
    let image = function.image_config_response()?.image_config()?;
    let observed = Observed::new()
        .with_list("EntryPoint", image.entry_point().to_vec())
        .with_list("Command", image.command().to_vec())
        .with("WorkingDirectory", image.working_directory().filter(|folder| !folder.is_empty()));
    Some(observed)
}

fn observed_logging(logging: &LoggingConfig) -> Observed {
    Observed::new()
        .with("LogFormat", logging.log_format().map(|format| format.as_str()))
        .with("LogGroup", logging.log_group())
        .with("ApplicationLogLevel", logging.application_log_level().map(|level| level.as_str()))
        .with("SystemLogLevel", logging.system_log_level().map(|level| level.as_str()))
}

/// A function that has left its VPC reports empty lists.
fn observed_vpc(function: &FunctionConfiguration) -> Option<Observed> {
    let vpc = function.vpc_config().filter(|vpc| !vpc.subnet_ids().is_empty())?;
    let observed = Observed::new()
        .with_list("SubnetIds", vpc.subnet_ids().to_vec())
        .with_list("SecurityGroupIds", vpc.security_group_ids().to_vec())
        .with("Ipv6AllowedForDualStack", vpc.ipv6_allowed_for_dual_stack());
    Some(observed)
}

fn observed_durable(durable: &DurableConfig) -> Observed {
    Observed::new()
        .with("ExecutionTimeout", durable.execution_timeout())
        .with("RetentionPeriodInDays", durable.retention_period_in_days())
        .with("KMSKeyArn", durable.kms_key_arn())
}

fn observed_capacity_provider(config: &CapacityProviderConfig) -> Observed {
    let instances = config.lambda_managed_instances_capacity_provider_config().map(|instances| {
        Observed::new()
            .with("CapacityProviderArn", Some(instances.capacity_provider_arn()))
            .with("PerExecutionEnvironmentMaxConcurrency", instances.per_execution_environment_max_concurrency())
            .with("ExecutionEnvironmentMemoryGiBPerVCpu", instances.execution_environment_memory_gib_per_v_cpu())
    });
    Observed::new().with("LambdaManagedInstancesCapacityProviderConfig", instances)
}
