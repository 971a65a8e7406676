//! Which caches still use a group that cannot be deleted. A look-up that fails says nothing, so that it never hides the
//! refusal it was to explain.

use std::collections::BTreeSet;

use aws_sdk_elasticache::{Client, types::CacheCluster};

/// The caches that `uses` means, by name; one that belongs to a replication group by that group's.
pub async fn caches(elasticache: &Client, uses: impl Fn(&CacheCluster) -> bool) -> Vec<String> {
    let found = elasticache.describe_cache_clusters().into_paginator().items().send().try_collect().await;
    let found: Vec<CacheCluster> = found.unwrap_or_default();
    let name = |cluster: &CacheCluster| {
        let group = cluster.replication_group_id().filter(|group| !group.is_empty());
        group.or(cluster.cache_cluster_id()).map(str::to_owned)
    };
    let names: BTreeSet<String> = found.iter().filter(|cluster| uses(cluster)).filter_map(name).collect();
    names.into_iter().collect()
}
