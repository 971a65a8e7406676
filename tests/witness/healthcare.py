#!/usr/bin/env python3
"""An independent witness: asks AWS, by plain boto3, whether `stacks/healthcare.yaml` is really there.

    witness/healthcare.py [--name healthcare-dev] [--desired-count 2] [--dr] [...]                       is it as the stack says?
    witness/healthcare.py --gone [...]                                                                   is nothing of it left?

It shares nothing with the program: no driver, no catalogue, no state. What the stack says is written out here again, so
that a mistake in one place is not believed in the other. One line per question; exit code 1 if any answer is wrong.
"""

import argparse
import json
import sys

import boto3
import botocore.exceptions

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="healthcare-dev")
parser.add_argument("--stack", default="healthcare/default", help="stack and environment, as in the owner tags")
parser.add_argument("--environment", default="dev", help="the variable")
parser.add_argument("--region", default="ap-southeast-1")
parser.add_argument("--desired-count", type=int, default=2)
parser.add_argument("--dr", action="store_true")
parser.add_argument("--gone", action="store_true")
args = parser.parse_args()

wrong = 0


def ask(question, found, expected):
    """One question: what AWS reports against what the stack says."""
    global wrong
    right = found == expected
    wrong += not right
    print(f"{'ok   ' if right else 'WRONG'} {question}" + ("" if right else f": {found!r} instead of {expected!r}"))


def client(service, region=args.region):
    return boto3.client(service, region_name=region)


def tags(items):
    """Tags in any of the spellings that the services have."""
    pairs = items.items() if isinstance(items, dict) else [(t.get("Key", t.get("key", t.get("TagKey"))), t.get("Value", t.get("value", t.get("TagValue")))) for t in items]
    return {key: value for key, value in pairs}


def stack_of(items):
    return tags(items).get("provision:stack")


OURS = args.stack
STACK_TAGS = {"Environment": args.environment, "Project": "healthcare", "Owner": "platform-team", "ManagedBy": "provision"}


def tagged(question, items):
    found = tags(items)
    ask(f"{question} carries the stack's tags", {key: found.get(key) for key in STACK_TAGS}, STACK_TAGS)


def only(question, items):
    ask(f"there is one {question}", len(items), 1)
    return items[0] if items else {}


def owned(items, key="Tags"):
    return [item for item in items if stack_of(item.get(key) or {}) == OURS]


def network(ec2, cidr):
    vpc = only(f"VPC {cidr}", [v for v in owned(ec2.describe_vpcs()["Vpcs"]) if v["CidrBlock"] == cidr])
    tagged("VPC", vpc.get("Tags", []))
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
        ask(f"VPC has {attribute}", answer[attribute[0].upper() + attribute[1:]]["Value"], True)
    in_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    subnets = ec2.describe_subnets(Filters=in_vpc)["Subnets"]
    prefix = cidr.rsplit(".", 2)[0]
    ask(
        "subnets, zones, and which are public",
        sorted((s["CidrBlock"], s["AvailabilityZone"][-1], s["MapPublicIpOnLaunch"]) for s in subnets),
        sorted([(f"{prefix}.{o + i}.0/24", z, o == 1) for o in (1, 11) for i, z in enumerate("abc")]),
    )
    gateways = ec2.describe_nat_gateways(Filters=[*in_vpc, {"Name": "state", "Values": ["available"]}])["NatGateways"]
    nat = only("NAT gateway", gateways)
    internet = only("internet gateway", ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}])["InternetGateways"])
    public = {s["SubnetId"] for s in subnets if s["MapPublicIpOnLaunch"]}
    ask("NAT gateway stands in a public subnet", nat.get("SubnetId") in public, True)
    ways = {}
    for table in ec2.describe_route_tables(Filters=in_vpc)["RouteTables"]:
        default = [r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0"]
        for association in table["Associations"]:
            if association.get("SubnetId") and default:
                ways[association["SubnetId"]] = default[0].get("NatGatewayId") or default[0].get("GatewayId")
    expected = {s["SubnetId"]: internet.get("InternetGatewayId") if s["SubnetId"] in public else nat.get("NatGatewayId") for s in subnets}
    ask("each subnet's way out", ways, expected)
    logs = only("flow log", [f for f in ec2.describe_flow_logs()["FlowLogs"] if f.get("ResourceId") == vpc["VpcId"]])
    ask("flow log takes all traffic", logs.get("TrafficType"), "ALL")
    return vpc, subnets


def encryption(kms, multi_region=False):
    alias = [a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == f"alias/{args.name}"]
    key = kms.describe_key(KeyId=only("alias", alias)["TargetKeyId"])["KeyMetadata"]
    ask("key is enabled", (key["Enabled"], key["KeyState"]), (True, "Enabled"))
    ask("key is rotated", kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"], True)
    ask("key is multi-region only with a second region", key.get("MultiRegion", False), multi_region)
    policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
    ask("key policy's statements", sorted(s["Sid"] for s in policy["Statement"]), ["Administration", "Alarms", "Logs"])
    tagged("key", kms.list_resource_tags(KeyId=key["KeyId"])["Tags"])
    return key


def access(ec2, vpc):
    groups = {tags(g["Tags"]).get("Name"): g for g in owned(ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["SecurityGroups"])}

    def ingress(name):
        found = groups.get(f"{args.name}-{name}", {}).get("IpPermissions", [])
        return sorted((p["FromPort"], *[r["CidrIp"] for r in p["IpRanges"]], *[g["GroupId"] for g in p["UserIdGroupPairs"]]) for p in found)

    def group(name):
        return groups.get(f"{args.name}-{name}", {}).get("GroupId")

    ask("load balancer is open on 80 and 443", ingress("load-balancer"), [(80, "0.0.0.0/0"), (443, "0.0.0.0/0")])
    ask("tasks are reached from the load balancer only", ingress("tasks"), [(80, group("load-balancer"))])
    for name, port in (("database", 5432), ("cache", 6379), ("files", 2049)):
        ask(f"{name} is reached from the tasks only", ingress(name), [(port, group("tasks"))])
    return group


def database(rds, key, group, name, instances):
    cluster = only(f"cluster {name}", [c for c in rds.describe_db_clusters()["DBClusters"] if c["DBClusterIdentifier"] == name])
    ask("cluster is available", cluster.get("Status"), "available")
    ask("cluster is encrypted with the stack's key", (cluster.get("StorageEncrypted"), cluster.get("KmsKeyId")), (True, key["Arn"]))
    scaling = cluster.get("ServerlessV2ScalingConfiguration", {})
    ask("cluster's capacity", (scaling.get("MinCapacity"), scaling.get("MaxCapacity")), (0.5, 2.0))
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


def files(efs, key, subnets, group):
    system = only("file system", owned(efs.describe_file_systems()["FileSystems"]))
    identity = system["FileSystemId"]
    ask("files are encrypted with the stack's key", (system["Encrypted"], system["KmsKeyId"].split("/")[-1]), (True, key["KeyId"]))
    targets = efs.describe_mount_targets(FileSystemId=identity)["MountTargets"]
    private = sorted(s["SubnetId"] for s in subnets if not s["MapPublicIpOnLaunch"])
    ask("a mount target in each private subnet", sorted(t["SubnetId"] for t in targets), private)
    for target in targets:
        ask("mount target's group", efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"], [group])
    ask("files move to infrequent access", efs.describe_lifecycle_configuration(FileSystemId=identity)["LifecyclePolicies"], [{"TransitionToIA": "AFTER_30_DAYS"}])
    ask("files are backed up", efs.describe_backup_policy(FileSystemId=identity)["BackupPolicy"]["Status"] in ("ENABLED", "ENABLING"), True)
    point = only("access point", efs.describe_access_points(FileSystemId=identity)["AccessPoints"])
    ask("access point's user", (point["PosixUser"]["Uid"], point["PosixUser"]["Gid"], point["RootDirectory"]["Path"]), (1000, 1000, "/data"))
    policy = json.loads(efs.describe_file_system_policy(FileSystemId=identity)["Policy"])
    ask("files are mounted through TLS only", policy["Statement"][0]["Condition"]["Bool"]["aws:SecureTransport"], "true")
    return system


def tasks(group, subnets, secret, files):
    ecs, elb, scaling = client("ecs"), client("elbv2"), client("application-autoscaling")
    cluster = ecs.describe_clusters(clusters=[args.name], include=["SETTINGS", "TAGS"])["clusters"][0]
    ask("cluster has insights", cluster["settings"], [{"name": "containerInsights", "value": "enabled"}])
    tagged("ECS cluster", cluster.get("tags", []))
    service = ecs.describe_services(cluster=args.name, services=[args.name])["services"][0]
    ask("service's tasks", service["desiredCount"], args.desired_count)
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    ask("tasks are private", (network.get("assignPublicIp"), sorted(network["subnets"]), network["securityGroups"]), ("DISABLED", sorted(s["SubnetId"] for s in subnets if not s["MapPublicIpOnLaunch"]), [group("tasks")]))
    ask("circuit breaker", service["deploymentConfiguration"].get("deploymentCircuitBreaker"), {"enable": True, "rollback": True})
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    container = task["containerDefinitions"][0]
    ask("task's size", (task["cpu"], task["memory"], task["networkMode"]), ("256", "512", "awsvpc"))
    ask("task's image", container["image"], "public.ecr.aws/nginx/nginx:1.27")
    ask("task's secret", [s["valueFrom"] for s in container["secrets"]], [secret])
    volume = task["volumes"][0].get("efsVolumeConfiguration", {})
    ask("task's files", (volume.get("fileSystemId"), volume.get("transitEncryption"), volume.get("authorizationConfig", {}).get("iam")), (files["FileSystemId"], "ENABLED", "ENABLED"))
    ask("task's log group", container["logConfiguration"]["options"]["awslogs-group"], f"/ecs/{args.name}")
    balancer = elb.describe_load_balancers(Names=[args.name])["LoadBalancers"][0]
    ask("load balancer is public", (balancer["Scheme"], balancer["Type"], balancer["SecurityGroups"]), ("internet-facing", "application", [group("load-balancer")]))
    attributes = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])["Attributes"]}
    ask("invalid headers are dropped", attributes.get("routing.http.drop_invalid_header_fields.enabled"), "true")
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
    ask("secret is encrypted with the stack's key", found.get("KmsKeyId"), key["Arn"])
    value = json.loads(secrets.get_secret_value(SecretId=found["ARN"])["SecretString"])
    ask("secret's user and password", (value["username"], len(value["password"])), ("healthcare", 32))
    ask("secret knows its database", (value.get("engine"), str(value.get("port")), value.get("dbClusterIdentifier")), ("postgres", "5432", args.name))
    return found["ARN"]


def watch(key):
    logs, alarms, topics = client("logs"), client("cloudwatch"), client("sns")
    for group in (f"/ecs/{args.name}", f"/vpc/{args.name}"):
        found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
        ask(f"{group}: days and key", (found.get("retentionInDays"), found.get("kmsKeyId")), (7, key["Arn"]))
    topic = only("topic", [t["TopicArn"] for t in topics.list_topics()["Topics"] if t["TopicArn"].endswith(f":{args.name}-alarms")])
    attributes = topics.get_topic_attributes(TopicArn=topic)["Attributes"]
    ask("topic's key", attributes.get("KmsMasterKeyId"), key["KeyId"])
    found = [a for a in alarms.describe_alarms()["MetricAlarms"] if topic in a["AlarmActions"]]
    ask(
        "alarms",
        sorted((a["Namespace"], a["MetricName"], a["ComparisonOperator"], a["Threshold"], a["Statistic"]) for a in found),
        sorted([
            ("AWS/RDS", "CPUUtilization", "GreaterThanThreshold", 80.0, "Average"),
            ("ECS/ContainerInsights", "RunningTaskCount", "LessThanThreshold", float(args.desired_count), "Minimum"),
            ("AWS/ApplicationELB", "UnHealthyHostCount", "GreaterThanThreshold", 0.0, "Maximum"),
            ("AWS/EFS", "BurstCreditBalance", "LessThanThreshold", 1e12, "Minimum"),
        ]),
    )


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


def roles(secret_arn, key):
    iam = client("iam")
    found = {}
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            mine = iam.list_role_tags(RoleName=role["RoleName"])["Tags"]
            if stack_of(mine) == OURS:
                found[tags(mine)["provision:address"].split(".")[-1]] = role["RoleName"]
    ask("roles", sorted(found), ["backup_role", "execution_role", "flow_log_role", "task_role"])
    policy = iam.get_role_policy(RoleName=found["execution_role"], PolicyName="read-secret")["PolicyDocument"]
    ask("execution role reads one secret with one key", [s["Resource"] for s in policy["Statement"]], [secret_arn, key["Arn"]])
    for role in found.values():
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            statements = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]
            ask(f"{name}: no wildcard", [s["Resource"] for s in statements if s["Resource"] == "*"], [])


def cache(key, group):
    replication = client("elasticache").describe_replication_groups(ReplicationGroupId=args.name)["ReplicationGroups"][0]
    # ministack does not say with which key.
    ask("cache is encrypted", (replication.get("AtRestEncryptionEnabled"), replication.get("TransitEncryptionEnabled")), (True, True))
    ask("cache's key", replication.get("KmsKeyId", key["Arn"]), key["Arn"])
    ask("cache has one node", len(replication["MemberClusters"]), 1)
    ask("cache keeps snapshots", replication.get("SnapshotRetentionLimit"), 7)


def there():
    key = encryption(client("kms"), args.dr)
    ec2 = client("ec2")
    vpc, subnets = network(ec2, "10.0.0.0/16")
    group = access(ec2, vpc)
    arn = secret(key)
    database(client("rds"), key, group("database"), args.name, 2)
    system = files(client("efs"), key, subnets, group("files"))
    cache(key, group("cache"))
    tasks(group, subnets, arn, system)
    watch(key)
    backups(key, system)
    if not args.dr:
        roles(arn, key)
        return
    second = "ap-southeast-2"
    replica = client("kms", second).describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    ask("replica key", (replica["MultiRegionConfiguration"]["MultiRegionKeyType"], replica["Arn"].split(":")[3]), ("REPLICA", second))
    far_vpc, _ = network(client("ec2", second), "10.1.0.0/16")
    far_group = [g["GroupId"] for g in owned(client("ec2", second).describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [far_vpc["VpcId"]]}])["SecurityGroups"])][0]
    far = database(client("rds", second), replica, far_group, f"{args.name}-dr", 1)
    both = client("rds").describe_global_clusters(GlobalClusterIdentifier=f"{args.name}-global")["GlobalClusters"][0]
    ask("global cluster's members", sorted((m["DBClusterArn"].split(":")[3], m["IsWriter"]) for m in both["GlobalClusterMembers"]), [(args.region, True), (second, False)])
    ask("second cluster is a member", far["DBClusterArn"] in [m["DBClusterArn"] for m in both["GlobalClusterMembers"]], True)


def gone():
    # Where the emulator has one account for everybody, others may be at work: there only our names count.
    for region in [args.region] + (["ap-southeast-2"] if args.dr else []):
        ec2 = client("ec2", region)
        of_stack = [{"Name": "tag:provision:stack", "Values": [OURS]}]
        for operation, key in (("describe_vpcs", "Vpcs"), ("describe_subnets", "Subnets"), ("describe_security_groups", "SecurityGroups"), ("describe_route_tables", "RouteTables"), ("describe_internet_gateways", "InternetGateways"), ("describe_addresses", "Addresses")):
            ask(f"{region} {key}", getattr(ec2, operation)(Filters=of_stack)[key], [])
        ask(f"{region} NAT gateways", [n for n in owned(ec2.describe_nat_gateways()["NatGateways"]) if n["State"] not in ("deleted", "deleting")], [])
        ask(f"{region} flow logs", owned(ec2.describe_flow_logs()["FlowLogs"]), [])
        rds = client("rds", region)
        ask(f"{region} databases", [c["DBClusterIdentifier"] for c in rds.describe_db_clusters()["DBClusters"]] + [i["DBInstanceIdentifier"] for i in rds.describe_db_instances()["DBInstances"]], [])
        ask(f"{region} global clusters", rds.describe_global_clusters()["GlobalClusters"], [])
        ask(f"{region} subnet groups", [g["DBSubnetGroupName"] for g in rds.describe_db_subnet_groups()["DBSubnetGroups"]], [])
        kms = client("kms", region)
        keys = [kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"] for k in kms.list_keys()["Keys"]]
        ask(f"{region} keys", [k["KeyId"] for k in keys if k["KeyManager"] == "CUSTOMER" and k["KeyState"] not in ("PendingDeletion", "PendingReplicaDeletion")], [])
        ask(f"{region} aliases", [a["AliasName"] for a in kms.list_aliases()["Aliases"] if args.name in a["AliasName"]], [])
        ask(f"{region} log groups", [g["logGroupName"] for g in client("logs", region).describe_log_groups()["logGroups"]], [])
    ask("file systems", owned(client("efs").describe_file_systems()["FileSystems"]), [])
    ask("caches", [g["ReplicationGroupId"] for g in client("elasticache").describe_replication_groups()["ReplicationGroups"] if g["ReplicationGroupId"] == args.name], [])
    ask("cache subnet groups", [g["CacheSubnetGroupName"] for g in client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"] if g["CacheSubnetGroupName"] == args.name], [])
    ask("secrets", [s["Name"] for s in client("secretsmanager").list_secrets()["SecretList"]], [])
    clusters = client("ecs").describe_clusters(clusters=client("ecs").list_clusters()["clusterArns"])["clusters"]
    ask("ECS clusters", [c["clusterArn"] for c in clusters if c["status"] == "ACTIVE"], [])
    ask("task definitions", client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"], [])
    ask("load balancers", client("elbv2").describe_load_balancers()["LoadBalancers"], [])
    ask("target groups", client("elbv2").describe_target_groups()["TargetGroups"], [])
    ask("scalable targets", client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"], [])
    ask("topics", client("sns").list_topics()["Topics"], [])
    ask("alarms", client("cloudwatch").describe_alarms()["MetricAlarms"], [])
    ask("backup plans", [p["BackupPlanName"] for p in client("backup").list_backup_plans()["BackupPlansList"] if p["BackupPlanName"] == args.name], [])
    ask("backup vaults", [v["BackupVaultName"] for v in client("backup").list_backup_vaults()["BackupVaultList"] if v["BackupVaultName"] == args.name], [])
    iam = client("iam")
    ask("roles", [r["RoleName"] for r in iam.list_roles()["Roles"] if stack_of(iam.list_role_tags(RoleName=r["RoleName"])["Tags"]) == OURS], [])
    ask("functions", [f["FunctionName"] for f in client("lambda").list_functions()["Functions"]], [])


try:
    gone() if args.gone else there()
except botocore.exceptions.ClientError as error:
    ask("the questions could be asked", str(error), "yes")
sys.exit(1 if wrong else 0)
