#!/usr/bin/env python3
"""An independent witness: asks AWS, by plain boto3, whether `stacks/edu-analytics.yaml` is really there.

    witness/edu_analytics.py [--tasks 2] [--shards 2] [...]      is it as the stack says?
    witness/edu_analytics.py --meddle [...]                      changes and deletes things by hand
    witness/edu_analytics.py --gone                              is nothing of it left?

It shares nothing with the program: no driver, no catalogue, no state. What the stack says is written out here again, so
that a mistake in one place is not believed in the other. One line per question; exit code 1 if any answer is wrong.
"""

import argparse
import json

from witness import Witness, admitted, available_gateways, listed, statements, tags, ways_out

parser = argparse.ArgumentParser()
parser.add_argument("--tasks", type=int, default=2)
parser.add_argument("--image", default="1.27", help="version of nginx")
parser.add_argument("--capacity", type=float, nargs=2, default=[0.5, 2], help="of the database, in Aurora capacity units")
parser.add_argument("--instances", type=int, default=2, help="of the database")
parser.add_argument("--shards", type=int, default=2)
parser.add_argument("--stream-hours", type=int, default=24)
parser.add_argument("--log-days", type=int, default=7)
parser.add_argument("--python", default="3.11", help="of the rotation functions")
parser.add_argument("--rotation-days", type=int, default=30)
parser.add_argument("--alarms", nargs="*", default=[], help="which there are")
parser.add_argument("--late", type=float, default=60000, help="milliseconds of delay in the stream that are an alarm")
parser.add_argument("--tasks-tier", action="store_true", help="tasks have a further tier")
parser.add_argument("--auditor", action="store_true", help="somebody from outside gets at the database")
parser.add_argument("--routes", nargs="*", default=["GET=/metrics", "POST=/students"])
parser.add_argument("--rate-limit", type=int, help="of the firewall, if there is one")
parser.add_argument("--rule-groups", nargs="*", default=["Common", "KnownBadInputs", "SQLi"], help="of the firewall")
parser.add_argument("--exports", action="store_true", help="the files are the exports of the courses")
parser.add_argument("--semester", help="a further tag on everything but the API")
parser.add_argument("--api-account", action="store_true", help="API Gateway's role for logs is ours")
parser.add_argument("--gone", action="store_true")
parser.add_argument("--meddle", action="store_true")
args = parser.parse_args()

NAME, OURS = "edu-analytics-dev", "edu-analytics/default"
STACK_TAGS = {"Environment": "dev", "Project": "edu-analytics", "Owner": "platform-team", "ManagedBy": "provision"}
if args.semester:
    STACK_TAGS["Semester"] = args.semester
witness = Witness(OURS, "ap-northeast-1", STACK_TAGS, NAME)
ask, client, tagged, only, owned = witness.ask, witness.client, witness.tagged, witness.only, witness.owned
named, pages = witness.named, witness.pages


def encryption():
    kms = client("kms")
    found = only("alias", [a for a in pages("kms", "list_aliases", "Aliases") if a["AliasName"] == f"alias/{NAME}"])
    key = kms.describe_key(KeyId=found["TargetKeyId"])["KeyMetadata"]
    ask("key is enabled, and ours alone", (key["KeyState"], key["KeyManager"], key.get("MultiRegion", False)), ("Enabled", "CUSTOMER", False))
    ask("key is rotated", kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"], True)
    tagged("key", kms.list_resource_tags(KeyId=key["KeyId"])["Tags"])
    policy = {s["Sid"]: s for s in statements(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])}
    ask("key policy's statements", sorted(policy), ["Administration"] + (["Alarms"] if args.alarms else []) + ["Logs"])
    ask("who administers the key", policy["Administration"]["Principal"], {"AWS": "arn:aws:iam::123456789012:root"})
    ask("which logs use the key", policy["Logs"]["Condition"]["ArnLike"], {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:ap-northeast-1:123456789012:log-group:*"})
    return key


def network():
    ec2 = client("ec2")
    vpc = only("VPC", owned(ec2.describe_vpcs()["Vpcs"]))
    ask("VPC's addresses", vpc["CidrBlock"], "10.0.0.0/16")
    witness.dns(ec2, vpc["VpcId"])
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    offsets = (1, 11, 21) if args.tasks_tier else (1, 11)
    ask(
        "subnets, zones, and which are public",
        sorted((s["CidrBlock"], s["AvailabilityZone"], s["MapPublicIpOnLaunch"]) for s in subnets),
        sorted((f"10.0.{o + i}.0/24", f"ap-northeast-1{z}", o == 1) for o in offsets for i, z in enumerate("ac")),
    )
    nat = only("NAT gateway", available_gateways(ec2, vpc["VpcId"]))
    internet = witness.internet_gateway(ec2, vpc["VpcId"])
    public = of_tier(subnets, 1)
    ask("NAT gateway stands in a public subnet", nat["SubnetId"] in public, True)
    only("address of the NAT gateway", owned(ec2.describe_addresses()["Addresses"]))
    expected = {s["SubnetId"]: internet["InternetGatewayId"] if s["SubnetId"] in public else nat["NatGatewayId"] for s in subnets}
    ask("each subnet's way out", ways_out(ec2, vpc["VpcId"]), expected)
    flow = witness.flow_log(ec2, vpc["VpcId"])
    ask("flow log takes all traffic", (flow["TrafficType"], flow["LogGroupName"]), ("ALL", f"/vpc/{NAME}"))
    return vpc, subnets


def of_tier(subnets, *offsets):
    return sorted(s["SubnetId"] for s in subnets for o in offsets if int(s["CidrBlock"].split(".")[2]) in (o, o + 1))


def access(vpc):
    found = witness.security_groups(vpc["VpcId"])
    groups = witness.by_name(found)
    ask("security groups", (len(found), sorted(groups)), (5, ["cache", "database", "files", "load_balancer", "tasks"]))
    identity = {name: group["GroupId"] for name, group in groups.items()}
    ask("load balancer is open on 80 and 443", admitted(groups["load_balancer"]), [("tcp", port, port, "0.0.0.0/0") for port in (80, 443)])
    ask("tasks are reached from the load balancer only", admitted(groups["tasks"]), [("tcp", 8080, 8080, identity["load_balancer"])])
    for name, port in (("database", 5432), ("cache", 6379), ("files", 2049)):
        auditor = [("tcp", port, port, "198.51.100.7/32")] if args.auditor and name == "database" else []
        ask(f"{name} is reached from the tasks only", admitted(groups[name]), sorted([("tcp", port, port, identity["tasks"]), *auditor]))
    ask("description of the files' group", groups["files"]["Description"], f"{'Exports of the courses' if args.exports else 'File system'}, reached from the tasks only")
    return identity


def stream(key):
    kinesis = client("kinesis")
    found = kinesis.describe_stream_summary(StreamName=NAME)["StreamDescriptionSummary"]
    ask("stream is there", (found["StreamStatus"], found["StreamModeDetails"]["StreamMode"]), ("ACTIVE", "PROVISIONED"))
    ask("stream's shards", found["OpenShardCount"], args.shards)
    ask("stream remembers", found["RetentionPeriodHours"], args.stream_hours)
    ask("stream's key", (found["EncryptionType"], found["KeyId"]), ("KMS", key["Arn"]))
    metrics = ["IncomingBytes", "IncomingRecords", "IteratorAgeMilliseconds", "OutgoingBytes", "OutgoingRecords", "ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded"]
    ask("shards are measured", sorted(found["EnhancedMonitoring"][0]["ShardLevelMetrics"]), metrics)
    tagged("stream", kinesis.list_tags_for_stream(StreamName=NAME)["Tags"])
    return found["StreamARN"]


def database(key, subnets, group):
    rds = client("rds")
    cluster = only("database cluster", [c for c in rds.describe_db_clusters()["DBClusters"] if c["DBClusterIdentifier"] == NAME])
    ask("database is there", (cluster["Status"], cluster["Engine"], cluster["EngineVersion"].split(".")[0], cluster["DatabaseName"], cluster["MasterUsername"]), ("available", "aurora-postgresql", "16", "eduanalytics", "eduanalytics"))
    ask("database's key", (cluster["StorageEncrypted"], cluster["KmsKeyId"]), (True, key["Arn"]))
    scaling = cluster["ServerlessV2ScalingConfiguration"]
    ask("database's capacity", [scaling["MinCapacity"], scaling["MaxCapacity"]], args.capacity)
    ask("database's backups and logs", (cluster["BackupRetentionPeriod"], cluster["CopyTagsToSnapshot"], cluster["EnabledCloudwatchLogsExports"]), (7, True, ["postgresql"]))
    ask("database's security groups", [g["VpcSecurityGroupId"] for g in cluster["VpcSecurityGroups"]], [group])
    instances = [i for i in rds.describe_db_instances()["DBInstances"] if i.get("DBClusterIdentifier") == NAME]
    seen = sorted((i["DBInstanceIdentifier"], i["DBInstanceClass"], i["PubliclyAccessible"], i["StorageEncrypted"], i["PromotionTier"]) for i in instances)
    ask("instances, and that none has a public address", seen, [(f"{NAME}-{i + 1}", "db.serverless", False, True, i) for i in range(args.instances)])
    found = rds.describe_db_subnet_groups(DBSubnetGroupName=cluster["DBSubnetGroup"])["DBSubnetGroups"][0]["Subnets"]
    ask("database is in the private subnets", sorted(s["SubnetIdentifier"] for s in found), of_tier(subnets, 11))
    parameters = pages("rds", "describe_db_cluster_parameters", "Parameters", DBClusterParameterGroupName=cluster["DBClusterParameterGroup"])
    ask("TLS is forced", [p.get("ParameterValue") for p in parameters if p["ParameterName"] == "rds.force_ssl"], ["1"])
    for item in (cluster, *instances):
        tagged(item.get("DBInstanceIdentifier", "database"), item["TagList"])
    return cluster


def cache(subnets, group, token):
    elasticache = client("elasticache")
    found = elasticache.describe_replication_groups(ReplicationGroupId=NAME)["ReplicationGroups"][0]
    ask("cache is there, with two nodes", (found["Status"], found["CacheNodeType"], len(found["MemberClusters"])), ("available", "cache.t4g.micro", 2))
    ask("cache fails over to another zone", (found["AutomaticFailover"], found["MultiAZ"]), ("enabled", "enabled"))
    # ministack does not say with which key.
    ask("cache is encrypted, and asks for a token", (found["AtRestEncryptionEnabled"], found["TransitEncryptionEnabled"], found["AuthTokenEnabled"]), (True, True, True))
    endpoint = found["NodeGroups"][0]["PrimaryEndpoint"]
    ask("cache's port", endpoint["Port"], 6379)
    nodes = [c for c in elasticache.describe_cache_clusters()["CacheClusters"] if c.get("ReplicationGroupId") == NAME]
    seen = [(c["Engine"], c["EngineVersion"], c["CacheSubnetGroupName"], [g["SecurityGroupId"] for g in c["SecurityGroups"]]) for c in nodes]
    ask("cache's nodes", seen, [("redis", "7.1", NAME, [group])] * 2)
    where = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=NAME)["CacheSubnetGroups"][0]["Subnets"]
    ask("cache is in the private subnets", sorted(s["SubnetIdentifier"] for s in where), of_tier(subnets, 11))
    tagged("cache", elasticache.list_tags_for_resource(ResourceName=found["ARN"])["TagList"])
    value = json.loads(client("secretsmanager").get_secret_value(SecretId=token)["SecretString"])
    ask("the token is one that Redis takes", (list(value), len(value["token"]), value["token"].isalnum()), (["token"], 64, True))
    return endpoint["Address"]


def files(key, subnets, group):
    efs = client("efs")
    system = only("file system", owned(efs.describe_file_systems()["FileSystems"]))
    identity = system["FileSystemId"]
    ask("files' key", (system["Encrypted"], system["KmsKeyId"]), (True, key["Arn"]))
    ask("files' modes", (system["PerformanceMode"], system["ThroughputMode"]), ("generalPurpose", "bursting"))
    ask("a mount target in each zone", witness.mounted(identity, group), of_tier(subnets, 11))
    refused = statements(efs.describe_file_system_policy(FileSystemId=identity)["Policy"])
    ask("files are mounted through TLS only", [(s["Effect"], s["Condition"]) for s in refused], [("Deny", {"Bool": {"aws:SecureTransport": "false"}})])
    point = only("access point", efs.describe_access_points(FileSystemId=identity)["AccessPoints"])
    ask("access point", (point["PosixUser"], point["RootDirectory"]["Path"], point["RootDirectory"]["CreationInfo"]["Permissions"]), ({"Uid": 1000, "Gid": 1000}, "/data", "750"))
    for item in (system, point):
        tagged("files", item["Tags"])
    return system, point


def secrets(key):
    found = {tags(s["Tags"])["provision:address"]: s for s in owned(pages("secretsmanager", "list_secrets", "SecretList"))}
    ask("secrets", sorted(found), ["cache_secret", "database_secret"])
    for secret in found.values():
        ask(f"{secret['Description']}: key", secret["KmsKeyId"], key["Arn"])
        tagged(secret["Description"], secret["Tags"])
    value = json.loads(client("secretsmanager").get_secret_value(SecretId=found["database_secret"]["ARN"])["SecretString"])
    ask("database's user, password, and where it is", (value["username"], len(value["password"]), value["engine"], str(value["port"]), value["dbClusterIdentifier"]), ("eduanalytics", 32, "postgres", "5432", NAME))
    return found["database_secret"], found["cache_secret"]


def rotation(secret, name, handler, variables, changes):
    function = f"{NAME}-rotate-{name}"
    days = secret.get("RotationRules", {})
    ask(f"{name}: rotated", (secret.get("RotationEnabled"), days.get("ScheduleExpression", f"rate({days.get('AutomaticallyAfterDays')} days)")), (True, f"rate({args.rotation_days} days)"))
    answer = client("lambda").get_function(FunctionName=function)
    found = answer["Configuration"]
    ask(f"{name}: by this function", (secret["RotationLambdaARN"], found["Runtime"], found["Handler"], found["Timeout"]), (found["FunctionArn"], f"python{args.python}", handler, 60))
    ask(f"{name}: which knows", found["Environment"]["Variables"], variables)
    tagged(function, answer["Tags"])
    callers = statements(client("lambda").get_policy(FunctionName=function)["Policy"])
    ask(f"{name}: called by Secrets Manager only", [(s["Principal"], s["Condition"]["StringEquals"]) for s in callers], [({"Service": "secretsmanager.amazonaws.com"}, {"AWS:SourceAccount": "123456789012"})])
    role = found["Role"].split("/")[-1]
    policies = client("iam").list_role_policies(RoleName=role)["PolicyNames"]
    ask(f"{name}: may do", sorted(policies), ["change-target", "rotate-secret"])
    target = statements(client("iam").get_role_policy(RoleName=role, PolicyName="change-target")["PolicyDocument"])
    ask(f"{name}: may change", [(listed(s["Action"]), s["Resource"]) for s in target], [changes])


def tasks(group, subnets, data, files, point):
    ecs = client("ecs")
    witness.task_cluster()
    service = ecs.describe_services(cluster=NAME, services=[NAME], include=["TAGS"])["services"][0]
    ask("service", (service["status"], service["launchType"], service["desiredCount"], service["healthCheckGracePeriodSeconds"]), ("ACTIVE", "FARGATE", args.tasks, 60))
    ask("circuit breaker", service["deploymentConfiguration"]["deploymentCircuitBreaker"], {"enable": True, "rollback": True})
    tagged("service", service["tags"])
    placed = service["networkConfiguration"]["awsvpcConfiguration"]
    ask("tasks are private", (placed["assignPublicIp"], sorted(placed["subnets"]), placed["securityGroups"]), ("DISABLED", of_tier(subnets, 11, *([21] if args.tasks_tier else [])), [group["tasks"]]))
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    ask("one version of the task", len(pages("ecs", "list_task_definitions", "taskDefinitionArns", familyPrefix=NAME, status="ACTIVE")), 1)
    container = task["containerDefinitions"][0]
    ask("task's size", (task["cpu"], task["memory"], task["networkMode"], task["requiresCompatibilities"]), ("512", "1024", "awsvpc", ["FARGATE"]))
    ask("task's image and port", (container["image"], [p["containerPort"] for p in container["portMappings"]]), (f"public.ecr.aws/nginx/nginx-unprivileged:{args.image}", [8080]))
    database, secret, token, address = data
    ask(
        "task's secrets",
        {s["name"]: s["valueFrom"] for s in container["secrets"]},
        {"DATABASE_USERNAME": f"{secret}:username::", "DATABASE_PASSWORD": f"{secret}:password::", "REDIS_TOKEN": f"{token}:token::"},
    )
    ask(
        "what the task is told",
        {e["name"]: e["value"] for e in container["environment"]},
        {"DATABASE_HOST": database["Endpoint"], "DATABASE_READER_HOST": database["ReaderEndpoint"], "DATABASE_NAME": "eduanalytics", "REDIS_HOST": address, "STREAM_NAME": NAME},
    )
    volume = task["volumes"][0]["efsVolumeConfiguration"]
    entry = volume["authorizationConfig"]
    ask("task's files", (volume["fileSystemId"], volume["transitEncryption"], entry["iam"], entry["accessPointId"]), (files["FileSystemId"], "ENABLED", "ENABLED", point["AccessPointId"]))
    ask("where the files are", [(m["sourceVolume"], m["containerPath"], m["readOnly"]) for m in container["mountPoints"]], [(task["volumes"][0]["name"], "/mnt/efs", False)])
    ask("task's log group", container["logConfiguration"]["options"]["awslogs-group"], f"/ecs/{NAME}")
    return task, service


def entrance(group, subnets, service):
    elb = client("elbv2")
    balancer = elb.describe_load_balancers(Names=[NAME])["LoadBalancers"][0]
    ask("load balancer is public", (balancer["Scheme"], balancer["Type"], balancer["SecurityGroups"]), ("internet-facing", "application", [group["load_balancer"]]))
    ask("load balancer's subnets", sorted(z["SubnetId"] for z in balancer["AvailabilityZones"]), of_tier(subnets, 1))
    witness.headers(balancer["LoadBalancerArn"])
    listener = only("listener", elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"])
    target = only("target group", elb.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"])
    ask("listener sends to the target group", (listener["Port"], listener["Protocol"], listener["DefaultActions"][0]["TargetGroupArn"]), (80, "HTTP", target["TargetGroupArn"]))
    ask(
        "target group's health",
        (target["TargetType"], target["Port"], target["HealthCheckPath"], target["HealthCheckIntervalSeconds"], target["HealthyThresholdCount"], target["UnhealthyThresholdCount"], target["Matcher"]["HttpCode"]),
        ("ip", 8080, "/", 30, 2, 3, "200"),
    )
    ask("service is behind the load balancer", [(b["targetGroupArn"], b["containerPort"]) for b in service["loadBalancers"]], [(target["TargetGroupArn"], 8080)])
    described = elb.describe_tags(ResourceArns=[balancer["LoadBalancerArn"], target["TargetGroupArn"], listener["ListenerArn"]])["TagDescriptions"]
    for item in described:
        tagged(item["ResourceArn"].split(":")[-1].split("/")[0], item["Tags"])
    return balancer


def api(balancer):
    gateway = client("apigateway")
    found = only("API", [a for a in gateway.get_rest_apis()["items"] if a["name"] == NAME])
    ask("API is regional", found["endpointConfiguration"]["types"], ["REGIONAL"])
    ask("API carries the tags that it was made with", {key: found["tags"].get(key) for key in STACK_TAGS if key != "Semester"}, {key: STACK_TAGS[key] for key in STACK_TAGS if key != "Semester"})
    methods = {
        f"{verb}={resource['path']}": method
        for resource in gateway.get_resources(restApiId=found["id"], embed=["methods"])["items"]
        for verb, method in resource.get("resourceMethods", {}).items()
    }
    ask("routes", sorted(methods), sorted(args.routes))
    for route, method in methods.items():
        verb, path = route.split("=")
        called = method["methodIntegration"]
        ask(f"{route}: who may call it", method["authorizationType"], "AWS_IAM")
        ask(f"{route}: goes to", (called["type"], called["httpMethod"], called["uri"]), ("HTTP_PROXY", verb, f"http://{balancer['DNSName']}{path}"))
    deployment = only("deployment", gateway.get_deployments(restApiId=found["id"])["items"])
    stage = only("stage", gateway.get_stages(restApiId=found["id"])["item"])
    ask("stage", (stage["stageName"], stage["deploymentId"], stage["tracingEnabled"]), ("dev", deployment["id"], True))
    ask("access log", stage["accessLogSettings"]["destinationArn"], f"arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/apigateway/{NAME}")
    ask("no personal data in the access log", [word for word in ("user", "caller", "body", "requestOverride") if word in stage["accessLogSettings"]["format"]], [])
    settings = stage["methodSettings"]["*/*"]
    ask("methods", (settings["metricsEnabled"], settings["loggingLevel"], settings["dataTraceEnabled"], settings["throttlingRateLimit"], settings["throttlingBurstLimit"]), (True, "ERROR", False, 100.0, 200))
    tagged("stage", stage["tags"])
    if args.api_account:
        role = gateway.get_account()["cloudwatchRoleArn"].split("/")[-1]
        attached = client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        ask("API Gateway may write logs", [p["PolicyName"] for p in attached], ["AmazonAPIGatewayPushToCloudWatchLogs"])
    return f"arn:aws:apigateway:ap-northeast-1::/restapis/{found['id']}/stages/dev"


def firewall(protected):
    found = [a for a in client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"] if a["Name"] == NAME]
    ask("firewalls", len(found), 1 if args.rate_limit else 0)
    if not found:
        return
    acl = client("wafv2").get_web_acl(Name=NAME, Scope="REGIONAL", Id=found[0]["Id"])["WebACL"]
    rules = sorted(acl["Rules"], key=lambda rule: rule["Priority"])
    ask("who gets in by default", list(acl["DefaultAction"]), ["Allow"])
    ask("requests of one address", (rules[0]["Statement"]["RateBasedStatement"]["Limit"], list(rules[0]["Action"])), (args.rate_limit, ["Block"]))
    ask("rule groups", [r["Statement"]["ManagedRuleGroupStatement"]["Name"] for r in rules[1:]], [f"AWSManagedRules{g}RuleSet" for g in args.rule_groups])
    for arn in protected:
        ask(f"firewall in front of {arn.split(':')[2]}", client("wafv2").get_web_acl_for_resource(ResourceArn=arn)["WebACL"]["ARN"], acl["ARN"])
    tagged("firewall", client("wafv2").list_tags_for_resource(ResourceARN=acl["ARN"])["TagInfoForResource"]["TagList"])


def watch(key):
    expected = [f"/aws/apigateway/{NAME}", *(f"/aws/lambda/{NAME}-rotate-{name}" for name in ("cache", "database")), f"/aws/rds/cluster/{NAME}/postgresql", f"/ecs/{NAME}", f"/vpc/{NAME}"]
    groups = {name: g for g in pages("logs", "describe_log_groups", "logGroups") if named([name := g["logGroupName"]])}
    ask("log groups", sorted(groups), expected)
    for name, group in groups.items():
        ask(f"{name}: days and key", (group.get("retentionInDays"), group.get("kmsKeyId")), (args.log_days, key["Arn"]))
        tagged(name, client("logs").list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"])
    alarms = [a for a in pages("cloudwatch", "describe_alarms", "MetricAlarms") if named([a["AlarmName"]])]
    all_of_them = {
        "late": ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", {"StreamName": NAME}, args.late, "Maximum"),
        "refused": ("AWS/ApiGateway", "5XXError", {"ApiName": NAME, "Stage": "dev"}, 5.0, "Sum"),
        "busy": ("AWS/RDS", "CPUUtilization", {"DBClusterIdentifier": NAME}, 80.0, "Average"),
    }
    ask(
        "alarms",
        {a["AlarmName"]: (a["Namespace"], a["MetricName"], {d["Name"]: d["Value"] for d in a["Dimensions"]}, a["Threshold"], a["Statistic"]) for a in alarms},
        {f"{NAME}-{name}": all_of_them[name] for name in args.alarms},
    )
    topics = named(t["TopicArn"] for t in pages("sns", "list_topics", "Topics"))
    ask("topics", [t.split(":")[-1] for t in topics], [f"{NAME}-alarms"] if args.alarms else [])
    for topic in topics:
        attributes = client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
        ask("topic's key", attributes["KmsMasterKeyId"], key["KeyId"])
        ask("who may publish", [s["Principal"] for s in statements(attributes["Policy"])], [{"Service": ["cloudwatch.amazonaws.com"]}])
        ask("who gets the alarms", witness.readers(topic), [("email", "team@example.com")])
        ask("alarms go there", {(*a["AlarmActions"], *a["OKActions"]) for a in alarms}, {(topic, topic)})
        tagged("topic", client("sns").list_tags_for_resource(ResourceArn=topic)["Tags"])


def roles(key, task, arns):
    iam = client("iam")
    stream, files, point, secret, token = arns
    found = witness.owned_roles()
    ask("roles", sorted(found), ["execution_role"] + (["module.api.log_role"] if args.api_account else []) + ["module.network.flow_log_role", "module.rotation=cache.role", "module.rotation=database.role", "task_role"])
    ask("the task's roles", (task["executionRoleArn"].split("/")[-1], task["taskRoleArn"].split("/")[-1]), (found["execution_role"][0], found["task_role"][0]))

    def policy(address, name):
        return statements(iam.get_role_policy(RoleName=found[address][0], PolicyName=name)["PolicyDocument"])

    start = {listed(s["Action"])[0]: s["Resource"] for s in policy("execution_role", "start-tasks")}
    logs = f"arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/{NAME}:*"
    ask("what starts a task", start, {"logs:CreateLogStream": logs, "secretsmanager:GetSecretValue": [secret, token], "kms:Decrypt": key["Arn"]})
    mount = policy("task_role", "mount-files")
    ask("files of a task", [(s["Resource"], s["Condition"]["StringEquals"]) for s in mount], [(files, {"elasticfilesystem:AccessPointArn": point})])
    use = policy("task_role", "use-stream")
    ask("stream of a task", [s["Resource"] for s in use], [stream, key["Arn"]])
    for address, (name, items) in found.items():
        tagged(address, items)
        for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            wide = [s["Action"] for s in policy(address, inline) if s["Resource"] == "*" and s["Action"] != "secretsmanager:GetRandomPassword"]
            ask(f"{address}, {inline}: no wildcard", wide, [])


def everywhere():
    """Whatever carries the owner tag carries the stack's tags too, also what no other question is about."""
    # Snapshots and former task definitions keep the tags that they were made with, and moto tells of some things when they
    # are gone.
    found = witness.tagged_resources(":cluster-snapshot:", ":task-definition/", ":natgateway/", ":key/", ":secret:", ":apigateway:")
    ask("many things carry tags", len(found) >= 30, True)
    bare = {arn: items for arn, items in found.items() if any(tags(items).get(key) != value for key, value in STACK_TAGS.items())}
    ask("all of them the stack's tags", bare, {})


def there():
    key = encryption()
    vpc, subnets = network()
    group = access(vpc)
    stream_arn = stream(key)
    secret, token = secrets(key)
    cluster = database(key, subnets, group["database"])
    address = cache(subnets, group["cache"], token["ARN"])
    system, point = files(key, subnets, group["files"])
    task, service = tasks(group, subnets, (cluster, secret["ARN"], token["ARN"], address), system, point)
    balancer = entrance(group, subnets, service)
    stage = api(balancer)
    firewall([balancer["LoadBalancerArn"], stage])
    rotation(secret, "database", "cluster_password.handler", {"CLUSTER": NAME}, (["rds:ModifyDBCluster"], cluster["DBClusterArn"]))
    changes = ["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"]
    rotation(token, "cache", "cache_token.handler", {"REPLICATION_GROUP": NAME}, (changes, f"arn:aws:elasticache:ap-northeast-1:123456789012:replicationgroup:{NAME}"))
    watch(key)
    roles(key, task, (stream_arn, system["FileSystemArn"], point["AccessPointArn"], secret["ARN"], token["ARN"]))
    everywhere()


def meddle():
    """What people do by hand when nobody looks."""
    ec2, iam, efs, gateway = client("ec2"), client("iam"), client("efs"), client("apigateway")
    alarms = {a["AlarmName"].removeprefix(f"{NAME}-"): a for a in pages("cloudwatch", "describe_alarms", "MetricAlarms") if named([a["AlarmName"]])}
    witness.move_threshold(alarms["late"], 3600000)
    client("cloudwatch").delete_alarms(AlarmNames=[alarms["refused"]["AlarmName"]])
    groups = witness.by_name(witness.security_groups())
    nfs = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [{"GroupId": groups["tasks"]["GroupId"]}]}
    ec2.revoke_security_group_ingress(GroupId=groups["files"]["GroupId"], IpPermissions=[nfs])
    client("kinesis").decrease_stream_retention_period(StreamName=NAME, RetentionPeriodHours=24)
    client("ecs").update_service(cluster=NAME, service=NAME, healthCheckGracePeriodSeconds=5)
    api = [a for a in gateway.get_rest_apis()["items"] if a["name"] == NAME][0]["id"]
    gateway.update_stage(restApiId=api, stageName="dev", patchOperations=[{"op": "replace", "path": "/tracingEnabled", "value": "false"}])
    function = f"{NAME}-rotate-database"
    client("lambda").update_function_configuration(FunctionName=function, Environment={"Variables": {"CLUSTER": "another"}})
    client("logs").delete_retention_policy(logGroupName=f"/ecs/{NAME}")
    system = owned(efs.describe_file_systems()["FileSystems"])[0]["FileSystemId"]
    efs.delete_file_system_policy(FileSystemId=system)
    role = witness.owned_roles()["task_role"][0]
    document = iam.get_role_policy(RoleName=role, PolicyName="mount-files")["PolicyDocument"]
    document["Statement"][0]["Resource"] = "*"
    iam.put_role_policy(RoleName=role, PolicyName="mount-files", PolicyDocument=json.dumps(document))
    ec2.delete_tags(Resources=[owned(ec2.describe_vpcs()["Vpcs"])[0]["VpcId"]], Tags=[{"Key": "Owner"}])


def gone():
    # Where the emulator has one account for everybody, others may be at work: there only what is ours counts.
    witness.no_network()
    ask("keys", witness.keys_left(), [])
    ask("aliases", named(a["AliasName"] for a in pages("kms", "list_aliases", "Aliases")), [])
    for service, operation, key, name in (
        ("kinesis", "list_streams", "StreamNames", None), ("rds", "describe_db_clusters", "DBClusters", "DBClusterIdentifier"),
        ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"), ("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
        ("rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroups", "DBClusterParameterGroupName"), ("elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
        ("elasticache", "describe_cache_clusters", "CacheClusters", "CacheClusterId"), ("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups", "CacheSubnetGroupName"),
        ("secretsmanager", "list_secrets", "SecretList", "Name"), ("lambda", "list_functions", "Functions", "FunctionName"),
        ("iam", "list_roles", "Roles", "RoleName"), ("ecs", "list_task_definitions", "taskDefinitionArns", None),
        ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"), ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
        ("apigateway", "get_rest_apis", "items", "name"), ("logs", "describe_log_groups", "logGroups", "logGroupName"),
        ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"), ("sns", "list_topics", "Topics", "TopicArn"),
    ):
        ask(f"{service} {key}", named(witness.names(service, operation, key, name)), [])
    clusters = client("ecs").describe_clusters(clusters=[NAME])["clusters"]
    ask("ECS clusters", [c["clusterName"] for c in clusters if c["status"] == "ACTIVE"], [])
    ask("file systems", owned(client("efs").describe_file_systems()["FileSystems"]), [])
    ask("firewalls", named(a["Name"] for a in client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]), [])


witness.run(gone if args.gone else meddle if args.meddle else there)
