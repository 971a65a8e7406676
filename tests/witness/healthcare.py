#!/usr/bin/env python3
"""An independent witness: asks AWS, by plain boto3, whether `stacks/healthcare.yaml` is really there.

    witness/healthcare.py [--name healthcare-dev] [--desired-count 2] [--dr] [...]      is it as the stack says?
    witness/healthcare.py --meddle [...]                                                changes and deletes things by hand
    witness/healthcare.py --gone [...]                                                  is nothing of it left?

It shares nothing with the program: no driver, no catalogue, no state. What the stack says is written out here again, so
that a mistake in one place is not believed in the other. One line per question; exit code 1 if any answer is wrong.
"""

import argparse
import json

from witness import Witness, available_gateways, statements, tags, ways_out

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="healthcare-dev")
parser.add_argument("--stack", default="healthcare/default", help="stack and environment, as in the owner tags")
parser.add_argument("--environment", default="dev", help="the variable")
parser.add_argument("--region", default="ap-southeast-1")
parser.add_argument("--desired-count", type=int, default=2)
parser.add_argument("--image", default="1.27", help="version of nginx")
parser.add_argument("--capacity", type=float, nargs=2, default=[0.5, 2], help="of the database, in Aurora capacity units")
parser.add_argument("--cpu-alarm", type=float, default=80, help="per cent of the database's CPU")
parser.add_argument("--log-days", type=int, default=7)
parser.add_argument("--rotation", action="store_true", help="the password is rotated, and the team gets the alarms by e-mail")
parser.add_argument("--data-tier", action="store_true", help="there is a second private tier")
parser.add_argument("--cache-moved", action="store_true", help="the cache is in that tier")
parser.add_argument("--visitors", action="store_true", help="a partner and an auditor get in")
parser.add_argument("--files-path", default="/data")
parser.add_argument("--elastic", action="store_true", help="elastic throughput, no alarm about credits")
parser.add_argument("--owner", default="platform-team", help="the tag on everything")
parser.add_argument("--dr", action="store_true")
parser.add_argument("--gone", action="store_true")
parser.add_argument("--meddle", action="store_true")
args = parser.parse_args()

STACK_TAGS = {"Environment": args.environment, "Project": "healthcare", "Owner": args.owner, "ManagedBy": "provision"}
witness = Witness(args.stack, args.region, STACK_TAGS, args.name)
ask, client, tagged, only, owned = witness.ask, witness.client, witness.tagged, witness.only, witness.owned


def named(names):
    """Those of some names that can only be ours, of paths and ARNs by their last part."""
    return [name for name in names if name.removeprefix("alias/").removeprefix("/").split("/")[-1].startswith(witness.our_names)]


def network(ec2, cidr, tiers=()):
    vpc = only(f"VPC {cidr}", [v for v in owned(ec2.describe_vpcs()["Vpcs"]) if v["CidrBlock"] == cidr])
    tagged("VPC", vpc.get("Tags", []))
    witness.dns(ec2, vpc["VpcId"])
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    prefix = cidr.rsplit(".", 2)[0]
    ask(
        "subnets, zones, and which are public",
        sorted((s["CidrBlock"], s["AvailabilityZone"][-1], s["MapPublicIpOnLaunch"]) for s in subnets),
        sorted([(f"{prefix}.{o + i}.0/24", z, o == 1) for o in (1, 11, *tiers) for i, z in enumerate("abc")]),
    )
    gateways = available_gateways(ec2, vpc["VpcId"])
    nat = only("NAT gateway", gateways)
    tagged("NAT gateway", nat.get("Tags", []))
    internet = witness.internet_gateway(ec2, vpc["VpcId"])
    public = {s["SubnetId"] for s in subnets if s["MapPublicIpOnLaunch"]}
    ask("NAT gateway stands in a public subnet", nat.get("SubnetId") in public, True)
    expected = {s["SubnetId"]: internet.get("InternetGatewayId") if s["SubnetId"] in public else nat.get("NatGatewayId") for s in subnets}
    ask("each subnet's way out", ways_out(ec2, vpc["VpcId"]), expected)
    logs = witness.flow_log(ec2, vpc["VpcId"])
    ask("flow log takes all traffic", logs.get("TrafficType"), "ALL")
    return vpc, subnets


def encryption(kms, multi_region=False):
    alias = [a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == f"alias/{args.name}"]
    key = kms.describe_key(KeyId=only("alias", alias)["TargetKeyId"])["KeyMetadata"]
    ask("key is enabled", (key["Enabled"], key["KeyState"]), (True, "Enabled"))
    ask("key is rotated", kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"], True)
    ask("key is multi-region only with a second region", key.get("MultiRegion", False), multi_region)
    policy = statements(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
    ask("key policy's statements", sorted(s["Sid"] for s in policy), ["Administration", "Alarms", "Logs"])
    tagged("key", kms.list_resource_tags(KeyId=key["KeyId"])["Tags"])
    return key


def access(vpc):
    groups = {tags(g["Tags"]).get("Name"): g for g in witness.security_groups(vpc["VpcId"])}

    def ingress(name):
        found = groups.get(f"{args.name}-{name}", {}).get("IpPermissions", [])
        return sorted((p["FromPort"], *[r["CidrIp"] for r in p["IpRanges"]], *[g["GroupId"] for g in p["UserIdGroupPairs"]]) for p in found)

    def group(name):
        return groups.get(f"{args.name}-{name}", {}).get("GroupId")

    ask("load balancer is open on 80 and 443", ingress("load-balancer"), [(80, "0.0.0.0/0"), (443, "0.0.0.0/0")] + ([(8443, "203.0.113.0/24")] if args.visitors else []))
    ask("tasks are reached from the load balancer only", ingress("tasks"), [(80, group("load-balancer"))])
    for name, port in (("database", 5432), ("cache", 6379), ("files", 2049)):
        auditor = ["198.51.100.7/32"] if args.visitors and name == "database" else []
        ask(f"{name} is reached from the tasks only", ingress(name), [(port, *auditor, group("tasks"))])
    return group


def database(rds, key, group, name, instances):
    cluster = only(f"cluster {name}", [c for c in rds.describe_db_clusters()["DBClusters"] if c["DBClusterIdentifier"] == name])
    ask("cluster is available", cluster.get("Status"), "available")
    ask("cluster is encrypted with the stack's key", (cluster.get("StorageEncrypted"), cluster.get("KmsKeyId")), (True, key["Arn"]))
    scaling = cluster.get("ServerlessV2ScalingConfiguration", {})
    ask("cluster's capacity", [scaling.get("MinCapacity"), scaling.get("MaxCapacity")], args.capacity)
    ask("cluster's backups", cluster.get("BackupRetentionPeriod"), 7)
    ask("cluster's security groups", [g["VpcSecurityGroupId"] for g in cluster.get("VpcSecurityGroups", [])], [group])
    found = [i for i in rds.describe_db_instances()["DBInstances"] if i.get("DBClusterIdentifier") == name]
    ask("instances", sorted((i["DBInstanceIdentifier"], i["DBInstanceClass"], i["PubliclyAccessible"]) for i in found), [(f"{name}-{i + 1}", "db.serverless", False) for i in range(instances)])
    subnets = rds.describe_db_subnet_groups(DBSubnetGroupName=cluster["DBSubnetGroup"])["DBSubnetGroups"][0]
    ask("database is in three subnets", len(subnets["Subnets"]), 3)
    parameters = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=cluster["DBClusterParameterGroup"])["Parameters"]
    ask("TLS is forced", [p.get("ParameterValue") for p in parameters if p["ParameterName"] == "rds.force_ssl"], ["1"])
    tagged("cluster", cluster.get("TagList", []))
    return cluster


def of_tier(subnets, offset):
    return sorted(s["SubnetId"] for s in subnets if offset <= int(s["CidrBlock"].split(".")[2]) < offset + 3)


def files(efs, key, subnets, group):
    system = only("file system", owned(efs.describe_file_systems()["FileSystems"]))
    identity = system["FileSystemId"]
    ask("files are encrypted with the stack's key", (system["Encrypted"], system["KmsKeyId"].split("/")[-1]), (True, key["KeyId"]))
    ask("files' throughput", system["ThroughputMode"], "elastic" if args.elastic else "bursting")
    ask("a mount target in each private subnet", witness.mounted(identity, group), of_tier(subnets, 11))
    point = only("access point", efs.describe_access_points(FileSystemId=identity)["AccessPoints"])
    ask("access point's user", (point["PosixUser"]["Uid"], point["PosixUser"]["Gid"], point["RootDirectory"]["Path"]), (1000, 1000, args.files_path))
    policy = statements(efs.describe_file_system_policy(FileSystemId=identity)["Policy"])
    ask("files are mounted through TLS only", policy[0]["Condition"]["Bool"]["aws:SecureTransport"], "true")
    return system, point


def tasks(group, subnets, secret, files, point):
    ecs, elb, scaling = client("ecs"), client("elbv2"), client("application-autoscaling")
    witness.task_cluster()
    service = ecs.describe_services(cluster=args.name, services=[args.name])["services"][0]
    ask("service's tasks", service["desiredCount"], args.desired_count)
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    ask("tasks are private", (network.get("assignPublicIp"), sorted(network["subnets"]), network["securityGroups"]), ("DISABLED", of_tier(subnets, 11), [group("tasks")]))
    ask("circuit breaker", service["deploymentConfiguration"].get("deploymentCircuitBreaker"), {"enable": True, "rollback": True})
    answer = ecs.describe_task_definition(taskDefinition=service["taskDefinition"], include=["TAGS"])
    task = answer["taskDefinition"]
    tagged("task definition", answer.get("tags", []))
    container = task["containerDefinitions"][0]
    ask("task's size", (task["cpu"], task["memory"], task["networkMode"]), ("256", "512", "awsvpc"))
    ask("task's image", container["image"], f"public.ecr.aws/nginx/nginx:{args.image}")
    ask("task's secret", [s["valueFrom"] for s in container["secrets"]], [secret])
    volume = task["volumes"][0].get("efsVolumeConfiguration", {})
    entry = volume.get("authorizationConfig", {})
    ask("task's files", (volume.get("fileSystemId"), volume.get("transitEncryption"), entry.get("iam"), entry.get("accessPointId")), (files["FileSystemId"], "ENABLED", "ENABLED", point["AccessPointId"]))
    ask("task's log group", container["logConfiguration"]["options"]["awslogs-group"], f"/ecs/{args.name}")
    balancer = elb.describe_load_balancers(Names=[args.name])["LoadBalancers"][0]
    ask("load balancer is public", (balancer["Scheme"], balancer["Type"], balancer["SecurityGroups"]), ("internet-facing", "application", [group("load-balancer")]))
    witness.headers(balancer["LoadBalancerArn"])
    listener = only("listener", elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"])
    target = elb.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"][0]
    ask("listener sends to the target group", (listener["Port"], listener["DefaultActions"][0]["TargetGroupArn"]), (80, target["TargetGroupArn"]))
    ask("target health", (target["TargetType"], target["HealthCheckPath"], target["HealthCheckIntervalSeconds"], target["HealthyThresholdCount"], target["UnhealthyThresholdCount"], target["Matcher"]["HttpCode"]), ("ip", "/", 30, 2, 3, "200"))
    ask("service is behind the load balancer", [b["targetGroupArn"] for b in service["loadBalancers"]], [target["TargetGroupArn"]])
    identity = f"service/{args.name}/{args.name}"
    bounds = only("scalable target", scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[identity])["ScalableTargets"])
    ask("service's bounds", (bounds.get("MinCapacity"), bounds.get("MaxCapacity")), (args.desired_count, 6))
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=identity)["ScalingPolicies"]
    ask("service follows CPU and memory", sorted(p["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["PredefinedMetricType"] for p in policies), ["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"])


def secret(key):
    secrets = client("secretsmanager")
    found = only("secret", owned(secrets.list_secrets()["SecretList"]))
    tagged("secret", found.get("Tags", []))
    ask("secret is encrypted with the stack's key", found.get("KmsKeyId"), key["Arn"])
    value = json.loads(secrets.get_secret_value(SecretId=found["ARN"])["SecretString"])
    ask("secret's user and password", (value["username"], len(value["password"])), ("healthcare", 32))
    ask("secret knows its database", (value.get("engine"), str(value.get("port")), value.get("dbClusterIdentifier")), ("postgres", "5432", args.name))
    return found["ARN"]


def watch(key):
    logs, alarms, topics = client("logs"), client("cloudwatch"), client("sns")
    for group in [f"/ecs/{args.name}", f"/vpc/{args.name}"] + ([f"/aws/lambda/{args.name}-rotation"] if args.rotation else []):
        found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
        ask(f"{group}: days and key", (found.get("retentionInDays"), found.get("kmsKeyId")), (args.log_days, key["Arn"]))
    topic = only("topic", [t["TopicArn"] for t in topics.list_topics()["Topics"] if t["TopicArn"].endswith(f":{args.name}-alarms")])
    attributes = topics.get_topic_attributes(TopicArn=topic)["Attributes"]
    ask("topic's key", attributes.get("KmsMasterKeyId"), key["KeyId"])
    ask("who gets the alarms", witness.readers(topic), [("email", "team@example.com")] if args.rotation else [])
    expected = [
        ("AWS/RDS", "CPUUtilization", "GreaterThanThreshold", args.cpu_alarm, "Average", "missing"),
        ("ECS/ContainerInsights", "RunningTaskCount", "LessThanThreshold", float(args.desired_count), "Minimum", "breaching"),
        ("AWS/ApplicationELB", "UnHealthyHostCount", "GreaterThanThreshold", 0.0, "Maximum", "notBreaching"),
        ("AWS/EFS", "BurstCreditBalance", "LessThanThreshold", 1e12, "Minimum", "missing"),
    ]
    found = [a for a in alarms.describe_alarms()["MetricAlarms"] if topic in a["AlarmActions"]]
    ask(
        "alarms",
        sorted((a["Namespace"], a["MetricName"], a["ComparisonOperator"], a["Threshold"], a["Statistic"], a["TreatMissingData"]) for a in found),
        sorted(expected[:3] if args.elastic else expected),
    )
    ask("alarms look at five minutes, and say when it is over", {(a["Period"], a["EvaluationPeriods"], *a["OKActions"]) for a in found}, {(60, 5, topic)})


def backups(key, system):
    backup = client("backup")
    vault = backup.describe_backup_vault(BackupVaultName=args.name)
    ask("vault's key", vault["EncryptionKeyArn"], key["Arn"])
    plan = only("backup plan", [p for p in backup.list_backup_plans()["BackupPlansList"] if p["BackupPlanName"] == args.name])
    rule = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"][0]
    ask("daily, kept 35 days", (rule["ScheduleExpression"], rule["Lifecycle"]["DeleteAfterDays"]), ("cron(0 17 * * ? *)", 35))
    selection = only("selection", backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"])
    chosen = backup.get_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=selection["SelectionId"])
    ask("files are selected", chosen["BackupSelection"]["Resources"], [system["FileSystemArn"]])


def our_roles(iam):
    """By name: their tags."""
    names = named(witness.names("iam", "list_roles", "Roles", "RoleName"))
    return {name: iam.list_role_tags(RoleName=name)["Tags"] for name in names}


def roles(secret_arn, key):
    iam = client("iam")
    found = {tags(mine).get("provision:address", name).split(".")[-1]: name for name, mine in our_roles(iam).items()}
    ask("roles", sorted(found), ["backup_role", "execution_role", "flow_log_role"] + (["role"] if args.rotation else []) + ["task_role"])
    policy = statements(iam.get_role_policy(RoleName=found["execution_role"], PolicyName="read-secret")["PolicyDocument"])
    ask("execution role reads one secret with one key", [s["Resource"] for s in policy], [secret_arn, key["Arn"]])
    for role in found.values():
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            policy = statements(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
            ask(f"{name}: no wildcard", [s["Action"] for s in policy if s["Resource"] == "*" and s["Action"] != "secretsmanager:GetRandomPassword"], [])


def rotation(secret_arn):
    secret, function = client("secretsmanager").describe_secret(SecretId=secret_arn), client("lambda")
    ask("password is rotated", (secret.get("RotationEnabled", False), "RotationRules" in secret), (args.rotation, args.rotation))
    if not args.rotation:
        return
    ask("every 30 days", secret["RotationRules"].get("ScheduleExpression", secret["RotationRules"].get("AutomaticallyAfterDays")) in ("rate(30 days)", 30), True)
    found = function.get_function(FunctionName=f"{args.name}-rotation")["Configuration"]
    ask("by this function", (secret["RotationLambdaARN"], found["Runtime"], found["Handler"]), (found["FunctionArn"], "python3.13", "cluster_password.handler"))
    ask("which knows the cluster", found["Environment"]["Variables"], {"CLUSTER": args.name})
    policy = statements(function.get_policy(FunctionName=f"{args.name}-rotation")["Policy"])
    ask("and is called by Secrets Manager only", [s["Principal"]["Service"] for s in policy], ["secretsmanager.amazonaws.com"])


def cache(key, group, subnets):
    elasticache = client("elasticache")
    replication = elasticache.describe_replication_groups(ReplicationGroupId=args.name)["ReplicationGroups"][0]
    name = f"{args.name}-data" if args.cache_moved else args.name
    groups = [g for g in elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"] if g["CacheSubnetGroupName"].startswith(args.name)]
    ask("cache's subnet group", [(g["CacheSubnetGroupName"], sorted(s["SubnetIdentifier"] for s in g["Subnets"])) for g in groups], [(name, of_tier(subnets, 21 if args.cache_moved else 11))])
    nodes = [c for c in elasticache.describe_cache_clusters()["CacheClusters"] if c.get("ReplicationGroupId") == args.name]
    # ministack tells it of clusters without a replication group only.
    ask("where the cache's nodes are", {c.get("CacheSubnetGroupName") or name for c in nodes}, {name} if nodes else set())
    # ministack does not say with which key.
    ask("cache is encrypted", (replication.get("AtRestEncryptionEnabled"), replication.get("TransitEncryptionEnabled")), (True, True))
    ask("cache's key", replication.get("KmsKeyId", key["Arn"]), key["Arn"])
    ask("cache has one node", len(replication["MemberClusters"]), 1)
    ask("cache keeps snapshots", replication.get("SnapshotRetentionLimit"), 7)


def everywhere():
    """Whatever carries the owner tag carries the stack's tags too, also what no other question is about."""
    # Snapshots keep the tags that the cluster had when they were made. What is deleted moto still lists for some types.
    found = witness.tagged_resources(":cluster-snapshot:", ":natgateway/", ":task-definition/", ":key/", ":secret:")
    found |= our_roles(client("iam"))
    efs, elasticache, backup = client("efs"), client("elasticache"), client("backup")
    for system in owned(efs.describe_file_systems()["FileSystems"]):
        found[system["FileSystemId"]] = system["Tags"]
        for point in efs.describe_access_points(FileSystemId=system["FileSystemId"])["AccessPoints"]:
            found[point["AccessPointId"]] = point["Tags"]
    for group in elasticache.describe_replication_groups(ReplicationGroupId=args.name)["ReplicationGroups"]:
        found[group["ARN"]] = elasticache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]
    arns = [backup.describe_backup_vault(BackupVaultName=args.name)["BackupVaultArn"]]
    arns += [p["BackupPlanArn"] for p in backup.list_backup_plans()["BackupPlansList"] if p["BackupPlanName"] == args.name]
    for arn in arns:
        found[arn] = backup.list_tags(ResourceArn=arn)["Tags"]
    ask("many things carry tags", len(found) >= 35, True)
    for what, items in sorted(found.items()):
        tagged(what, items)


def there():
    key = encryption(client("kms"), args.dr)
    ec2 = client("ec2")
    vpc, subnets = network(ec2, "10.0.0.0/16", (21,) if args.data_tier else ())
    group = access(vpc)
    arn = secret(key)
    database(client("rds"), key, group("database"), args.name, 2)
    system, point = files(client("efs"), key, subnets, group("files"))
    cache(key, group("cache"), subnets)
    tasks(group, subnets, arn, system, point)
    rotation(arn)
    watch(key)
    backups(key, system)
    everywhere()
    if not args.dr:
        roles(arn, key)
        return
    second = "ap-southeast-2"
    replica = client("kms", second).describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    ask("replica key", (replica["MultiRegionConfiguration"]["MultiRegionKeyType"], replica["Arn"].split(":")[3]), ("REPLICA", second))
    far_vpc, _ = network(client("ec2", second), "10.1.0.0/16")
    far_group = [g["GroupId"] for g in witness.security_groups(far_vpc["VpcId"], second)][0]
    far = database(client("rds", second), replica, far_group, f"{args.name}-dr", 1)
    both = client("rds").describe_global_clusters(GlobalClusterIdentifier=f"{args.name}-global")["GlobalClusters"][0]
    ask("global cluster's members", sorted((m["DBClusterArn"].split(":")[3], m["IsWriter"]) for m in both["GlobalClusterMembers"]), [(args.region, True), (second, False)])
    ask("second cluster is a member", far["DBClusterArn"] in [m["DBClusterArn"] for m in both["GlobalClusterMembers"]], True)


def meddle():
    """What people do by hand when nobody looks."""
    ec2, alarms, logs, iam, kms = client("ec2"), client("cloudwatch"), client("logs"), client("iam"), client("kms")
    ours = {a["MetricName"]: a for a in alarms.describe_alarms()["MetricAlarms"] if a["AlarmName"].startswith(witness.our_names)}
    witness.move_threshold(ours["CPUUtilization"], 99)
    alarms.delete_alarms(AlarmNames=[ours["UnHealthyHostCount"]["AlarmName"]])
    groups = {tags(g["Tags"]).get("Name"): g["GroupId"] for g in witness.security_groups()}
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=groups[f"{args.name}-load-balancer"], IpPermissions=[ssh])
    pair = [{"GroupId": groups[f"{args.name}-tasks"]}]
    redis = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "UserIdGroupPairs": pair}
    ec2.revoke_security_group_ingress(GroupId=groups[f"{args.name}-cache"], IpPermissions=[redis])
    logs.put_retention_policy(logGroupName=f"/ecs/{args.name}", retentionInDays=1)
    role = [name for name in our_roles(iam) if "execution-role" in name][0]
    document = iam.get_role_policy(RoleName=role, PolicyName="read-secret")["PolicyDocument"]
    document["Statement"][0]["Resource"] = "*"
    iam.put_role_policy(RoleName=role, PolicyName="read-secret", PolicyDocument=json.dumps(document))
    alias = [a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == f"alias/{args.name}"][0]
    kms.disable_key_rotation(KeyId=alias["TargetKeyId"])
    vpc = owned(ec2.describe_vpcs()["Vpcs"])[0]["VpcId"]
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "Owner"}])


def gone():
    # Where the emulator has one account for everybody, others may be at work: there only what is ours counts.
    for region in [args.region] + (["ap-southeast-2"] if args.dr else []):
        witness.no_network(region)
        rds = client("rds", region)
        ask(f"{region} databases", named([c["DBClusterIdentifier"] for c in rds.describe_db_clusters()["DBClusters"]] + [i["DBInstanceIdentifier"] for i in rds.describe_db_instances()["DBInstances"]]), [])
        ask(f"{region} global clusters", named(g["GlobalClusterIdentifier"] for g in rds.describe_global_clusters()["GlobalClusters"]), [])
        ask(f"{region} database subnet groups", named(g["DBSubnetGroupName"] for g in rds.describe_db_subnet_groups()["DBSubnetGroups"]), [])
        ask(f"{region} database parameters", named(g["DBClusterParameterGroupName"] for g in rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]), [])
        ask(f"{region} keys", witness.keys_left(region), [])
        ask(f"{region} aliases", named(a["AliasName"] for a in client("kms", region).list_aliases()["Aliases"]), [])
        ask(f"{region} log groups", named(g["logGroupName"] for g in client("logs", region).describe_log_groups()["logGroups"]), [])
    elasticache, backup = client("elasticache"), client("backup")
    ask("file systems", owned(client("efs").describe_file_systems()["FileSystems"]), [])
    ask("caches", named(g["ReplicationGroupId"] for g in elasticache.describe_replication_groups()["ReplicationGroups"]), [])
    ask("cache subnet groups", named(g["CacheSubnetGroupName"] for g in elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"]), [])
    ask("secrets", named(s["Name"] for s in client("secretsmanager").list_secrets()["SecretList"]), [])
    ask("ECS clusters", named(witness.active_clusters()), [])
    ask("task definitions", named(client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"]), [])
    ask("load balancers", named(b["LoadBalancerName"] for b in client("elbv2").describe_load_balancers()["LoadBalancers"]), [])
    ask("target groups", named(g["TargetGroupName"] for g in client("elbv2").describe_target_groups()["TargetGroups"]), [])
    ask("scalable targets", named(t["ResourceId"] for t in client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]), [])
    ask("topics", named(t["TopicArn"].split(":")[-1] for t in client("sns").list_topics()["Topics"]), [])
    ask("alarms", named(a["AlarmName"] for a in client("cloudwatch").describe_alarms()["MetricAlarms"]), [])
    ask("backup plans", named(p["BackupPlanName"] for p in backup.list_backup_plans()["BackupPlansList"]), [])
    ask("backup vaults", named(v["BackupVaultName"] for v in backup.list_backup_vaults()["BackupVaultList"]), [])
    ask("roles", sorted(our_roles(client("iam"))), [])
    ask("functions", named(f["FunctionName"] for f in client("lambda").list_functions()["Functions"]), [])


witness.run(gone if args.gone else meddle if args.meddle else there)
