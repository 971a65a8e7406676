//! Describes many objects by their ARNs. The API takes twenty in one call, and refuses the whole call for one that does
//! not exist: then they are asked about one by one, and those that do not exist are left out.

use crate::{
    aws::{convert::each, faults::there},
    driver::{FaultKind, Result},
};

/// How many ARNs one call may carry.
pub const AT_ONCE: usize = 20;

/// What `describe` finds of `arns`; nothing is asked for no ARNs, because to the API that means all.
pub async fn found<T, F>(arns: Vec<String>, describe: impl Fn(Vec<String>) -> F + Sync) -> Result<Vec<T>>
where
    F: Future<Output = Result<Vec<T>>>,
{
    let pages: Vec<Vec<String>> = arns.chunks(AT_ONCE).map(<[String]>::to_vec).collect();
    let found = each(pages.into_iter().map(|arns| page(arns, &describe))).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn page<T, F>(arns: Vec<String>, describe: &(impl Fn(Vec<String>) -> F + Sync)) -> Result<Vec<T>>
where
    F: Future<Output = Result<Vec<T>>>,
{
    match describe(arns.clone()).await {
        Err(fault) if fault.kind == FaultKind::NotFound && arns.len() > 1 => {
            let found = each(arns.into_iter().map(|arn| single(arn, describe))).await?;
            Ok(found.into_iter().flatten().collect())
        }
        found => Ok(there(found)?.unwrap_or_default()),
    }
}

async fn single<T, F>(arn: String, describe: &(impl Fn(Vec<String>) -> F + Sync)) -> Result<Vec<T>>
where
    F: Future<Output = Result<Vec<T>>>,
{
    Ok(there(describe(vec![arn]).await)?.unwrap_or_default())
}
