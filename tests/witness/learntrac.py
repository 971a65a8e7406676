#!/usr/bin/env python3
"""An independent witness: asks AWS, by plain boto3, whether `stacks/learntrac.yaml` is really there.

    witness/learntrac.py [--tasks 3 6] [--image-tag 1.4.2] [...]    is it as the stack says?
    witness/learntrac.py --meddle [...]                             things are changed and deleted by hand
    witness/learntrac.py --gone [...]                               is nothing of it left?

It shares nothing with the program: no driver, no catalogue, no state. What the stack says is written out here again, so
that a mistake in one place is not believed in the other. One line per question; exit code 1 if any answer is wrong.
"""

import argparse
import hashlib
import json

from witness import Witness, statements, tags

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="learntrac-dev")
parser.add_argument("--stack", default="learntrac/default", help="stack and environment, as in the owner tags")
parser.add_argument("--tier", action="store_true", help="the tasks have subnets of their own")
parser.add_argument("--tasks", type=int, nargs=2, default=[2, 4], help="of each service, and up to how many it scales")
parser.add_argument("--image-tag", help="of both images; without one placeholders run")
parser.add_argument("--graph", action="store_true", help="the API knows the graph database and OpenAI")
parser.add_argument("--large", action="store_true", help="the database is a larger one")
parser.add_argument("--administrators", action="store_true", help="they reach the database")
parser.add_argument("--audited", action="store_true", help="with a firewall, locked records, longer logs, and alarms by e-mail")
parser.add_argument("--trac-port", type=int, default=8000)
parser.add_argument("--slow", type=float, default=2, help="seconds above which answers are slow")
parser.add_argument("--no-credits", dest="credits", action="store_false", help="nobody is told when CPU credits run out")
parser.add_argument("--gone", action="store_true")
parser.add_argument("--meddle", action="store_true")
args = parser.parse_args()

REGION, NAME = "us-east-2", args.name
STACK_TAGS = {"Environment": "dev", "Project": "learntrac", "Owner": "platform-team", "ManagedBy": "provision"}
# Port, CPU, memory, repository.
SERVICES = {"trac": (args.trac_port, "512", "1024", "trac"), "api": (8001, "1024", "2048", "learntrac")}
DAYS = 90 if args.audited else 30
witness = Witness(args.stack, REGION, STACK_TAGS, NAME)
ask, client, tagged, only, owned = witness.ask, witness.client, witness.tagged, witness.only, witness.owned
ACCOUNT = client("sts").get_caller_identity()["Account"]
LOGIN = f"{NAME}-{hashlib.sha256(f'{ACCOUNT}/{NAME}'.encode()).hexdigest()[:8]}"


def encryption():
    kms = client("kms")
    key = kms.describe_key(KeyId=f"alias/{NAME}")["KeyMetadata"]
    ask("key is enabled and rotated", (key["KeyState"], kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]), ("Enabled", True))
    policy = statements(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
    ask("who may use the key", [s["Sid"] for s in policy], ["Administration", "Logs", "Alarms", "TrailEncrypts", "TrailLooks", "ConfigDelivers"])
    tagged("key", kms.list_resource_tags(KeyId=key["KeyId"])["Tags"])
    return key


def network(ec2):
    """The default VPC and its subnets, which are nobody's, and the subnets that the tasks are in."""
    vpc = only("default VPC", ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"])["VpcId"]
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    ours = owned(found)
    tier = [("172.31.112.0/20", "b"), ("172.31.96.0/20", "a")] if args.tier else []
    ask("subnets of the tasks", sorted((s["CidrBlock"], s["AvailabilityZone"][-1]) for s in ours), tier)
    for subnet in ours:
        tagged(f"subnet {subnet['CidrBlock']}", subnet["Tags"])
    default = sorted(s["SubnetId"] for s in found if s["DefaultForAz"])
    return vpc, default, sorted(s["SubnetId"] for s in ours) or default


def access(vpc):
    groups = witness.by_name(witness.security_groups(vpc))
    names = {g["GroupId"]: name for name, g in groups.items()}
    rules = {
        name: sorted((p["FromPort"], p["ToPort"], w) for p in g["IpPermissions"] for w in [*(r["CidrIp"] for r in p["IpRanges"]), *(names.get(u["GroupId"]) for u in p["UserIdGroupPairs"])])
        for name, g in groups.items()
    }
    administrators = [(5432, 5432, "203.0.113.0/24")] if args.administrators else []
    expected = {"load_balancer": [(80, 80, "0.0.0.0/0"), (443, 443, "0.0.0.0/0")], "cache": [(6379, 6379, "tasks")]}
    expected["tasks"] = sorted((port, port, "load_balancer") for port, *_ in SERVICES.values())
    ask("who may talk to whom", rules, expected | {"database": [*administrators, (5432, 5432, "tasks")]})
    for name, group in groups.items():
        tagged(f"security group {name}", group["Tags"])
    return {name: g["GroupId"] for name, g in groups.items()}


def users():
    """The user pool with what belongs to it, as the tasks should be told of it."""
    cognito, function = client("cognito-idp"), client("lambda").get_function(FunctionName=f"{NAME}-tokens")["Configuration"]
    pools = [p["Id"] for p in cognito.list_user_pools(MaxResults=60)["UserPools"] if p["Name"] == NAME]
    pool = cognito.describe_user_pool(UserPoolId=only("user pool", pools))["UserPool"]
    ask("people sign in by e-mail", (pool["UsernameAttributes"], pool["AutoVerifiedAttributes"], pool["UsernameConfiguration"]["CaseSensitive"]), (["email"], ["email"], False))
    ask("a second factor is possible", cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"])["MfaConfiguration"], "OPTIONAL")
    wanted = {"MinimumLength": 12, "RequireLowercase": True, "RequireUppercase": True, "RequireNumbers": True, "RequireSymbols": False}
    ask("passwords", {key: pool["Policies"]["PasswordPolicy"].get(key) for key in wanted}, wanted)
    ask("tokens are completed by the function", pool["LambdaConfig"]["PreTokenGeneration"], function["FunctionArn"])
    tagged("user pool", pool["UserPoolTags"])
    ids = [c["ClientId"] for c in cognito.list_user_pool_clients(UserPoolId=pool["Id"], MaxResults=60)["UserPoolClients"]]
    found = cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=only("client", ids))["UserPoolClient"]
    ask("how the client signs in", (found["ClientName"], sorted(found["AllowedOAuthFlows"]), sorted(found["AllowedOAuthScopes"]), found.get("ClientSecret")), (NAME, ["code", "implicit"], ["email", "openid", "profile"], None))
    ask("where users are sent", (found["CallbackURLs"], found["LogoutURLs"]), (["http://localhost:8000/auth/callback"], ["http://localhost:8000/"]))
    ask("groups", sorted((g["Precedence"], g["GroupName"]) for g in cognito.list_groups(UserPoolId=pool["Id"])["Groups"]), [(1, "admins"), (10, "instructors"), (20, "students")])
    ask("login page", (pool.get("Domain"), cognito.describe_user_pool_domain(Domain=LOGIN)["DomainDescription"].get("UserPoolId")), (LOGIN, pool["Id"]))
    trigger(function, pool["Arn"])
    return pool["Arn"], {
        "user_pool_id": pool["Id"], "client_id": ids[0], "region": REGION, "login_url": f"https://{LOGIN}.auth.{REGION}.amazoncognito.com",
        "issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{pool['Id']}",
    }


def trigger(function, pool):
    ask("function", (function["Runtime"], function["Handler"], function["Timeout"], function["MemorySize"]), ("python3.13", "index.handler", 5, 128))
    policy = statements(client("lambda").get_policy(FunctionName=function["FunctionName"])["Policy"])
    who = [(s["Principal"]["Service"], s["Action"], s["Condition"]["ArnLike"]["AWS:SourceArn"]) for s in policy]
    ask("who calls the function", who, [("cognito-idp.amazonaws.com", "lambda:InvokeFunction", pool)])
    tagged("function", client("lambda").list_tags(Resource=function["FunctionArn"])["Tags"])


def secrets(key, cognito):
    """ARNs by what they are about."""
    manager, found, said = client("secretsmanager"), {}, {}
    for secret in owned(manager.list_secrets()["SecretList"]):
        about = tags(secret["Tags"])["provision:address"].removesuffix("_secret")
        found[about] = secret["ARN"]
        said[about] = json.loads(manager.get_secret_value(SecretId=secret["ARN"])["SecretString"])
        ask(f"secret {about} has the stack's key", secret["KmsKeyId"], key["Arn"])
        tagged(f"secret {about}", secret["Tags"])
    password = said["database"].pop("password")
    ask("a generated password", (len(password), set(password) & set("\"@/\\ '")), (32, set()))
    where = {key: str(said["database"].get(key)) for key in ("username", "engine", "port", "dbInstanceIdentifier")}
    ask("the database's secret", where, {"username": "learntrac", "engine": "postgres", "port": "5432", "dbInstanceIdentifier": NAME})
    neo4j = {"uri": "neo4j+s://graph.example.org:7687", "username": "neo4j", "password": "correct-horse-battery"}
    given = {"neo4j": neo4j, "openai": {"api_key": "sk-proj-4711"}} if args.graph else {}
    ask("the other secrets", said, {"database": said["database"], "cognito": cognito} | given)
    return found


def database(key, group, subnets):
    rds = client("rds")
    found = rds.describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]
    ask("database is available", found["DBInstanceStatus"], "available")
    ask("engine", (found["Engine"], found["EngineVersion"].split(".")[0], found["DBName"], found["MasterUsername"]), ("postgres", "15", "learntrac", "learntrac"))
    size = ("db.t3.small", 40) if args.large else ("db.t3.micro", 20)
    ask("size", (found["DBInstanceClass"], found["AllocatedStorage"], found["StorageType"], found["MultiAZ"]), (*size, "gp3", False))
    ask("database is encrypted with the stack's key", (found["StorageEncrypted"], found["KmsKeyId"]), (True, key["Arn"]))
    ask("backups", (found["BackupRetentionPeriod"], found["CopyTagsToSnapshot"]), (7, True))
    ask("who reaches it", (found["PubliclyAccessible"], [g["VpcSecurityGroupId"] for g in found["VpcSecurityGroups"]]), (False, [group]))
    ask("its logs", sorted(found["EnabledCloudwatchLogsExports"]), ["postgresql", "upgrade"])
    ask("its subnets", sorted(s["SubnetIdentifier"] for s in found["DBSubnetGroup"]["Subnets"]), subnets)
    parameters = rds.describe_db_parameters(DBParameterGroupName=found["DBParameterGroups"][0]["DBParameterGroupName"])
    ask("TLS is forced", [p["ParameterValue"] for p in parameters["Parameters"] if p["ParameterName"] == "rds.force_ssl"], ["1"])
    tagged("database", found["TagList"])


def cache(group, subnets):
    elasticache = client("elasticache")
    found = elasticache.describe_replication_groups(ReplicationGroupId=NAME)["ReplicationGroups"][0]
    # The emulator does not say with which key.
    ask("cache is encrypted", (found["AtRestEncryptionEnabled"], found["TransitEncryptionEnabled"]), (True, True))
    ask("cache", (found["CacheNodeType"], len(found["MemberClusters"])), ("cache.t3.micro", 1))
    node = elasticache.describe_cache_clusters(CacheClusterId=found["MemberClusters"][0])["CacheClusters"]
    ask("cache's version", [n["EngineVersion"].split(".")[0] for n in node], ["7"] * len(node))
    where = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=NAME)["CacheSubnetGroups"][0]
    ask("cache's subnets", sorted(s["SubnetIdentifier"] for s in where["Subnets"]), subnets)
    tagged("cache", elasticache.list_tags_for_resource(ResourceName=found["ARN"])["TagList"])


def images(key):
    ecr, uris = client("ecr"), {}
    found = [r for r in ecr.describe_repositories()["repositories"] if r["repositoryName"].startswith(f"{NAME}/")]
    ask("repositories", sorted(r["repositoryName"] for r in found), [f"{NAME}/learntrac", f"{NAME}/trac"])
    for repository in found:
        name = repository["repositoryName"]
        settings = (repository["encryptionConfiguration"], repository["imageScanningConfiguration"]["scanOnPush"], repository["imageTagMutability"])
        ask(f"{name} is encrypted, scanned, and its tags stay", settings, ({"encryptionType": "KMS", "kmsKey": key["Arn"]}, True, "IMMUTABLE"))
        rules = json.loads(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
        ask(f"{name} is tidied", [(r["selection"]["tagStatus"], r["selection"]["countNumber"]) for r in rules], [("untagged", 7), ("any", 20)])
        tagged(name, ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"])
        uris[name.split("/")[-1]] = repository["repositoryUri"]
    return uris


def entry(group, subnets):
    """The load balancer, and the target groups of the services."""
    elb = client("elbv2")
    balancer = elb.describe_load_balancers(Names=[f"{NAME}-trac"])["LoadBalancers"][0]
    arn = balancer["LoadBalancerArn"]
    ask("load balancer", (balancer["Scheme"], balancer["Type"], balancer["SecurityGroups"]), ("internet-facing", "application", [group]))
    ask("its subnets", sorted(z["SubnetId"] for z in balancer["AvailabilityZones"]), subnets)
    witness.headers(arn)
    tagged("load balancer", elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"])
    listener = only("listener", elb.describe_listeners(LoadBalancerArn=arn)["Listeners"])
    ask("listener", (listener["Port"], listener["Protocol"], listener["DefaultActions"][0]["Type"]), (80, "HTTP", "forward"))
    rules = [r for r in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"] if r["Priority"] != "default"]
    ask("paths of the API", [(r["Priority"], r["Conditions"][0]["PathPatternConfig"]["Values"]) for r in rules], [("10", ["/api", "/api/*"])])
    targets = {"trac": listener["DefaultActions"][0]["TargetGroupArn"], "api": rules[0]["Actions"][0]["TargetGroupArn"]}
    ours = [g["TargetGroupArn"] for g in elb.describe_target_groups()["TargetGroups"] if witness.named([g["TargetGroupName"]])]
    ask("there are no other target groups", sorted(ours), sorted(targets.values()))
    for name, target in targets.items():
        found = elb.describe_target_groups(TargetGroupArns=[target])["TargetGroups"][0]
        health = (found["TargetType"], found["Port"], found["HealthCheckPath"], found["HealthCheckIntervalSeconds"], found["Matcher"]["HttpCode"])
        ask(f"health of {name}", health, ("ip", SERVICES[name][0], "/", 30, "200"))
        tagged(f"target group {name}", elb.describe_tags(ResourceArns=[target])["TagDescriptions"][0]["Tags"])
    return balancer, targets


def tasks(group, subnets, targets, uris, arns):
    ecs, scaling = client("ecs"), client("application-autoscaling")
    witness.task_cluster()
    for name, (port, cpu, memory, image) in SERVICES.items():
        full = f"{NAME}-{name}"
        service = ecs.describe_services(cluster=NAME, services=[full], include=["TAGS"])["services"][0]
        ask(f"{name}: tasks", (service["status"], service["desiredCount"], service["launchType"]), ("ACTIVE", args.tasks[0], "FARGATE"))
        where = service["networkConfiguration"]["awsvpcConfiguration"]
        ask(f"{name}: network", (where["assignPublicIp"], sorted(where["subnets"]), where["securityGroups"]), ("ENABLED", subnets, [group]))
        ask(f"{name}: circuit breaker", service["deploymentConfiguration"]["deploymentCircuitBreaker"], {"enable": True, "rollback": True})
        ask(f"{name}: target group", [(b["targetGroupArn"], b["containerPort"]) for b in service["loadBalancers"]], [(targets[name], port)])
        tagged(f"{name}: service", service["tags"])
        definition(name, ecs.describe_task_definition(taskDefinition=service["taskDefinition"], include=["TAGS"]), uris, arns)
        target = only(f"scalable target of {name}", scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[f"service/{NAME}/{full}"])["ScalableTargets"])
        ask(f"{name}: from how many to how many", [target["MinCapacity"], target["MaxCapacity"]], args.tasks)
        policies = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=f"service/{NAME}/{full}")
        tracked = [p["TargetTrackingScalingPolicyConfiguration"] for p in policies["ScalingPolicies"]]
        metrics = sorted((t["PredefinedMetricSpecification"]["PredefinedMetricType"], t["TargetValue"]) for t in tracked)
        ask(f"{name}: what it scales by", metrics, [("ECSServiceAverageCPUUtilization", 70.0), ("ECSServiceAverageMemoryUtilization", 70.0)])


def definition(name, described, uris, arns):
    port, cpu, memory, repository = SERVICES[name]
    task, container = described["taskDefinition"], described["taskDefinition"]["containerDefinitions"][0]
    image = f"{uris[repository]}:{args.image_tag}" if args.image_tag else "public.ecr.aws/docker/library/python:3.13-slim"
    command = None if args.image_tag else ["python", "-m", "http.server", str(port), "--directory", "/srv"]
    ask(f"{name}: size", (task["cpu"], task["memory"], task["requiresCompatibilities"]), (cpu, memory, ["FARGATE"]))
    ask(f"{name}: what runs", (container["image"], container.get("command") or None, [p["containerPort"] for p in container["portMappings"]]), (image, command, [port]))
    plain = {e["name"]: e["value"] for e in container["environment"]}
    ask(f"{name}: database and cache", (plain["DATABASE_NAME"], plain["DATABASE_SSLMODE"], plain["REDIS_URL"].split(":")[0]), ("learntrac", "require", "rediss"))
    keys = {"database": ["username", "password"], "cognito": ["user_pool_id", "client_id", "issuer", "login_url"]}
    keys |= {"neo4j": ["uri", "username", "password"], "openai": ["api_key"]} if args.graph and name == "api" else {}
    expected = {f"{about}_{key}".upper(): f"{arns[about]}:{key}::" for about, names in keys.items() for key in names}
    ask(f"{name}: secrets", {s["name"]: s["valueFrom"] for s in container["secrets"]}, expected)
    ask(f"{name}: log group", container["logConfiguration"]["options"]["awslogs-group"], f"/ecs/{NAME}-{name}")
    tagged(f"{name}: task definition", described["tags"])


def gateway(pool, balancer):
    gateways = client("apigateway")
    api = only("API", [a for a in gateways.get_rest_apis(limit=500)["items"] if a["name"] == NAME])
    ask("API is of the region", api["endpointConfiguration"]["types"], ["REGIONAL"])
    ask("API carries the stack's tags", {key: api["tags"].get(key) for key in STACK_TAGS}, STACK_TAGS)
    authorizer = only("authorizer", gateways.get_authorizers(restApiId=api["id"])["items"])
    ask("who may ask", (authorizer["type"], authorizer["providerARNs"], authorizer["identitySource"]), ("COGNITO_USER_POOLS", [pool], "method.request.header.Authorization"))
    found = {}
    for resource in gateways.get_resources(restApiId=api["id"], embed=["methods"], limit=500)["items"]:
        for verb, method in resource.get("resourceMethods", {}).items():
            integration = method["methodIntegration"]
            found[resource["path"], verb] = (method["authorizationType"], method.get("authorizerId"), integration["type"], integration["uri"])
    origin = f"http://{balancer['DNSName']}/api"
    decides = {"ANY": ("COGNITO_USER_POOLS", authorizer["id"]), "OPTIONS": ("NONE", None)}
    expected = {(path, verb): (*who, "HTTP_PROXY", f"{origin}{rest}") for verb, who in decides.items() for path, rest in (("/api", ""), ("/api/{proxy+}", "/{proxy}"))}
    ask("what is asked of whom", found, expected)
    stage = only("stage", gateways.get_stages(restApiId=api["id"])["item"])
    ask("stage", (stage["stageName"], stage["tracingEnabled"], stage["accessLogSettings"]["destinationArn"].split(":")[-1]), ("dev", True, f"/aws/apigateway/{NAME}"))
    settings = stage["methodSettings"]["*/*"]
    ask("how much is answered", (settings["throttlingRateLimit"], settings["throttlingBurstLimit"], settings["metricsEnabled"]), (100.0, 200, True))
    tagged("stage", stage["tags"])
    only("deployment", gateways.get_deployments(restApiId=api["id"])["items"])


def firewall(balancer):
    waf = client("wafv2")
    found = [a for a in waf.list_web_acls(Scope="REGIONAL")["WebACLs"] if a["Name"] == NAME]
    if not args.audited:
        return ask("there is no firewall", found, [])
    acl = waf.get_web_acl(Name=NAME, Id=only("web ACL", found)["Id"], Scope="REGIONAL")["WebACL"]
    rules = sorted(acl["Rules"], key=lambda rule: rule["Priority"])
    managed = [f"AWSManagedRules{name}RuleSet" for name in ("Common", "KnownBadInputs", "SQLi")]
    ask("rules of the firewall", [r["Name"] for r in rules], ["rate-limit", *managed])
    ask("who asks too often is blocked", (rules[0]["Statement"]["RateBasedStatement"]["Limit"], rules[0]["Action"]), (1000, {"Block": {}}))
    ask("firewall is before the load balancer", waf.get_web_acl_for_resource(ResourceArn=balancer["LoadBalancerArn"])["WebACL"]["ARN"], acl["ARN"])
    return tagged("web ACL", waf.list_tags_for_resource(ResourceARN=acl["ARN"])["TagInfoForResource"]["TagList"])


def logs(key):
    found = [g for g in client("logs").describe_log_groups()["logGroups"] if witness.named([g["logGroupName"]])]
    names = [f"/aws/rds/instance/{NAME}/postgresql", f"/aws/rds/instance/{NAME}/upgrade", f"/aws/apigateway/{NAME}", f"/aws/lambda/{NAME}-tokens", f"/ecs/{NAME}-trac", f"/ecs/{NAME}-api"]
    ask("log groups, days and key", sorted((g["logGroupName"], g.get("retentionInDays"), g.get("kmsKeyId")) for g in found), sorted((name, DAYS, key["Arn"]) for name in names))


def expected_alarms(balancer, targets):
    """By name: namespace, metric, operator, threshold, statistic, periods, missing data, dimensions."""
    above, below, calm = "GreaterThanThreshold", "LessThanThreshold", "notBreaching"
    instance, node, entry_ = {"DBInstanceIdentifier": NAME}, {"CacheClusterId": f"{NAME}-001"}, {"LoadBalancer": balancer.split(":loadbalancer/")[1]}
    alarms = {
        "database-cpu": ("AWS/RDS", "CPUUtilization", above, 80, "Average", 5, calm, instance),
        "database-storage": ("AWS/RDS", "FreeStorageSpace", below, 4 * 2**30, "Minimum", 5, calm, instance),
        "database-memory": ("AWS/RDS", "FreeableMemory", below, 64 * 2**20, "Minimum", 5, calm, instance),
        "database-connections": ("AWS/RDS", "DatabaseConnections", above, 160 if args.large else 80, "Maximum", 5, calm, instance),
        "cache-memory": ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", above, 80, "Maximum", 5, calm, node),
        "cache-cpu": ("AWS/ElastiCache", "EngineCPUUtilization", above, 80, "Average", 5, calm, node),
        "response-time": ("AWS/ApplicationELB", "TargetResponseTime", above, args.slow, "p95", 5, calm, entry_),
        "load-balancer-5xx": ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", above, 10, "Sum", 5, calm, entry_),
        "target-5xx": ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", above, 10, "Sum", 5, calm, entry_),
        "gateway-5xx": ("AWS/ApiGateway", "5XXError", above, 10, "Sum", 5, calm, {"ApiName": NAME, "Stage": "dev"}),
        "token-errors": ("AWS/Lambda", "Errors", above, 0, "Sum", 1, calm, {"FunctionName": f"{NAME}-tokens"}),
    }
    if args.credits:
        alarms["database-credits"] = ("AWS/RDS", "CPUCreditBalance", below, 20, "Minimum", 5, calm, instance)
    for name in SERVICES:
        where = {"ClusterName": NAME, "ServiceName": f"{NAME}-{name}"}
        alarms[f"{name}-unhealthy"] = ("AWS/ApplicationELB", "UnHealthyHostCount", above, 0, "Maximum", 5, calm, entry_ | {"TargetGroup": targets[name].split(":")[-1]})
        alarms[f"{name}-tasks"] = ("ECS/ContainerInsights", "RunningTaskCount", below, args.tasks[0], "Minimum", 5, "breaching", where)
        alarms[f"{name}-cpu"] = ("AWS/ECS", "CPUUtilization", above, 85, "Average", 15, calm, where)
        alarms[f"{name}-memory"] = ("AWS/ECS", "MemoryUtilization", above, 85, "Average", 15, calm, where)
    return alarms


def described(alarm):
    statistic, dimensions = alarm.get("Statistic") or alarm.get("ExtendedStatistic"), {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
    words = [alarm[key] for key in ("Namespace", "MetricName", "ComparisonOperator", "Threshold")]
    return (*words, statistic, alarm["EvaluationPeriods"], alarm["TreatMissingData"], dimensions)


def watch(key, balancer, targets):
    sns, watcher, topic = client("sns"), client("cloudwatch"), f"arn:aws:sns:{REGION}:{ACCOUNT}:{NAME}-alarms"
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    ask("topic's key", attributes["KmsMasterKeyId"], key["KeyId"])
    ask("who may publish", statements(attributes["Policy"])[0]["Principal"]["Service"], ["cloudwatch.amazonaws.com"])
    ask("who is told of alarms", witness.readers(topic), [("email", "ops@example.org")] if args.audited else [])
    tagged("topic", sns.list_tags_for_resource(ResourceArn=topic)["Tags"])
    found = [a for a in watcher.describe_alarms()["MetricAlarms"] if a["AlarmName"].startswith(f"{NAME}-")]
    seen, alarms = {a["AlarmName"].removeprefix(f"{NAME}-"): described(a) for a in found}, expected_alarms(balancer, targets)
    for name in sorted(alarms.keys() | seen.keys()):
        ask(f"alarm {name}", seen.get(name), alarms.get(name))
    ask("all alarms look at minutes and report", {(a["Period"], *a["AlarmActions"], *a["OKActions"]) for a in found}, {(60, topic, topic)})
    for alarm in found:
        tagged(alarm["AlarmName"], watcher.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"])


def roles(key, arns, uris):
    found = witness.owned_roles()
    services = [f"module.{name}_roles.{kind}" for name in SERVICES for kind in ("execution", "task")]
    ask("roles", sorted(found), sorted([*services, "module.gateway.log_role", "module.audit.recorder_role", "token_role"]))
    for address, (role, mine) in found.items():
        tagged(f"role {address}", mine)
        allowed = witness.allowed(role)
        ask(f"{address}: wildcards", [action for action, resource in allowed.items() if resource == "*" and action != "ecr:GetAuthorizationToken"], [])
        if address.endswith(".task"):
            ask(f"{address} allows nothing", allowed, {})
        if address.endswith(".execution"):
            name = address.split(".")[1].removesuffix("_roles")
            mine = ["database", "cognito"] + (["neo4j", "openai"] if args.graph and name == "api" else [])
            ask(f"{address}: secrets", sorted(allowed["secretsmanager:GetSecretValue"]), sorted(arns[about] for about in mine))
            ask(f"{address}: key", allowed["kms:Decrypt"], key["Arn"])
            repository = uris[SERVICES[name][3]].split("/", 1)[1]
            ask(f"{address}: images", [r.split(":repository/")[1] for r in allowed["ecr:BatchGetImage"]], [repository])


def there():
    ec2, key = client("ec2"), encryption()
    vpc, subnets, of_tasks = network(ec2)
    groups = access(vpc)
    pool, cognito = users()
    arns, uris = secrets(key, cognito), images(key)
    database(key, groups["database"], subnets)
    cache(groups["cache"], subnets)
    balancer, targets = entry(groups["load_balancer"], subnets)
    tasks(groups["tasks"], of_tasks, targets, uris, arns)
    gateway(pool, balancer)
    firewall(balancer)
    trail = witness.records(key["Arn"], args.audited)
    tagged("trail", client("cloudtrail").list_tags(ResourceIdList=[trail["TrailARN"]])["ResourceTagList"][0]["TagsList"])
    logs(key)
    watch(key, balancer["LoadBalancerArn"], targets)
    roles(key, arns, uris)


def meddle():
    """Somebody wants quiet, gets in for a moment, and makes room."""
    watcher, ec2, cognito = client("cloudwatch"), client("ec2"), client("cognito-idp")
    found = watcher.describe_alarms(AlarmNames=[f"{NAME}-database-cpu"])["MetricAlarms"][0]
    witness.move_threshold(found, 99)
    watcher.delete_alarms(AlarmNames=[f"{NAME}-token-errors"])
    groups = {tags(g["Tags"]).get("Name"): g["GroupId"] for g in witness.security_groups()}
    redis = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "UserIdGroupPairs": [{"GroupId": groups[f"{NAME}-tasks"]}]}
    ec2.revoke_security_group_ingress(GroupId=groups[f"{NAME}-cache"], IpPermissions=[redis])
    ec2.delete_tags(Resources=[groups[f"{NAME}-tasks"]], Tags=[{"Key": "Owner"}])
    client("logs").put_retention_policy(logGroupName=f"/aws/apigateway/{NAME}", retentionInDays=1)
    client("ecs").update_service(cluster=NAME, service=f"{NAME}-api", healthCheckGracePeriodSeconds=5)
    pool = [p["Id"] for p in cognito.list_user_pools(MaxResults=60)["UserPools"] if p["Name"] == NAME][0]
    cognito.delete_group(UserPoolId=pool, GroupName="instructors")
    role = witness.owned_roles()["module.trac_roles.execution"][0]
    document = client("iam").get_role_policy(RoleName=role, PolicyName="start-tasks")["PolicyDocument"]
    for statement in document["Statement"]:
        statement["Resource"] = "*"
    client("iam").put_role_policy(RoleName=role, PolicyName="start-tasks", PolicyDocument=json.dumps(document))


def gone():
    # Others are at work in the same account: only what carries our tag or our name counts.
    ec2, rds, elb, kms, ecs, config = (client(name) for name in ("ec2", "rds", "elbv2", "kms", "ecs", "config"))
    cognito, elasticache = client("cognito-idp"), client("elasticache")
    ask("subnets", owned(ec2.describe_subnets()["Subnets"]), [])
    ask("security groups", witness.security_groups(), [])
    ask("rules of security groups", owned(ec2.describe_security_group_rules()["SecurityGroupRules"]), [])
    ask("keys", witness.keys_left(), [])
    ask("roles", sorted(witness.owned_roles()), [])
    ask("login page", cognito.describe_user_pool_domain(Domain=LOGIN).get("DomainDescription") or {}, {})
    named = {
        "aliases": [a["AliasName"] for a in kms.list_aliases()["Aliases"]],
        "database instances": [i["DBInstanceIdentifier"] for i in rds.describe_db_instances()["DBInstances"]],
        "database subnet groups": [g["DBSubnetGroupName"] for g in rds.describe_db_subnet_groups()["DBSubnetGroups"]],
        "parameter groups": [g["DBParameterGroupName"] for g in rds.describe_db_parameter_groups()["DBParameterGroups"]],
        "caches": [g["ReplicationGroupId"] for g in elasticache.describe_replication_groups()["ReplicationGroups"]],
        "cache subnet groups": [g["CacheSubnetGroupName"] for g in elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"]],
        "log groups": [g["logGroupName"] for g in client("logs").describe_log_groups()["logGroups"]],
        "secrets": [s["Name"] for s in client("secretsmanager").list_secrets()["SecretList"]],
        "repositories": [r["repositoryName"] for r in client("ecr").describe_repositories()["repositories"]],
        "clusters": witness.active_clusters(),
        "task definitions": ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"],
        "scalable targets": [t["ResourceId"] for t in client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]],
        "scaling policies": [p["ResourceId"] for p in client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]],
        "load balancers": [b["LoadBalancerName"] for b in elb.describe_load_balancers()["LoadBalancers"]],
        "target groups": [t["TargetGroupName"] for t in elb.describe_target_groups()["TargetGroups"]],
        "APIs": [a["name"] for a in client("apigateway").get_rest_apis(limit=500)["items"]],
        "user pools": [p["Name"] for p in cognito.list_user_pools(MaxResults=60)["UserPools"]],
        "functions": [f["FunctionName"] for f in client("lambda").list_functions()["Functions"]],
        "web ACLs": [a["Name"] for a in client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]],
        "trails": [t["Name"] for t in client("cloudtrail").describe_trails()["trailList"]],
        "buckets": [b["Name"] for b in client("s3").list_buckets()["Buckets"]],
        "recorders": [r["name"] for r in config.describe_configuration_recorders()["ConfigurationRecorders"]],
        "delivery channels": [c["name"] for c in config.describe_delivery_channels()["DeliveryChannels"]],
        "topics": [t["TopicArn"] for t in client("sns").list_topics()["Topics"]],
        "subscriptions": [s["TopicArn"] for s in client("sns").list_subscriptions()["Subscriptions"]],
        "alarms": [a["AlarmName"] for a in client("cloudwatch").describe_alarms()["MetricAlarms"]],
    }
    for kind, names in named.items():
        ask(kind, witness.named(names), [])


witness.run(gone if args.gone else meddle if args.meddle else there)
