"""What may be left of `stacks/webapp.yaml` after `destroy`: nothing. A part of the witness `webapp.py`.

Where the emulator has one account for everybody, others may be at work: only what is ours counts.
"""

from witness import tags

HOME, EDGE, RECOVERY = "eu-central-1", "us-east-1", "eu-west-1"


def gone(witness, name, client, pages, named):
    """Asks `witness` whether anything of environment `name` is left; with its own ways to ask AWS and to tell what is ours."""
    ask, owned = witness.ask, witness.owned
    ec2 = client("ec2")
    of_stack = [{"Name": "tag:provision:stack", "Values": [witness.stack]}]
    for operation, key in (("describe_vpcs", "Vpcs"), ("describe_subnets", "Subnets"), ("describe_security_groups", "SecurityGroups"), ("describe_route_tables", "RouteTables"), ("describe_internet_gateways", "InternetGateways"), ("describe_addresses", "Addresses")):
        ask(key, getattr(ec2, operation)(Filters=of_stack)[key], [])
    ask("NAT gateways", [n for n in owned(ec2.describe_nat_gateways()["NatGateways"]) if n["State"] not in ("deleted", "deleting")], [])
    ask("flow logs", owned(ec2.describe_flow_logs()["FlowLogs"]), [])
    for region in (HOME, EDGE, RECOVERY):
        kms = client("kms", region)
        known = [kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"] for k in pages("kms", "list_keys", "Keys", region)]
        live = [k["KeyId"] for k in known if k["KeyManager"] == "CUSTOMER" and k["KeyState"] != "PendingDeletion"]
        ask(f"{region} keys", [k for k in live if tags(kms.list_resource_tags(KeyId=k)["Tags"]).get("provision:stack") == witness.stack], [])
    for service, operation, key, called, region in (
        ("kms", "list_aliases", "Aliases", "AliasName", HOME),
        ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier", HOME),
        ("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName", HOME),
        ("rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName", HOME),
        ("elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId", HOME),
        ("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups", "CacheSubnetGroupName", HOME),
        ("secretsmanager", "list_secrets", "SecretList", "Name", HOME),
        ("ssm", "describe_parameters", "Parameters", "Name", HOME),
        ("ecr", "describe_repositories", "repositories", "repositoryName", HOME),
        ("ecs", "list_task_definitions", "taskDefinitionArns", None, HOME),
        ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName", HOME),
        ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName", HOME),
        ("logs", "describe_log_groups", "logGroups", "logGroupName", HOME),
        ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", HOME),
        ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName", EDGE),
        ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName", HOME),
        ("sns", "list_topics", "Topics", "TopicArn", HOME),
        ("sns", "list_topics", "Topics", "TopicArn", EDGE),
        ("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName", HOME),
        ("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName", RECOVERY),
        ("backup", "list_backup_plans", "BackupPlansList", "BackupPlanName", HOME),
        ("iam", "list_roles", "Roles", "RoleName", HOME),
    ):
        asked = {"status": "ACTIVE"} if operation == "list_task_definitions" else {}
        found = pages(service, operation, key, region, **asked)
        names = [item[called] if called else item for item in found]
        ours = [n for n in names if f"/{witness.stack}/" in n] if service == "ssm" else named(names)
        ask(f"{region} {service} {key}", ours, [])
    ecs, cloudfront = client("ecs"), client("cloudfront", EDGE)
    clusters = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    ask("ECS clusters", named(c["clusterName"] for c in clusters if c["status"] == "ACTIVE"), [])
    ask("scalable targets", named(t["ResourceId"] for t in client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]), [])
    ask("buckets", named(b["Name"] for b in client("s3").list_buckets()["Buckets"]), [])
    ask("distributions", [d["Id"] for d in cloudfront.list_distributions()["DistributionList"].get("Items", []) if d["Comment"] == name], [])
    ask("origin access controls", [c["Id"] for c in cloudfront.list_origin_access_controls()["OriginAccessControlList"].get("Items", []) if c["Name"] == name], [])
    ask("web ACLs", named(a["Name"] for a in client("wafv2", EDGE).list_web_acls(Scope="CLOUDFRONT")["WebACLs"]), [])
    ask("budgets", named(b["BudgetName"] for b in client("budgets", EDGE).describe_budgets(AccountId="123456789012").get("Budgets", [])), [])
