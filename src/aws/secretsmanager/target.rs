//! What a secret says of the database that it opens, in the words that CloudFormation and AWS's rotation functions use:
//! `engine`, `host`, `port`, `dbname`, and the identifier of the cluster or instance.

use serde_json::{Map, Value as Json, json};

use crate::{
    aws::{Clients, convert::Wanted},
    driver::{Call, Fault, FaultKind, Result},
};

/// A kind of database, and under which key a secret names it.
struct Kind {
    type_name: &'static str,
    key: &'static str,
    is_document_db: bool,
}

const KINDS: &[Kind] = &[
    Kind { type_name: "AWS::RDS::DBCluster", key: CLUSTER, is_document_db: false },
    Kind { type_name: "AWS::RDS::DBInstance", key: INSTANCE, is_document_db: false },
    Kind { type_name: "AWS::DocDB::DBCluster", key: CLUSTER, is_document_db: true },
    Kind { type_name: "AWS::DocDB::DBInstance", key: INSTANCE, is_document_db: true },
];

const CLUSTER: &str = "dbClusterIdentifier";
const INSTANCE: &str = "dbInstanceIdentifier";
const MONGO: &str = "mongo";

/// What an attachment writes into a secret, and takes out of it again.
const WRITTEN: &[&str] = &["engine", "host", "port", "dbname", "ssl", CLUSTER, INSTANCE];

/// What the API says of a database.
#[cfg_attr(not(feature = "rds"), expect(dead_code, reason = "filled in by the client for RDS"))]
struct Database {
    id: String,
    engine: String,
    host: Option<String>,
    port: Option<i32>,
    name: Option<String>,
}

/// The type and the id of the database that a secret names.
pub fn named_in(value: &Map<String, Json>) -> Option<(&'static str, &str)> {
    let is_document_db = value.get("engine").and_then(Json::as_str) == Some(MONGO);
    let mut kinds = KINDS.iter().filter(|kind| kind.is_document_db == is_document_db);
    kinds.find_map(|kind| Some((kind.type_name, value.get(kind.key)?.as_str()?)))
}

/// Puts `database` into a secret, in place of the one that it may name already.
pub fn attach(value: &mut Map<String, Json>, database: Map<String, Json>) {
    value.retain(|key, _| ![CLUSTER, INSTANCE].contains(&key.as_str()));
    value.extend(database);
}

/// Takes everything about a database out of a secret.
pub fn detach(value: &mut Map<String, Json>) {
    value.retain(|key, _| !WRITTEN.contains(&key.as_str()));
}

/// What to write into a secret about the wanted database.
pub async fn wanted(aws: &Clients, call: &Call, want: &Wanted<'_>) -> Result<Map<String, Json>> {
    let type_name = want.text::<String>("TargetType")?.unwrap_or_default();
    let id = want.text::<String>("TargetId")?.unwrap_or_default();
    let Some(kind) = KINDS.iter().find(|kind| kind.type_name == type_name) else {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.type_name).collect();
        return Err(want.invalid(format!(
            "a secret cannot be attached to `{type_name}` here, only to {}; write `host`, `port`, `engine` and `dbname` \
             into `SecretStringTemplate` instead",
            known.join(", ")
        )));
    };
    let database = match kind.key {
        CLUSTER => cluster(aws, call, &id).await?,
        _ => instance(aws, call, &id).await?,
    };
    let Some(host) = database.host else {
        return Err(Fault::new(FaultKind::NotReady, type_name, format!("`{id}` has no endpoint yet")));
    };
    let mut written = Map::new();
    written.insert(kind.key.to_owned(), database.id.into());
    written.insert("engine".to_owned(), engine(&database.engine).into());
    written.insert("host".to_owned(), host.into());
    written.extend(database.port.map(|port| ("port".to_owned(), json!(port))));
    written.extend(database.name.map(|name| ("dbname".to_owned(), json!(name))));
    if kind.is_document_db {
        written.insert("ssl".to_owned(), json!(true));
    }
    Ok(written)
}

/// The name of an engine in secrets: without editions and forms of hosting.
fn engine(engine: &str) -> &str {
    let engine = engine.trim_start_matches("custom-").trim_start_matches("aurora-");
    match engine.split('-').next().unwrap_or(engine) {
        "aurora" => "mysql",
        "postgresql" => "postgres",
        "docdb" => MONGO,
        other => other,
    }
}

#[cfg(feature = "rds")]
async fn cluster(aws: &Clients, call: &Call, id: &str) -> Result<Database> {
    use crate::aws::faults::{OrFault, answered};
    let operation = "rds:DescribeDBClusters";
    let answer = aws.rds(&call.place).await.describe_db_clusters().db_cluster_identifier(id).send().await;
    let found = answer.or_fault(operation, MISSING)?.db_clusters.unwrap_or_default();
    let cluster = answered(found.into_iter().next(), operation)?;
    Ok(Database {
        id: cluster.db_cluster_identifier.unwrap_or_default(),
        engine: cluster.engine.unwrap_or_default(),
        host: cluster.endpoint,
        port: cluster.port,
        name: cluster.database_name,
    })
}

#[cfg(feature = "rds")]
async fn instance(aws: &Clients, call: &Call, id: &str) -> Result<Database> {
    use crate::aws::faults::{OrFault, answered};
    let operation = "rds:DescribeDBInstances";
    let answer = aws.rds(&call.place).await.describe_db_instances().db_instance_identifier(id).send().await;
    let found = answer.or_fault(operation, MISSING)?.db_instances.unwrap_or_default();
    let instance = answered(found.into_iter().next(), operation)?;
    let endpoint = instance.endpoint;
    Ok(Database {
        id: instance.db_instance_identifier.unwrap_or_default(),
        engine: instance.engine.unwrap_or_default(),
        port: endpoint.as_ref().and_then(|endpoint| endpoint.port),
        host: endpoint.and_then(|endpoint| endpoint.address),
        name: instance.db_name,
    })
}

#[cfg(feature = "rds")]
const MISSING: crate::aws::faults::Codes =
    &[("DBClusterNotFoundFault", FaultKind::NotFound), ("DBInstanceNotFound", FaultKind::NotFound)];

#[cfg(not(feature = "rds"))]
async fn cluster(_: &Clients, _: &Call, _: &str) -> Result<Database> {
    Err(unbuilt("rds:DescribeDBClusters"))
}

#[cfg(not(feature = "rds"))]
async fn instance(_: &Clients, _: &Call, _: &str) -> Result<Database> {
    Err(unbuilt("rds:DescribeDBInstances"))
}

#[cfg(not(feature = "rds"))]
fn unbuilt(operation: &str) -> Fault {
    let message = "this binary was built without the feature `rds`, which looking up the database needs";
    Fault::new(FaultKind::Invalid, operation, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_are_named_as_rotation_functions_expect_them() {
        for (engine_of_rds, in_secrets) in [
            ("aurora-postgresql", "postgres"),
            ("postgres", "postgres"),
            ("aurora-mysql", "mysql"),
            ("aurora", "mysql"),
            ("mariadb", "mariadb"),
            ("oracle-se2-cdb", "oracle"),
            ("custom-sqlserver-ee", "sqlserver"),
            ("docdb", "mongo"),
        ] {
            assert_eq!(engine(engine_of_rds), in_secrets, "{engine_of_rds}");
        }
    }

    #[test]
    fn a_secret_names_its_database_until_it_is_detached() {
        let mut value = Map::new();
        value.insert("username".to_owned(), json!("app"));
        assert_eq!(named_in(&value), None);
        value.insert(CLUSTER.to_owned(), json!("main"));
        value.insert("engine".to_owned(), json!("postgres"));
        assert_eq!(named_in(&value), Some(("AWS::RDS::DBCluster", "main")));
        value.insert("engine".to_owned(), json!(MONGO));
        assert_eq!(named_in(&value), Some(("AWS::DocDB::DBCluster", "main")));
        let other = json!({INSTANCE: "other", "engine": "mysql"});
        attach(&mut value, other.as_object().unwrap().clone());
        assert_eq!(named_in(&value), Some(("AWS::RDS::DBInstance", "other")));
        detach(&mut value);
        assert_eq!(value.keys().collect::<Vec<_>>(), ["username"]);
    }
}
