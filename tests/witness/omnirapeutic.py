#!/usr/bin/env python3
"""An independent witness: asks AWS, by plain boto3, whether `stacks/omnirapeutic.yaml` is really there.

    witness/omnirapeutic.py [--nginx-count 3] [--services api,worker] [...]     is it as the stack says?
    witness/omnirapeutic.py --meddle                                            five things are changed and deleted by hand
    witness/omnirapeutic.py --gone [...]                                        is nothing of it left?

It shares nothing with the program: no driver, no catalogue, no state. What the stack says is written out here again, so
that a mistake in one place is not believed in the other. One line per question; exit code 1 if any answer is wrong.
"""

import argparse
import json

from witness import Witness, available_gateways, statements, ways_out

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="omnirapeutic-prod")
parser.add_argument("--stack", default="omnirapeutic/default", help="stack and environment, as in the owner tags")
parser.add_argument("--services", default="", help="what runs beside nginx, with commas")
parser.add_argument("--image-tag", default="latest")
parser.add_argument("--nginx", default="1.27", help="version of nginx")
parser.add_argument("--nginx-count", type=int, default=2)
parser.add_argument("--max-capacity", type=float, default=1, help="of the database, in capacity units")
parser.add_argument("--instances", type=int, default=1, help="of the database")
parser.add_argument("--connections", type=float, default=150, help="to the database, above which there is an alarm")
parser.add_argument("--cache-tier", action="store_true", help="there is a fourth tier of subnets")
parser.add_argument("--cache-rule", action="store_true", help="tasks may talk to a cache")
parser.add_argument("--rate-limit", type=int, default=2000)
parser.add_argument("--reputation", action="store_true", help="the firewall knows addresses with a bad name")
parser.add_argument("--locked-records", action="store_true", help="nobody deletes what is recorded")
parser.add_argument("--days", type=int, default=30, help="that logs are kept")
parser.add_argument("--budget", type=float, default=1500)
parser.add_argument("--email", help="who is told of alarms and of the budget")
parser.add_argument("--no-bastion", dest="bastion", action="store_false")
parser.add_argument("--no-guardduty", dest="guardduty", action="store_false")
parser.add_argument("--cost-center")
parser.add_argument("--gone", action="store_true")
parser.add_argument("--meddle", action="store_true")
args = parser.parse_args()

ZONES, REGION = "abc", "us-east-1"
STACK_TAGS = {"Environment": "prod", "Project": "omnirapeutic", "Owner": "platform-team", "ManagedBy": "provision"}
STACK_TAGS |= {"CostCenter": args.cost_center} if args.cost_center else {}
SERVICES = ["nginx", *filter(None, args.services.split(","))]
# CPU, memory, tasks, port, whether the load balancer sends it requests, whether it uses the database.
SIZES = {
    "nginx": ("256", "512", args.nginx_count, 80, True, False),
    "api": ("512", "1024", 2, 8080, True, True),
    "worker": ("512", "1024", 1, 8080, False, True),
}
witness = Witness(args.stack, REGION, STACK_TAGS, args.name)
ask, client, tagged, only, owned = witness.ask, witness.client, witness.tagged, witness.only, witness.owned
OF_STACK = [{"Name": "tag:provision:stack", "Values": [args.stack]}]


def encryption():
    """The four keys, by the kind of data that they are for."""
    kms, found = client("kms"), {}
    aliases = {a["AliasName"]: a.get("TargetKeyId") for a in kms.list_aliases()["Aliases"]}
    uses = {"aurora": [], "secrets": [], "s3": ["TrailEncrypts", "TrailLooks", "ConfigDelivers"], "logs": ["Logs", "Alarms", "Budgets"]}
    for kind, expected in uses.items():
        key = kms.describe_key(KeyId=aliases[f"alias/{args.name}-{kind}"])["KeyMetadata"]
        ask(f"key for {kind} is enabled", (key["Enabled"], key["KeyState"]), (True, "Enabled"))
        ask(f"key for {kind} is rotated", kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"], True)
        policy = statements(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
        ask(f"key policy for {kind}", [s["Sid"] for s in policy], ["Administration", *expected])
        tagged(f"key for {kind}", kms.list_resource_tags(KeyId=key["KeyId"])["Tags"])
        found[kind] = key
    ask("every kind of data has a key of its own", len({key["KeyId"] for key in found.values()}), 4)
    return found


def network(ec2):
    vpc = only("VPC", owned(ec2.describe_vpcs()["Vpcs"]))
    ask("VPC's addresses", vpc["CidrBlock"], "10.0.0.0/16")
    tagged("VPC", vpc["Tags"])
    witness.dns(ec2, vpc["VpcId"])
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    tiers = [1, 11, 21] + ([31] if args.cache_tier else [])
    found = sorted((s["CidrBlock"], s["AvailabilityZone"][-1], s["MapPublicIpOnLaunch"]) for s in subnets)
    expected = sorted((f"10.0.{offset + i}.0/24", zone, offset == 1) for offset in tiers for i, zone in enumerate(ZONES))
    ask("subnets, zones, and which are public", found, expected)
    for subnet in subnets:
        tagged(f"subnet {subnet['CidrBlock']}", subnet["Tags"])
    gateways = available_gateways(ec2, vpc["VpcId"])
    by_id = {s["SubnetId"]: s for s in subnets}
    nats = {by_id[n["SubnetId"]]["AvailabilityZone"][-1]: n for n in gateways}
    ask("a NAT gateway in each zone's public subnet", (sorted(nats), len(gateways), all(by_id[n["SubnetId"]]["MapPublicIpOnLaunch"] for n in gateways)), (list(ZONES), 3, True))
    ask("addresses of the NAT gateways", len(owned(ec2.describe_addresses()["Addresses"])), 3)
    internet = witness.internet_gateway(ec2, vpc["VpcId"])
    expected = {i: internet["InternetGatewayId"] if s["MapPublicIpOnLaunch"] else nats[s["AvailabilityZone"][-1]]["NatGatewayId"] for i, s in by_id.items()}
    ask("each subnet's way out, within its zone", ways_out(ec2, vpc["VpcId"]), expected)
    log = witness.flow_log(ec2, vpc["VpcId"])
    ask("flow log", (log["TrafficType"], log["LogGroupName"]), ("ALL", f"/vpc/{args.name}"))
    return vpc, {s["CidrBlock"]: s["SubnetId"] for s in subnets}, {zone: n["NatGatewayId"] for zone, n in nats.items()}


def tier(subnets, offset):
    return sorted(subnets[f"10.0.{offset + i}.0/24"] for i in range(3))


def access(vpc):
    groups = witness.by_name(witness.security_groups(vpc["VpcId"]))
    names = {g["GroupId"]: name for name, g in groups.items()}

    def rules(name, direction="IpPermissions"):
        found = groups.get(name, {}).get(direction, [])
        return sorted((p.get("FromPort"), w) for p in found for w in [*(r["CidrIp"] for r in p["IpRanges"]), *(names[g["GroupId"]] for g in p["UserIdGroupPairs"])])

    expected = {"load_balancer": [(80, "0.0.0.0/0"), (443, "0.0.0.0/0")], "database": [(5432, "tasks")]}
    expected["tasks"] = sorted({(SIZES[s][3], "load_balancer") for s in SERVICES if SIZES[s][4]})
    if args.bastion:
        expected["database"].insert(0, (5432, "bastion"))
    expected |= {"bastion": []} if args.bastion else {}
    expected |= {"cache": [(6379, "tasks")] if args.cache_rule else []} if args.cache_tier else {}
    ask("who may talk to whom", {name: rules(name) for name in groups}, expected)
    if args.bastion:
        ask("where the bastion may go", rules("bastion", "IpPermissionsEgress"), [(443, "0.0.0.0/0"), (5432, "database")])
    for name, group in groups.items():
        tagged(f"security group {name}", group["Tags"])
    return {name: g["GroupId"] for name, g in groups.items()}


def database(keys, groups, subnets):
    rds = client("rds")
    cluster = only("database", [c for c in rds.describe_db_clusters()["DBClusters"] if c["DBClusterIdentifier"] == args.name])
    ask("database is available", cluster["Status"], "available")
    ask("engine", (cluster["Engine"], cluster["EngineVersion"], cluster["DatabaseName"]), ("aurora-postgresql", "15.10", "omnirapeutic"))
    ask("database is encrypted with its key", (cluster["StorageEncrypted"], cluster["KmsKeyId"]), (True, keys["aurora"]["Arn"]))
    scaling = cluster["ServerlessV2ScalingConfiguration"]
    ask("capacity", (scaling["MinCapacity"], scaling["MaxCapacity"]), (0.5, args.max_capacity))
    ask("backups", (cluster["BackupRetentionPeriod"], cluster["CopyTagsToSnapshot"]), (7, True))
    ask("database is protected from deletion", cluster["DeletionProtection"], True)
    ask("database's logs", cluster["EnabledCloudwatchLogsExports"], ["postgresql"])
    ask("database's security groups", [g["VpcSecurityGroupId"] for g in cluster["VpcSecurityGroups"]], [groups["database"]])
    found = [i for i in rds.describe_db_instances()["DBInstances"] if i.get("DBClusterIdentifier") == args.name]
    instances = sorted((i["DBInstanceIdentifier"], i["DBInstanceClass"], i["PubliclyAccessible"]) for i in found)
    ask("instances", instances, [(f"{args.name}-{i + 1}", "db.serverless", False) for i in range(args.instances)])
    group = rds.describe_db_subnet_groups(DBSubnetGroupName=cluster["DBSubnetGroup"])["DBSubnetGroups"][0]
    ask("database is in the data tier", sorted(s["SubnetIdentifier"] for s in group["Subnets"]), tier(subnets, 21))
    parameters = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=cluster["DBClusterParameterGroup"])["Parameters"]
    wanted = {"rds.force_ssl": "1", "shared_preload_libraries": "pg_stat_statements,pgaudit"}
    wanted |= {"pgaudit.log": "ddl,read,role,write", "pgaudit.role": "rds_pgaudit"}
    ask("TLS is forced, and pgAudit writes", {p["ParameterName"]: p.get("ParameterValue") for p in parameters if p["ParameterName"] in wanted}, wanted)
    tagged("database", cluster["TagList"])


def secret(keys):
    secrets = client("secretsmanager")
    found = only("secret", owned(secrets.list_secrets()["SecretList"]))
    ask("secret is encrypted with its key", found["KmsKeyId"], keys["secrets"]["Arn"])
    value = json.loads(secrets.get_secret_value(SecretId=found["ARN"])["SecretString"])
    ask("secret's user and password", (value["username"], len(value["password"])), ("omnirapeutic", 32))
    ask("secret knows its database", (value.get("engine"), str(value.get("port")), value.get("dbClusterIdentifier")), ("postgres", "5432", args.name))
    tagged("secret", found["Tags"])
    return found["ARN"]


def images(keys):
    ecr = client("ecr")
    found = {r["repositoryName"]: r for r in ecr.describe_repositories()["repositories"] if r["repositoryName"].startswith(f"{args.name}/")}
    ask("repositories", sorted(found), [f"{args.name}/{name}" for name in ("api", "web", "worker")])
    for name, repository in found.items():
        ask(f"{name} is encrypted with its key", repository["encryptionConfiguration"], {"encryptionType": "KMS", "kmsKey": keys["s3"]["Arn"]})
        ask(f"{name} is scanned", repository["imageScanningConfiguration"]["scanOnPush"], True)
        rules = json.loads(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
        ask(f"{name} is tidied", [(r["selection"]["tagStatus"], r["selection"]["countNumber"]) for r in rules], [("untagged", 7), ("any", 20)])
        tagged(name, ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"])
    return {name.split("/")[-1]: r["repositoryUri"] for name, r in found.items()}


def entry(groups, subnets):
    """The load balancer; its full name, its ARN, and the target groups by the port that they send to and their paths."""
    elb = client("elbv2")
    balancer = elb.describe_load_balancers(Names=[f"{args.name}-nginx"])["LoadBalancers"][0]
    arn = balancer["LoadBalancerArn"]
    ask("load balancer is public", (balancer["Scheme"], balancer["Type"], balancer["SecurityGroups"]), ("internet-facing", "application", [groups["load_balancer"]]))
    ask("load balancer is in the public tier", sorted(z["SubnetId"] for z in balancer["AvailabilityZones"]), tier(subnets, 1))
    witness.headers(arn)
    listener = only("listener", elb.describe_listeners(LoadBalancerArn=arn)["Listeners"])
    ask("listener", (listener["Port"], listener["Protocol"], listener["DefaultActions"][0]["Type"]), (80, "HTTP", "forward"))
    rules = [r for r in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"] if r["Priority"] != "default"]
    ways = [("10", ["/api", "/api/*"])] if "api" in SERVICES else []
    ask("rules of the listener", [(r["Priority"], r["Conditions"][0]["PathPatternConfig"]["Values"]) for r in rules], ways)
    targets = {"nginx": listener["DefaultActions"][0]["TargetGroupArn"]} | {"api": r["Actions"][0]["TargetGroupArn"] for r in rules}
    for name, target in targets.items():
        group = elb.describe_target_groups(TargetGroupArns=[target])["TargetGroups"][0]
        health = (group["TargetType"], group["Port"], group["HealthCheckPath"], group["HealthCheckIntervalSeconds"], group["Matcher"]["HttpCode"])
        ask(f"health of {name}", health, ("ip", SIZES[name][3], "/", 30, "200"))
    tagged("load balancer", elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"])
    return arn, arn.split(":loadbalancer/")[1], targets


def tasks(groups, subnets, targets, uris, secret_arn):
    ecs = client("ecs")
    witness.task_cluster()
    # What has been deleted stays listed for a while.
    arns = ecs.list_services(cluster=args.name)["serviceArns"]
    running = [s["serviceName"] for s in ecs.describe_services(cluster=args.name, services=arns)["services"] if s["status"] == "ACTIVE"]
    ask("services", sorted(running), sorted(f"{args.name}-{name}" for name in SERVICES))
    for name in SERVICES:
        cpu, memory, count, port, called, uses_database = SIZES[name]
        service = ecs.describe_services(cluster=args.name, services=[f"{args.name}-{name}"], include=["TAGS"])["services"][0]
        ask(f"{name}: tasks", (service["desiredCount"], service["launchType"]), (count, "FARGATE"))
        where = service["networkConfiguration"]["awsvpcConfiguration"]
        ask(f"{name} is in the app tier", (where["assignPublicIp"], sorted(where["subnets"]), where["securityGroups"]), ("DISABLED", tier(subnets, 11), [groups["tasks"]]))
        ask(f"{name}: circuit breaker", service["deploymentConfiguration"]["deploymentCircuitBreaker"], {"enable": True, "rollback": True})
        ask(f"{name}: target group", [b["targetGroupArn"] for b in service["loadBalancers"]], [targets[name]] if called else [])
        tagged(f"{name}: service", service["tags"])
        task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        container = task["containerDefinitions"][0]
        image = f"public.ecr.aws/nginx/nginx:{args.nginx}" if name == "nginx" else f"{uris[name]}:{args.image_tag}"
        ask(f"{name}: size and image", (task["cpu"], task["memory"], container["image"]), (cpu, memory, image))
        ask(f"{name}: ports", [p["containerPort"] for p in container["portMappings"]], [port] if called else [])
        secrets = {s["name"]: s["valueFrom"] for s in container.get("secrets", [])}
        ask(f"{name}: secrets", secrets, {f"DATABASE_{key.upper()}": f"{secret_arn}:{key}::" for key in ("username", "password")} if uses_database else {})
        ask(f"{name}: log group", container["logConfiguration"]["options"]["awslogs-group"], f"/ecs/{args.name}-{name}")


def firewall(balancer):
    waf = client("wafv2")
    summary = only("web ACL", [a for a in waf.list_web_acls(Scope="REGIONAL")["WebACLs"] if a["Name"] == args.name])
    acl = waf.get_web_acl(Name=args.name, Id=summary["Id"], Scope="REGIONAL")["WebACL"]
    rules = sorted(acl["Rules"], key=lambda rule: rule["Priority"])
    managed = ["CommonRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet"] + (["AmazonIpReputationList"] if args.reputation else [])
    ask("rules of the firewall", [r["Name"] for r in rules], ["rate-limit", *(f"AWSManagedRules{name}" for name in managed)])
    limit = rules[0]["Statement"]["RateBasedStatement"]
    ask("who asks too often is blocked", (limit["Limit"], limit["AggregateKeyType"], rules[0]["Action"]), (args.rate_limit, "IP", {"Block": {}}))
    ask("groups of AWS decide", [(r["Statement"]["ManagedRuleGroupStatement"]["VendorName"], r["OverrideAction"]) for r in rules[1:]], [("AWS", {"None": {}})] * len(managed))
    ask("metrics", [r["VisibilityConfig"]["CloudWatchMetricsEnabled"] for r in rules], [True] * len(rules))
    ask("firewall is before the load balancer", waf.get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["ARN"], acl["ARN"])
    tagged("web ACL", waf.list_tags_for_resource(ResourceARN=acl["ARN"])["TagInfoForResource"]["TagList"])


def threats():
    guard = client("guardduty")
    found = owned([guard.get_detector(DetectorId=d) for d in guard.list_detectors()["DetectorIds"]])
    malware = [[f["Status"] for f in d["Features"] if f["Name"] == "EBS_MALWARE_PROTECTION"] for d in found]
    expected = [("ENABLED", "FIFTEEN_MINUTES", ["ENABLED"])] if args.guardduty else []
    ask("GuardDuty, with malware protection", [(d["Status"], d["FindingPublishingFrequency"], m) for d, m in zip(found, malware)], expected)
    for detector in found:
        tagged("detector", detector["Tags"])


def logs(keys):
    found = [g for g in client("logs").describe_log_groups()["logGroups"] if args.name in g["logGroupName"]]
    names = [f"/vpc/{args.name}", f"/aws/rds/cluster/{args.name}/postgresql", *(f"/ecs/{args.name}-{name}" for name in SERVICES)]
    expected = sorted((name, args.days, keys["logs"]["Arn"]) for name in names)
    ask("log groups, days and key", sorted((g["logGroupName"], g.get("retentionInDays"), g.get("kmsKeyId")) for g in found), expected)


def expected_alarms(nats, balancer, target):
    """By name: namespace, metric, operator, threshold, statistic, period, periods, missing data, dimensions."""
    above, below = "GreaterThanThreshold", "LessThanThreshold"
    cluster, entry_, calm = {"DBClusterIdentifier": args.name}, {"LoadBalancer": balancer}, "notBreaching"
    alarms = {
        "database-cpu": ("AWS/RDS", "CPUUtilization", above, 80, "Average", 60, 5, calm, cluster),
        "database-connections": ("AWS/RDS", "DatabaseConnections", above, args.connections, "Maximum", 60, 5, calm, cluster),
        "database-memory": ("AWS/RDS", "FreeableMemory", below, 128 * 2**20, "Minimum", 60, 5, calm, cluster),
        "database-storage": ("AWS/RDS", "VolumeBytesUsed", above, 100 * 2**30, "Average", 3600, 1, calm, cluster),
        "database-replica-lag": ("AWS/RDS", "AuroraReplicaLagMaximum", above, 1000, "Maximum", 60, 5, calm, cluster),
        "database-capacity": ("AWS/RDS", "ACUUtilization", above, 90, "Average", 60, 15, calm, cluster),
        "flow-logs": ("AWS/Logs", "IncomingLogEvents", below, 1, "Sum", 900, 1, "breaching", {"LogGroupName": f"/vpc/{args.name}"}),
        "response-time": ("AWS/ApplicationELB", "TargetResponseTime", above, 2, "p95", 60, 5, calm, entry_),
        "load-balancer-5xx": ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", above, 10, "Sum", 60, 5, calm, entry_),
        "target-5xx": ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", above, 10, "Sum", 60, 5, calm, entry_),
        "unhealthy-hosts": ("AWS/ApplicationELB", "UnHealthyHostCount", above, 0, "Maximum", 60, 5, calm, entry_ | {"TargetGroup": target.split(":")[-1]}),
        "waf-blocked": ("AWS/WAFV2", "BlockedRequests", above, 1000, "Sum", 300, 1, calm, {"WebACL": args.name, "Region": REGION, "Rule": "ALL"}),
    }
    for zone, gateway in nats.items():
        where = {"NatGatewayId": gateway}
        alarms[f"nat-errors-{zone}"] = ("AWS/NATGateway", "ErrorPortAllocation", above, 0, "Sum", 60, 5, calm, where)
        alarms[f"nat-drops-{zone}"] = ("AWS/NATGateway", "PacketsDropCount", above, 100, "Sum", 60, 5, calm, where)
    for name in SERVICES:
        where = {"ClusterName": args.name, "ServiceName": f"{args.name}-{name}"}
        alarms[f"{name}-cpu"] = ("AWS/ECS", "CPUUtilization", above, 80, "Average", 60, 5, calm, where)
        alarms[f"{name}-memory"] = ("AWS/ECS", "MemoryUtilization", above, 80, "Average", 60, 5, calm, where)
        alarms[f"{name}-tasks"] = ("ECS/ContainerInsights", "RunningTaskCount", below, SIZES[name][2], "Minimum", 60, 5, "breaching", where)
    return alarms


def described(alarm):
    statistic, dimensions = alarm.get("Statistic") or alarm.get("ExtendedStatistic"), {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
    words = [alarm[key] for key in ("Namespace", "MetricName", "ComparisonOperator", "Threshold")]
    return (*words, statistic, *(alarm[key] for key in ("Period", "EvaluationPeriods", "TreatMissingData")), dimensions)


def watch(keys, nats, balancer, target):
    sns, watcher, account = client("sns"), client("cloudwatch"), client("sts").get_caller_identity()["Account"]
    topic = f"arn:aws:sns:{REGION}:{account}:{args.name}-alarms"
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    ask("topic's key", attributes["KmsMasterKeyId"], keys["logs"]["KeyId"])
    ask("who may publish", statements(attributes["Policy"])[0]["Principal"]["Service"], ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"])
    tagged("topic", sns.list_tags_for_resource(ResourceArn=topic)["Tags"])
    ask("who is told of alarms", witness.readers(topic), [("email", args.email)] if args.email else [])
    found = [a for a in watcher.describe_alarms()["MetricAlarms"] if a["AlarmName"].startswith(f"{args.name}-")]
    seen = {a["AlarmName"].removeprefix(f"{args.name}-"): described(a) for a in found}
    alarms = expected_alarms(nats, balancer, target)
    ask("number of alarms", (len(alarms), len(seen)), (18 + 3 * len(SERVICES),) * 2)
    for name in sorted(alarms.keys() | seen.keys()):
        ask(f"alarm {name}", seen.get(name), alarms.get(name))
    ask("all alarms report", {(*a["AlarmActions"], *a["OKActions"]) for a in found}, {(topic, topic)})
    tagged("alarm", watcher.list_tags_for_resource(ResourceARN=found[0]["AlarmArn"])["Tags"])
    spending(account, topic)


def spending(account, topic):
    budget = only("budget", [b for b in client("budgets").describe_budgets(AccountId=account)["Budgets"] if b["BudgetName"] == args.name])
    ask("budget", (float(budget["BudgetLimit"]["Amount"]), budget["BudgetLimit"]["Unit"], budget["TimeUnit"], budget["BudgetType"]), (args.budget, "USD", "MONTHLY", "COST"))
    notices = witness.notices(account)
    ask("notices of the budget", sorted((n["NotificationType"], n["Threshold"]) for n, _ in notices), [("ACTUAL", 80.0), ("ACTUAL", 100.0), ("FORECASTED", 100.0)])
    people = sorted([("SNS", topic)] + ([("EMAIL", args.email)] if args.email else []))
    for notice, told in notices:
        ask(f"who is told at {notice['Threshold']:.0f} % {notice['NotificationType']}", told, people)


def bastion(ec2, groups, subnets):
    reservations = ec2.describe_instances(Filters=[*OF_STACK, {"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}])["Reservations"]
    instances = [i for r in reservations for i in r["Instances"]]
    if not args.bastion:
        return ask("there is no bastion", instances, [])
    instance = only("bastion", instances)
    ask("bastion", (instance["InstanceType"], instance["State"]["Name"], instance["SubnetId"]), ("t3.micro", "running", subnets["10.0.11.0/24"]))
    ask("bastion's group, no key", ([g["GroupId"] for g in instance["SecurityGroups"]], instance.get("KeyName")), ([groups["bastion"]], None))
    ask("bastion has no public address", instance.get("PublicIpAddress"), None)
    ask("bastion answers version 2 of the metadata service only", instance.get("MetadataOptions", {}).get("HttpTokens"), "required")
    tagged("bastion", instance["Tags"])
    profile = client("iam").get_instance_profile(InstanceProfileName=instance["IamInstanceProfile"]["Arn"].split("/")[-1])["InstanceProfile"]
    managed = client("iam").list_attached_role_policies(RoleName=profile["Roles"][0]["RoleName"])["AttachedPolicies"]
    ask("bastion is reached through Session Manager", [p["PolicyName"] for p in managed], ["AmazonSSMManagedInstanceCore"])


def roles(keys, secret_arn):
    found = witness.owned_roles()
    expected = ["module.audit.recorder_role", "module.network.flow_log_role"] + (["bastion_role"] if args.bastion else [])
    expected += [f"{kind}_role={name}" for kind in ("execution", "task") for name in SERVICES]
    ask("roles", sorted(found), sorted(expected))
    for address, (role, mine) in found.items():
        tagged(f"role {address}", mine)
        allowed = witness.allowed(role)
        ask(f"{address}: wildcards", [action for action, resource in allowed.items() if resource == "*" and action != "ecr:GetAuthorizationToken"], [])
        if address.startswith("task_role"):
            ask(f"{address} allows nothing", allowed, {})
        if address.startswith("execution_role"):
            wanted = (secret_arn, keys["secrets"]["Arn"]) if SIZES[address.split("=")[-1]][5] else (None, None)
            ask(f"{address}: secret and key", (allowed.get("secretsmanager:GetSecretValue"), allowed.get("kms:Decrypt")), wanted)


def there():
    ec2, keys = client("ec2"), encryption()
    vpc, subnets, nats = network(ec2)
    groups = access(vpc)
    secret_arn = secret(keys)
    database(keys, groups, subnets)
    uris = images(keys)
    balancer, full_name, targets = entry(groups, subnets)
    tasks(groups, subnets, targets, uris, secret_arn)
    firewall(balancer)
    witness.records(keys["s3"]["Arn"], args.locked_records)
    threats()
    logs(keys)
    watch(keys, nats, full_name, targets["nginx"])
    bastion(ec2, groups, subnets)
    roles(keys, secret_arn)


def meddle():
    """Somebody wants quiet, lets himself into the database's settings, and cleans up in a hurry."""
    watcher, ec2 = client("cloudwatch"), client("ec2")
    found = watcher.describe_alarms(AlarmNames=[f"{args.name}-database-cpu"])["MetricAlarms"][0]
    witness.move_threshold(found, 99)
    watcher.delete_alarms(AlarmNames=[f"{args.name}-nat-drops-b"])
    group = witness.by_name(witness.security_groups())["database"]
    permission = [p for p in group["IpPermissions"] if p["FromPort"] == 5432]
    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=permission)
    bucket = client("cloudtrail").describe_trails(trailNameList=[args.name])["trailList"][0]["S3BucketName"]
    document = json.loads(client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    document["Statement"] = [s for s in document["Statement"] if s["Effect"] == "Allow"]
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    client("ecs").update_service(cluster=args.name, service=f"{args.name}-nginx", healthCheckGracePeriodSeconds=5)


def gone():
    # Others are at work in the same account: only what carries our tag or our name counts.
    witness.no_network()
    alive = [*OF_STACK, {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    ask("instances", client("ec2").describe_instances(Filters=alive)["Reservations"], [])
    rds, kms, iam, elb, sns = client("rds"), client("kms"), client("iam"), client("elbv2"), client("sns")
    ask("keys", witness.keys_left(), [])
    account = client("sts").get_caller_identity()["Account"]
    named = {
        "aliases": [a["AliasName"] for a in kms.list_aliases()["Aliases"]],
        "clusters": [c["DBClusterIdentifier"] for c in rds.describe_db_clusters()["DBClusters"]],
        "database instances": [i["DBInstanceIdentifier"] for i in rds.describe_db_instances()["DBInstances"]],
        "subnet groups": [g["DBSubnetGroupName"] for g in rds.describe_db_subnet_groups()["DBSubnetGroups"]],
        "parameter groups": [g["DBClusterParameterGroupName"] for g in rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]],
        "log groups": [g["logGroupName"] for g in client("logs").describe_log_groups()["logGroups"]],
        "secrets": [s["Name"] for s in client("secretsmanager").list_secrets()["SecretList"]],
        "repositories": [r["repositoryName"] for r in client("ecr").describe_repositories()["repositories"]],
        "task definitions": client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"],
        "load balancers": [b["LoadBalancerName"] for b in elb.describe_load_balancers()["LoadBalancers"]],
        "target groups": [t["TargetGroupName"] for t in elb.describe_target_groups()["TargetGroups"]],
        "web ACLs": [a["Name"] for a in client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]],
        "trails": [t["Name"] for t in client("cloudtrail").describe_trails()["trailList"]],
        "buckets": [b["Name"] for b in client("s3").list_buckets()["Buckets"]],
        "recorders": [r["name"] for r in client("config").describe_configuration_recorders()["ConfigurationRecorders"]],
        "delivery channels": [c["name"] for c in client("config").describe_delivery_channels()["DeliveryChannels"]],
        "topics": [t["TopicArn"] for t in sns.list_topics()["Topics"]],
        "subscriptions": [s["TopicArn"] for s in sns.list_subscriptions()["Subscriptions"]],
        "alarms": [a["AlarmName"] for a in client("cloudwatch").describe_alarms()["MetricAlarms"]],
        "budgets": [b["BudgetName"] for b in client("budgets").describe_budgets(AccountId=account).get("Budgets", [])],
        "instance profiles": [p["InstanceProfileName"] for p in iam.list_instance_profiles()["InstanceProfiles"]],
        "policies": [p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]],
    }
    for kind, names in named.items():
        ask(kind, [name for name in names if "omnirapeutic" in name], [])
    ask("ECS clusters", [name for name in witness.active_clusters() if name == args.name], [])
    guard = client("guardduty")
    ask("detectors", owned([guard.get_detector(DetectorId=d) for d in guard.list_detectors()["DetectorIds"]]), [])
    ask("roles", sorted(witness.owned_roles()), [])


witness.run(gone if args.gone else meddle if args.meddle else there)
