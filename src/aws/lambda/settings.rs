//! What belongs to a function and has calls of its own: reserved concurrency, recursion, the runtime's updates, code
//! signing, scaling. Not every region offers each of them, so what cannot be read is left out.

use aws_sdk_lambda::{
    Client,
    types::{FunctionScalingConfig, RecursiveLoop, UpdateRuntimeOn},
};

use crate::{
    aws::{
        convert::{Changed, Observed},
        faults::{Codes, OrFault, there},
    },
    driver::{FaultKind, Result},
};

/// Another change is under way, or the function is still being made.
pub const BUSY: Codes = &[
    ("CodeStorageExceededException", FaultKind::Quota),
    ("PreconditionFailedException", FaultKind::NotReady),
    ("ResourceConflictException", FaultKind::NotReady),
    ("ResourceNotReadyException", FaultKind::NotReady),
];

/// The version that scaling is set for.
const SCALED: &str = "$LATEST.PUBLISHED";

/// Puts every setting that changes. Sending one again does no harm.
pub async fn put(lambda: &Client, change: &Changed<'_>) -> Result<()> {
    put_concurrency(lambda, change).await?;
    put_code_signing(lambda, change).await?;
    if change.touches("RecursiveLoop") {
        let mode = change.want.text("RecursiveLoop")?.unwrap_or(RecursiveLoop::Terminate);
        let request = lambda.put_function_recursion_config().function_name(change.id()).recursive_loop(mode);
        request.send().await.or_fault("lambda:PutFunctionRecursionConfig", BUSY)?;
    }
    if change.touches("RuntimeManagementConfig") {
        let config = change.want.inner("RuntimeManagementConfig")?;
        let mode = config.map(|config| config.text("UpdateRuntimeOn")).transpose()?.flatten();
        let version = config.map(|config| config.text("RuntimeVersionArn")).transpose()?.flatten();
        let request = lambda
            .put_runtime_management_config()
            .function_name(change.id())
            .update_runtime_on(mode.unwrap_or(UpdateRuntimeOn::Auto))
            .set_runtime_version_arn(version);
        request.send().await.or_fault("lambda:PutRuntimeManagementConfig", BUSY)?;
    }
    if change.touches("FunctionScalingConfig") {
        let config = change.want.inner("FunctionScalingConfig")?.map(|config| {
            let builder = FunctionScalingConfig::builder()
                .set_min_execution_environments(config.whole("MinExecutionEnvironments")?)
                .set_max_execution_environments(config.whole("MaxExecutionEnvironments")?);
            Ok(builder.build())
        });
        let request = lambda.put_function_scaling_config().function_name(change.id()).qualifier(SCALED);
        let request = request.set_function_scaling_config(config.transpose()?);
        request.send().await.or_fault("lambda:PutFunctionScalingConfig", BUSY)?;
    }
    Ok(())
}

async fn put_concurrency(lambda: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches("ReservedConcurrentExecutions") {
        return Ok(());
    }
    match change.want.whole("ReservedConcurrentExecutions")? {
        Some(most) => {
            let request = lambda.put_function_concurrency().function_name(change.id());
            let request = request.reserved_concurrent_executions(most);
            request.send().await.or_fault("lambda:PutFunctionConcurrency", BUSY).map(drop)
        }
        None => {
            let request = lambda.delete_function_concurrency().function_name(change.id());
            request.send().await.or_fault("lambda:DeleteFunctionConcurrency", BUSY).map(drop)
        }
    }
}

async fn put_code_signing(lambda: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches("CodeSigningConfigArn") {
        return Ok(());
    }
    match change.want.text::<String>("CodeSigningConfigArn")? {
        Some(arn) => {
            let request = lambda.put_function_code_signing_config().function_name(change.id());
            let request = request.code_signing_config_arn(arn);
            request.send().await.or_fault("lambda:PutFunctionCodeSigningConfig", BUSY).map(drop)
        }
        None => {
            let request = lambda.delete_function_code_signing_config().function_name(change.id());
            there(request.send().await.or_fault("lambda:DeleteFunctionCodeSigningConfig", BUSY)).map(drop)
        }
    }
}

/// The settings as far as they can be read, among the other properties. Those of the code are a zip archive's only, and
/// those of scaling belong to a function that runs on instances.
pub async fn read(lambda: &Client, name: &str, document: Observed, kind: Kind) -> Result<Observed> {
    let recursion = lambda.get_function_recursion_config().function_name(name).send();
    let recursion = async { offered(recursion.await.or_fault("lambda:GetFunctionRecursionConfig", BUSY)) };
    let (recursion, runtime, signing, scaling) = tokio::join!(
        recursion,
        async { if kind.is_archive { runtime(lambda, name).await } else { Ok(None) } },
        async { if kind.is_archive { signing(lambda, name).await } else { Ok(None) } },
        async { if kind.is_on_instances { scaling(lambda, name).await } else { Ok(None) } }
    );
    let recursion = recursion?.and_then(|answer| answer.recursive_loop);
    Ok(document
        .with("RecursiveLoop", recursion.as_ref().map(RecursiveLoop::as_str))
        .with("RuntimeManagementConfig", runtime?)
        .with("CodeSigningConfigArn", signing?)
        .with("FunctionScalingConfig", scaling?))
}

/// What decides which settings a function has.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub is_archive: bool,
    pub is_on_instances: bool,
}

async fn runtime(lambda: &Client, name: &str) -> Result<Option<Observed>> {
    let answer = lambda.get_runtime_management_config().function_name(name).send().await;
    let answer = offered(answer.or_fault("lambda:GetRuntimeManagementConfig", BUSY))?;
    Ok(answer.map(|config| {
        Observed::new()
            .with("UpdateRuntimeOn", config.update_runtime_on().map(UpdateRuntimeOn::as_str))
            .with("RuntimeVersionArn", config.runtime_version_arn())
    }))
}

async fn signing(lambda: &Client, name: &str) -> Result<Option<String>> {
    let answer = lambda.get_function_code_signing_config().function_name(name).send().await;
    let answer = offered(answer.or_fault("lambda:GetFunctionCodeSigningConfig", BUSY))?;
    Ok(answer.map(|answer| answer.code_signing_config_arn).filter(|arn| !arn.is_empty()))
}

async fn scaling(lambda: &Client, name: &str) -> Result<Option<Observed>> {
    let answer = lambda.get_function_scaling_config().function_name(name).qualifier(SCALED).send().await;
    let answer = offered(answer.or_fault("lambda:GetFunctionScalingConfig", BUSY))?;
    Ok(answer.and_then(|answer| answer.requested_function_scaling_config).map(|config| {
        Observed::new()
            .with("MinExecutionEnvironments", config.min_execution_environments())
            .with("MaxExecutionEnvironments", config.max_execution_environments())
    }))
}

/// An answer, if the region offers the call: those that do not, refuse it in many ways.
fn offered<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(fault) if !matches!(fault.kind, FaultKind::Throttled | FaultKind::Transient | FaultKind::NotReady) => {
            Ok(None)
        }
        outcome => outcome.map(Some),
    }
}
