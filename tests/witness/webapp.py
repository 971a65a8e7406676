#!/usr/bin/env python3
"""An independent witness: asks AWS, by plain boto3, whether `stacks/webapp.yaml` is really there.

    witness/webapp.py --environment production [--customers] [--audited] [...]      is it as the stack says?
    witness/webapp.py --environment staging --meddle [...]                          changes and deletes things by hand
    witness/webapp.py --environment staging --gone                                  is nothing of it left?

It shares nothing with the program: no driver, no catalogue, no state. What the stack says is written out here again, so
that a mistake in one place is not believed in the other. One line per question; exit code 1 if any answer is wrong.
"""

import argparse
import json

from witness import Witness, admitted, available_gateways, listed, statements, tags, ways_out

parser = argparse.ArgumentParser()
parser.add_argument("--environment", choices=["production", "staging"], required=True)
parser.add_argument("--image-key", action="store_true", help="images have a key of their own")
parser.add_argument("--customers", action="store_true", help="everything is larger, and runs the first release")
parser.add_argument("--shared-image", action="store_true", help="the image comes from a repository of another environment")
parser.add_argument("--reports", action="store_true", help="there is a tier for reports")
parser.add_argument("--audited", action="store_true", help="firewall, bucket, logs and alarms are stricter, and somebody gets mails")
parser.add_argument("--email", help="who gets alarms and notices")
parser.add_argument("--domain", help="name of the site, all over the world")
parser.add_argument("--port", type=int, default=8080, help="of the API")
parser.add_argument("--no-memory-alarm", action="store_true", help="nobody looks at the memory of the tasks")
parser.add_argument("--blue-green", action="store_true", help="ECS moves the traffic from one version to the next")
parser.add_argument("--owner", default="platform-team", help="a tag on everything")
parser.add_argument("--gone", action="store_true")
parser.add_argument("--meddle", action="store_true")
args = parser.parse_args()

NAME, OURS, ACCOUNT = f"webapp-{args.environment}", f"webapp/{args.environment}", "123456789012"
HOME, EDGE, RECOVERY = "eu-central-1", "us-east-1", "eu-west-1"
PRODUCTION = args.environment == "production"
STACK_TAGS = {"Environment": args.environment, "Project": "webapp", "Owner": args.owner, "ManagedBy": "provision"}
witness = Witness(OURS, HOME, STACK_TAGS, NAME)
ask, client, tagged, only, owned = witness.ask, witness.client, witness.tagged, witness.only, witness.owned
named, pages = witness.named, witness.pages
EMAIL = "ops@example.com" if args.audited else args.email

# What each environment costs.
if not PRODUCTION:
    DATABASE, CACHE, TASK, TASKS = ("db.t4g.micro", 20, None, False), ("cache.t4g.micro", 1), ("256", "512"), (1, 2)
    BACKUP_DAYS, LOG_DAYS, BUDGET = 7, 14, 200
elif args.customers:
    DATABASE, CACHE, TASK, TASKS = ("db.m6g.large", 200, 1000, True), ("cache.t4g.medium", 3), ("512", "1024"), (3, 12)
    BACKUP_DAYS, LOG_DAYS, BUDGET = 14, 90, 2000
else:
    DATABASE, CACHE, TASK, TASKS = ("db.t4g.medium", 100, 500, True), ("cache.t4g.small", 2), ("512", "1024"), (2, 10)
    BACKUP_DAYS, LOG_DAYS, BUDGET = 14, 90, 1000
LOG_DAYS = 365 if args.audited else LOG_DAYS
REGISTRY = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
if args.shared_image:
    IMAGE = f"{REGISTRY}/shared/api:1.1.0"
else:
    IMAGE = f"{REGISTRY}/{NAME}/api:1.0.0" if args.customers else "public.ecr.aws/nginx/nginx-unprivileged:1.27"


def keys():
    """All keys, by what they are for; and who may use each."""
    expected = {"Data": ["Administration", "Alarms", "Budgets", "Logs"], "Alarms": ["Administration", "Alarms", "Budgets"]}
    if PRODUCTION:
        expected["Copies of backups"] = ["Administration"]
    if args.image_key:
        expected["Images"] = ["Administration"]
    found, places = {}, {"Alarms": EDGE, "Copies of backups": RECOVERY}
    for region in (HOME, EDGE, RECOVERY):
        kms = client("kms", region)
        for identity in [k["KeyId"] for k in pages("kms", "list_keys", "Keys", region)]:
            key = kms.describe_key(KeyId=identity)["KeyMetadata"]
            mine = kms.list_resource_tags(KeyId=identity)["Tags"] if key["KeyState"] == "Enabled" else []
            if tags(mine).get("provision:stack") != OURS:
                continue
            use = key["Description"].removesuffix(f" of {NAME}")
            found[use] = key
            policy = {s["Sid"]: s for s in statements(kms.get_key_policy(KeyId=identity, PolicyName="default")["Policy"])}
            ask(f"{use}: who may use the key", sorted(policy), expected.get(use))
            ask(f"{use}: who administers it", policy["Administration"]["Principal"], {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
            ask(f"{use}: where", region, places.get(use, HOME))
            ask(f"{use}: rotated", kms.get_key_rotation_status(KeyId=identity)["KeyRotationEnabled"], True)
            tagged(f"{use}: key", mine)
    ask("keys", sorted(found), sorted(expected))
    aliases = {a["AliasName"]: a["TargetKeyId"] for a in pages("kms", "list_aliases", "Aliases") if a["AliasName"].startswith(f"alias/{NAME}")}
    images = {f"alias/{NAME}-images": found["Images"]["KeyId"]} if args.image_key else {}
    ask("aliases", aliases, {f"alias/{NAME}": found["Data"]["KeyId"], **images})
    return found


def network():
    ec2 = client("ec2")
    vpc = only("VPC", owned(ec2.describe_vpcs()["Vpcs"]))
    ask("VPC's addresses", vpc["CidrBlock"], "10.0.0.0/16")
    witness.dns(ec2, vpc["VpcId"])
    subnets = {s["CidrBlock"]: s for s in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]}
    offsets = (1, 11, 21) if args.reports else (1, 11)
    ask(
        "subnets, zones, and which are public",
        sorted((block, s["AvailabilityZone"], s["MapPublicIpOnLaunch"]) for block, s in subnets.items()),
        sorted((f"10.0.{o + i}.0/24", f"{HOME}{z}", o == 1) for o in offsets for i, z in enumerate("ab")),
    )
    gateways = available_gateways(ec2, vpc["VpcId"])
    zones = {s["SubnetId"]: s["AvailabilityZone"] for s in subnets.values()}
    nat = {zones[g["SubnetId"]]: g["NatGatewayId"] for g in gateways}
    ask("NAT gateways", sorted(nat), [f"{HOME}a", f"{HOME}b"] if PRODUCTION else [f"{HOME}a"])
    for gateway in gateways:
        tagged("NAT gateway", gateway["Tags"])
    ask("addresses of NAT gateways", len(owned(ec2.describe_addresses()["Addresses"])), len(nat))
    internet = witness.internet_gateway(ec2, vpc["VpcId"])
    private = {s["SubnetId"]: nat.get(s["AvailabilityZone"], nat.get(f"{HOME}a")) for s in subnets.values()}
    public = {s["SubnetId"]: internet["InternetGatewayId"] for s in subnets.values() if s["MapPublicIpOnLaunch"]}
    ask("each subnet's way out", ways_out(ec2, vpc["VpcId"]), {**private, **public})
    flow = witness.flow_log(ec2, vpc["VpcId"])
    ask("flow log takes all traffic", (flow["TrafficType"], flow["LogGroupName"]), ("ALL", f"/vpc/{NAME}"))
    return vpc, {"public": sorted(public), "private": sorted(subnets[f"10.0.{o}.0/24"]["SubnetId"] for o in (11, 12))}


def access(vpc):
    groups = witness.by_name(witness.security_groups(vpc["VpcId"]))
    ask("security groups", sorted(groups), ["cache", "database", "load_balancer"] + (["reports"] if args.reports else []) + ["tasks"])
    identity = {name: group["GroupId"] for name, group in groups.items()}
    ask("load balancer is open on 80 and 443", admitted(groups["load_balancer"]), [("tcp", port, port, "0.0.0.0/0") for port in (80, 443)])
    ask("tasks are reached from the load balancer only", admitted(groups["tasks"]), [("tcp", args.port, args.port, identity["load_balancer"])])
    readers = ["tasks", "reports"] if args.reports else ["tasks"]
    ask("who reaches the database", admitted(groups["database"]), sorted(("tcp", 5432, 5432, identity[name]) for name in readers))
    ask("cache is reached from the tasks only", admitted(groups["cache"]), [("tcp", 6379, 6379, identity["tasks"])])
    if args.reports:
        ask("reports are reached by nobody", admitted(groups["reports"]), [])
    return identity


def site(key, secret):
    """Bucket, distribution and firewall."""
    s3, cloudfront = client("s3"), client("cloudfront", EDGE)
    bucket = only("bucket", named(b["Name"] for b in s3.list_buckets()["Buckets"]))
    ask("bucket is private", set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()), {True})
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    ask("bucket is encrypted", rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
    ask("bucket keeps versions", s3.get_bucket_versioning(Bucket=bucket).get("Status"), "Enabled")
    ask("bucket has one owner", s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"][0]["ObjectOwnership"], "BucketOwnerEnforced")
    rule = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
    ask("old versions go", (rule["ID"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"]), ("old-versions", 30))
    tagged("bucket", s3.get_bucket_tagging(Bucket=bucket)["TagSet"])

    summary = only("distribution", [d for d in cloudfront.list_distributions()["DistributionList"].get("Items", []) if d["Comment"] == NAME])
    found = cloudfront.get_distribution(Id=summary["Id"])["Distribution"]
    config, arn = found["DistributionConfig"], f"arn:aws:cloudfront::{ACCOUNT}:distribution/{summary['Id']}"
    policy = {s["Sid"]: s for s in statements(s3.get_bucket_policy(Bucket=bucket)["Policy"])}
    sids = ["DistributionLists", "DistributionReads", "EncryptedTransportOnly"] + (["NobodyDeletesVersions"] if args.audited else [])
    ask("bucket policy's statements", sorted(policy), sids)
    ask("the distribution alone reads", policy["DistributionReads"]["Condition"], {"StringEquals": {"aws:SourceArn": arn}})
    ask("what it reads", (policy["DistributionReads"]["Action"], policy["DistributionReads"]["Resource"]), ("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    if args.audited:
        refused = policy["NobodyDeletesVersions"]
        ask("nobody deletes versions", (refused["Effect"], refused["Principal"], refused["Action"]), ("Deny", "*", "s3:DeleteObjectVersion"))
    origins = {o["Id"]: o for o in config["Origins"]["Items"]}
    ask("origins", sorted(origins), ["api", "site"])
    control = cloudfront.get_origin_access_control(Id=origins["site"]["OriginAccessControlId"])["OriginAccessControl"]["OriginAccessControlConfig"]
    ask("requests to the bucket are signed", (control["Name"], control["SigningBehavior"], control["SigningProtocol"]), (NAME, "always", "sigv4"))
    ask("bucket is an origin", origins["site"]["DomainName"], f"{bucket}.s3.{HOME}.amazonaws.com")
    balancer = client("elbv2").describe_load_balancers(Names=[NAME])["LoadBalancers"][0]
    ask("load balancer is an origin", origins["api"]["DomainName"], balancer["DNSName"])
    header = origins["api"]["CustomHeaders"]["Items"]
    ask("CloudFront sends the header", [(h["HeaderName"], h["HeaderValue"]) for h in header], [("X-Origin-Verify", secret)])
    behavior = only("behavior", config["CacheBehaviors"]["Items"])
    ask("who answers what", (config["DefaultCacheBehavior"]["TargetOriginId"], behavior["PathPattern"], behavior["TargetOriginId"]), ("site", "/api/*", "api"))
    ask("nobody gets anything in the clear", (config["DefaultCacheBehavior"]["ViewerProtocolPolicy"], behavior["ViewerProtocolPolicy"]), ("redirect-to-https", "https-only"))
    ask("how far it reaches", config["PriceClass"], "PriceClass_All" if args.domain else "PriceClass_100")
    ask("names", config["Aliases"].get("Items", []), [args.domain] if args.domain else [])
    certificate = config["ViewerCertificate"]
    ask("certificate", certificate.get("ACMCertificateArn", "").split(":certificate/")[-1], "0b1e9b33-3c3f-4c0e-8a0e-6a5d4f6f0a11" if args.domain else "")
    tagged("distribution", cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"])

    waf = client("wafv2", EDGE)
    mine = only("web ACL", [a for a in waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"] if a["Name"] == NAME])
    ask("distribution is behind the web ACL", config["WebACLId"], mine["ARN"])
    rules = sorted(waf.get_web_acl(Name=NAME, Id=mine["Id"], Scope="CLOUDFRONT")["WebACL"]["Rules"], key=lambda rule: rule["Priority"])
    ask("requests of one address", rules[0]["Statement"]["RateBasedStatement"]["Limit"], 1000 if args.audited else 2000)
    groups = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"]
    groups += ["AWSManagedRulesAmazonIpReputationList"] if args.audited else []
    ask("managed rules", [r["Statement"]["ManagedRuleGroupStatement"]["Name"] for r in rules[1:]], groups)
    tagged("web ACL", waf.list_tags_for_resource(ResourceARN=mine["ARN"])["TagInfoForResource"]["TagList"])
    return bucket, summary["Id"], found["DomainName"]


def secrets(key):
    found, manager = {}, client("secretsmanager")
    for secret in owned(pages("secretsmanager", "list_secrets", "SecretList")):
        tagged(secret["Description"], secret["Tags"])
        ask(f"{secret['Description']}: key", secret.get("KmsKeyId"), key["Arn"])
        found[secret["Description"]] = (secret["ARN"], json.loads(manager.get_secret_value(SecretId=secret["ARN"])["SecretString"]))
    ask("secrets", sorted(found), ["By which the load balancer knows CloudFront", "Credentials of the database", "Token of the cache"])
    database = found["Credentials of the database"][1]
    ask("database's user and password", (database["username"], len(database["password"])), ("webapp", 32))
    ask("secret knows its database", (database.get("engine"), str(database.get("port")), database.get("dbInstanceIdentifier")), ("postgres", "5432", NAME))
    ask("cache's token", len(found["Token of the cache"][1]["token"]), 64)
    return found


def data(key, group, subnets):
    rds, elasticache = client("rds"), client("elasticache")
    found = rds.describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]
    ask("database is available", (found["DBInstanceStatus"], found["Engine"], found["DBName"], found["PubliclyAccessible"]), ("available", "postgres", "webapp", False))
    size = (found["DBInstanceClass"], found["AllocatedStorage"], found.get("MaxAllocatedStorage"), found["MultiAZ"])
    ask("database's size", size, DATABASE)
    ask("database is encrypted with the stack's key", (found["StorageEncrypted"], found["KmsKeyId"]), (True, key["Arn"]))
    ask("database's backups", (found["BackupRetentionPeriod"], found["CopyTagsToSnapshot"]), (BACKUP_DAYS, True))
    ask("production's database is protected", found["DeletionProtection"], PRODUCTION)
    ask("database's security groups", [g["VpcSecurityGroupId"] for g in found["VpcSecurityGroups"]], [group["database"]])
    ask("database's subnets", sorted(s["SubnetIdentifier"] for s in found["DBSubnetGroup"]["Subnets"]), subnets["private"])
    parameters = pages("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=found["DBParameterGroups"][0]["DBParameterGroupName"])
    ask("TLS is forced", [p.get("ParameterValue") for p in parameters if p["ParameterName"] == "rds.force_ssl"], ["1"])
    tagged("database", found["TagList"])
    cache = elasticache.describe_replication_groups(ReplicationGroupId=NAME)["ReplicationGroups"][0]
    # ministack does not say with which key.
    ask("cache is encrypted", (cache["AtRestEncryptionEnabled"], cache["TransitEncryptionEnabled"], cache.get("KmsKeyId", key["Arn"])), (True, True, key["Arn"]))
    # ministack does not count nodes that came later among its `MemberClusters`.
    ask("cache's size", (cache["CacheNodeType"], len(cache["NodeGroups"][0]["NodeGroupMembers"])), CACHE)
    ask("another node takes over", (cache["AutomaticFailover"] in ("enabled", "enabling"), cache.get("MultiAZ", "disabled")), (CACHE[1] > 1, "enabled" if CACHE[1] > 1 else "disabled"))
    ask("cache wants a token", cache.get("AuthTokenEnabled"), True)
    tagged("cache", elasticache.list_tags_for_resource(ResourceName=cache["ARN"])["TagList"])
    return found


def roles(secret_arns, key):
    """All roles by their addresses; what those of the tasks may do."""
    iam, found = client("iam"), {}
    for role in pages("iam", "list_roles", "Roles"):
        mine = tags(iam.list_role_tags(RoleName=role["RoleName"])["Tags"])
        if mine.get("provision:stack") == OURS:
            found[mine["provision:address"]] = role
            tagged(f"role {mine['provision:address']}", mine)
    moving = ["module.api.traffic_role"] if args.blue_green else []
    ask("roles", sorted(found), sorted(["backup_role", "module.network.flow_log_role", "module.roles.execution", "module.roles.task", *moving]))
    role = found["module.roles.execution"]["RoleName"]
    may = {tuple(listed(s["Action"])): listed(s["Resource"]) for s in statements(iam.get_role_policy(RoleName=role, PolicyName="start-tasks")["PolicyDocument"])}
    ask("tasks are started with these secrets", may.get(("secretsmanager:GetSecretValue",)), sorted(secret_arns))
    ask("and this key", may.get(("kms:Decrypt",)), [key["Arn"]])
    repositories = [f"arn:aws:ecr:{HOME}:{ACCOUNT}:repository/{NAME}/api"] + ([f"arn:aws:ecr:{HOME}:{ACCOUNT}:repository/shared/api"] if args.shared_image else [])
    ask("and images from here", may.get(("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")), sorted(repositories))
    paths = ["cache/host", "cache/port", "database/host", "database/name", "database/port"]
    ask("and these parameters", may.get(("ssm:GetParameters",)), [f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter/webapp/{args.environment}/{p}" for p in paths])
    ask("nothing else is for everything", [actions for actions, what in may.items() if what == ["*"]], [("ecr:GetAuthorizationToken",)])
    ask("the application may do nothing", iam.list_role_policies(RoleName=found["module.roles.task"]["RoleName"])["PolicyNames"], [])
    if args.blue_green:
        attached = iam.list_attached_role_policies(RoleName=found["module.api.traffic_role"]["RoleName"])["AttachedPolicies"]
        ask("ECS may move traffic", [p["PolicyName"] for p in attached], ["AmazonECSInfrastructureRolePolicyForLoadBalancers"])
    return {address: role["Arn"] for address, role in found.items()}


def api(group, subnets, secret, role):
    ecs, elb, scaling = client("ecs"), client("elbv2"), client("application-autoscaling")
    witness.task_cluster()
    service = ecs.describe_services(cluster=NAME, services=[NAME], include=["TAGS"])["services"][0]
    tagged("ECS service", service["tags"])
    ask("service's tasks", service["desiredCount"], TASKS[0])
    placed = service["networkConfiguration"]["awsvpcConfiguration"]
    ask("tasks are private", (placed["assignPublicIp"], sorted(placed["subnets"]), placed["securityGroups"]), ("DISABLED", subnets["private"], [group["tasks"]]))
    deployment = service["deploymentConfiguration"]
    ask("circuit breaker", deployment["deploymentCircuitBreaker"], {"enable": True, "rollback": True})
    ask("how versions follow each other", deployment.get("strategy", "ROLLING"), "BLUE_GREEN" if args.blue_green else "ROLLING")
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    container = task["containerDefinitions"][0]
    ask("task's size", (task["cpu"], task["memory"], task["networkMode"]), (*TASK, "awsvpc"))
    ask("task's image", container["image"], IMAGE)
    ask("task's port", [p["containerPort"] for p in container["portMappings"]], [args.port])
    ask("task's secrets", sorted(s["name"] for s in container["secrets"]), ["DATABASE_HOST", "DATABASE_NAME", "DATABASE_PASSWORD", "DATABASE_PORT", "DATABASE_USERNAME", "REDIS_HOST", "REDIS_PORT", "REDIS_TOKEN"])
    ask("task's environment", {e["name"]: e["value"] for e in container["environment"]}, {"ENVIRONMENT": args.environment, "DATABASE_SSLMODE": "require", "REDIS_TLS": "true"})
    only("active task definition", named(pages("ecs", "list_task_definitions", "taskDefinitionArns", status="ACTIVE", familyPrefix=NAME)))

    balancer = elb.describe_load_balancers(Names=[NAME])["LoadBalancers"][0]
    ask("load balancer is public", (balancer["Scheme"], balancer["SecurityGroups"], sorted(z["SubnetId"] for z in balancer["AvailabilityZones"])), ("internet-facing", [group["load_balancer"]], subnets["public"]))
    targets = {t["TargetGroupArn"]: t for t in pages("elbv2", "describe_target_groups", "TargetGroups") if named([t["TargetGroupName"]])}
    checks = {(t["TargetType"], t["Port"], t["HealthCheckPath"], t["HealthyThresholdCount"], t["UnhealthyThresholdCount"], t["Matcher"]["HttpCode"]) for t in targets.values()}
    ask("two target groups", (len(targets), checks), (2, {("ip", args.port, "/", 2, 3, "200")}))
    listener = only("listener", elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"])
    ask("nobody else is answered", (listener["Port"], listener["DefaultActions"][0].get("FixedResponseConfig", {}).get("StatusCode")), (80, "403"))
    rule = only("rule", [r for r in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"] if r["Priority"] != "default"])
    conditions = {c["Field"]: c for c in rule["Conditions"]}
    header = conditions.get("http-header", {}).get("HttpHeaderConfig")
    ask("who comes with the header is answered", header, {"HttpHeaderName": "X-Origin-Verify", "Values": [secret]})
    ask("rule's priority", rule["Priority"], "101" if args.blue_green else "100")
    weights = {t["TargetGroupArn"]: t["Weight"] for t in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]}
    blue = only("target group of the service", service["loadBalancers"])
    green = [arn for arn in targets if arn != blue["targetGroupArn"]]
    ask("the second target group gets nothing yet", weights, {blue["targetGroupArn"]: 100, **{arn: 0 for arn in green}})
    ask("service's port", blue["containerPort"], args.port)
    moving = blue.get("advancedConfiguration") or {}
    expected = (green[0], rule["RuleArn"], role.get("module.api.traffic_role")) if args.blue_green else (None, None, None)
    ask("how ECS moves the traffic", tuple(moving.get(k) for k in ("alternateTargetGroupArn", "productionListenerRule", "roleArn")), expected)
    identity = f"service/{NAME}/{NAME}"
    bounds = only("scalable target", scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[identity])["ScalableTargets"])
    ask("service's bounds", (bounds["MinCapacity"], bounds["MaxCapacity"]), TASKS)
    policies = [p["TargetTrackingScalingPolicyConfiguration"] for p in scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=identity)["ScalingPolicies"]]
    ask("service follows CPU and memory", sorted((p["PredefinedMetricSpecification"]["PredefinedMetricType"], p["TargetValue"]) for p in policies), [("ECSServiceAverageCPUUtilization", 70.0), ("ECSServiceAverageMemoryUtilization", 70.0)])


def images(key):
    found = client("ecr").describe_repositories(repositoryNames=[f"{NAME}/api"])["repositories"][0]
    ask("images: key", (found["encryptionConfiguration"]["encryptionType"], found["encryptionConfiguration"].get("kmsKey")), ("KMS", key["Arn"]))
    ask("images: scanned, and never replaced", (found["imageScanningConfiguration"]["scanOnPush"], found["imageTagMutability"]), (True, "IMMUTABLE"))
    policy = json.loads(client("ecr").get_lifecycle_policy(repositoryName=f"{NAME}/api")["lifecyclePolicyText"])
    ask("images: how many are kept", [r["selection"]["countNumber"] for r in policy["rules"]], [7, 20])
    tagged("repository", client("ecr").list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"])


ALARMS = {
    "database-cpu": ("CPUUtilization", "GreaterThanThreshold", 80, "Average"),
    "database-storage": ("FreeStorageSpace", "LessThanThreshold", 4 * 1024**3, "Minimum"),
    "database-memory": ("FreeableMemory", "LessThanThreshold", 64 * 1024**2, "Minimum"),
    "cache-memory": ("DatabaseMemoryUsagePercentage", "GreaterThanThreshold", 80, "Maximum"),
    "response-time": ("TargetResponseTime", "GreaterThanThreshold", 1 if args.audited else 2, "p95"),
    "load-balancer-5xx": ("HTTPCode_ELB_5XX_Count", "GreaterThanThreshold", 10, "Sum"),
    "target-5xx": ("HTTPCode_Target_5XX_Count", "GreaterThanThreshold", 10, "Sum"),
    "unhealthy-hosts": ("UnHealthyHostCount", "GreaterThanThreshold", 0, "Maximum"),
    "tasks": ("RunningTaskCount", "LessThanThreshold", TASKS[0], "Minimum"),
    "cpu": ("CPUUtilization", "GreaterThanThreshold", 85, "Average"),
    "memory": ("MemoryUtilization", "GreaterThanThreshold", 85, "Average"),
}
EDGE_ALARMS = {
    "site-5xx": ("5xxErrorRate", "GreaterThanThreshold", 1, "Average"),
    "waf-blocked": ("BlockedRequests", "GreaterThanThreshold", 1000, "Sum"),
}
if args.no_memory_alarm:
    del ALARMS["memory"]


def alarms(region, name, expected, key, publishers):
    watch, sns = client("cloudwatch", region), client("sns", region)
    topic = f"arn:aws:sns:{region}:{ACCOUNT}:{name}-alarms"
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    ask(f"{name}: topic's key", attributes.get("KmsMasterKeyId"), key["KeyId"])
    ask(f"{name}: who publishes", listed(statements(attributes["Policy"])[0]["Principal"]["Service"]), publishers)
    ask(f"{name}: who gets the alarms", witness.readers(topic, region), [("email", EMAIL)] if EMAIL else [])
    tagged(f"{name}: topic", sns.list_tags_for_resource(ResourceArn=topic)["Tags"])
    found = {a["AlarmName"].removeprefix(f"{name}-"): a for a in pages("cloudwatch", "describe_alarms", "MetricAlarms", region) if topic in a["AlarmActions"] + a["OKActions"]}
    seen = {n: (a["MetricName"], a["ComparisonOperator"], a["Threshold"], a.get("Statistic") or a.get("ExtendedStatistic")) for n, a in found.items()}
    ask(f"{name}: alarms", seen, expected)
    ask(f"{name}: everybody hears of all, also when it is over", {(*a["AlarmActions"], *a["OKActions"]) for a in found.values()}, {(topic, topic)})
    for alarm in found.values():
        tagged(alarm["AlarmName"], watch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"])
    return found


def watched(key, edge_key):
    for name in (f"/ecs/{NAME}", f"/vpc/{NAME}", f"/aws/rds/instance/{NAME}/postgresql", f"/aws/rds/instance/{NAME}/upgrade"):
        found = only(name, client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"])
        ask(f"{name}: days and key", (found.get("retentionInDays"), found.get("kmsKeyId")), (LOG_DAYS, key["Arn"]))
    found = alarms(HOME, NAME, ALARMS, key, ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"])
    ask("description of the response time's alarm", found["response-time"]["AlarmDescription"].split("longer than ")[1], "a second" if args.audited else "two seconds")
    alarms(EDGE, f"{NAME}-edge", EDGE_ALARMS, edge_key, ["cloudwatch.amazonaws.com"])
    body = json.loads(client("cloudwatch").get_dashboard(DashboardName=NAME)["DashboardBody"])
    ask("dashboard", (len(body["widgets"]), {w["properties"]["region"] for w in body["widgets"]}), (9, {HOME, EDGE}))


def budget():
    found = client("budgets", EDGE).describe_budget(AccountId=ACCOUNT, BudgetName=NAME)["Budget"]
    ask("budget", (float(found["BudgetLimit"]["Amount"]), found["TimeUnit"]), (float(BUDGET), "MONTHLY"))
    ask("what counts", found.get("CostFilters"), {"TagKeyValue": [f"user:Environment${args.environment}"]})
    notices = witness.notices(ACCOUNT, EDGE)
    ask("notices", sorted((n["NotificationType"], n["Threshold"]) for n, _ in notices), [("ACTUAL", 80.0), ("ACTUAL", 100.0), ("FORECASTED", 100.0)])
    topic = ("SNS", f"arn:aws:sns:{HOME}:{ACCOUNT}:{NAME}-alarms")
    for _, readers in notices:
        ask("who gets the notice", readers, sorted([topic] + ([("EMAIL", EMAIL)] if EMAIL else [])))


def backups(found, database):
    backup = client("backup")
    vault = backup.describe_backup_vault(BackupVaultName=NAME)
    ask("vault's key", vault["EncryptionKeyArn"], found["Data"]["Arn"])
    tagged("vault", backup.list_tags(ResourceArn=vault["BackupVaultArn"])["Tags"])
    plan = only("backup plan", [p for p in backup.list_backup_plans()["BackupPlansList"] if p["BackupPlanName"] == NAME])
    rule = only("rule of backups", backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"])
    ask("daily, kept 35 days", (rule["ScheduleExpression"], rule["Lifecycle"]["DeleteAfterDays"], rule["TargetBackupVaultName"]), ("cron(0 2 * * ? *)", 35, NAME))
    copies = [c["DestinationBackupVaultArn"] for c in rule.get("CopyActions", [])]
    ask("production's go to a second region", copies, [f"arn:aws:backup:{RECOVERY}:{ACCOUNT}:backup-vault:{NAME}"] if PRODUCTION else [])
    if PRODUCTION:
        ask("second vault's key", client("backup", RECOVERY).describe_backup_vault(BackupVaultName=NAME)["EncryptionKeyArn"], found["Copies of backups"]["Arn"])
    selection = only("selection", backup.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"])
    chosen = backup.get_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=selection["SelectionId"])["BackupSelection"]
    ask("the database is saved", chosen["Resources"], [database["DBInstanceArn"]])


def parameters(bucket, distribution, address, database):
    found = {p["Name"]: p for p in pages("ssm", "get_parameters_by_path", "Parameters", Path=f"/webapp/{args.environment}", Recursive=True)}
    values = {name.removeprefix(f"/webapp/{args.environment}/"): p["Value"] for name, p in found.items()}
    cache = values.pop("cache/host", "")
    ask("there is a cache", bool(cache), True)
    expected = {"database/host": database["Endpoint"]["Address"], "database/port": "5432", "database/name": "webapp", "cache/port": "6379"}
    expected |= {"site/url": f"https://{args.domain or address}", "site/bucket": bucket, "site/distribution": distribution}
    ask("parameters", values, expected)


def everywhere():
    """Whatever carries the owner tag carries the stack's tags too, also what no other question is about."""
    # moto tells of these when they are gone too, and there are other questions about those that are there.
    found = witness.tagged_resources(":snapshot:", ":natgateway/", ":task-definition/", ":key/", ":secret:")
    ask("many things carry tags", len(found) >= 40, True)
    for arn, items in sorted(found.items()):
        tagged(arn, items)


def there():
    found = keys()
    vpc, subnets = network()
    group = access(vpc)
    secret = secrets(found["Data"])
    origin = secret["By which the load balancer knows CloudFront"][1]["value"]
    database = data(found["Data"], group, subnets)
    role = roles([arn for use, (arn, _) in secret.items() if "load balancer" not in use], found["Data"])
    api(group, subnets, origin, role)
    images(found["Images" if args.image_key else "Data"])
    bucket, distribution, address = site(found["Data"], origin)
    parameters(bucket, distribution, address, database)
    watched(found["Data"], found["Alarms"])
    budget()
    backups(found, database)
    everywhere()


def meddle():
    """What people do by hand when nobody looks."""
    ec2, watch, logs, iam, s3, ssm = client("ec2"), client("cloudwatch"), client("logs"), client("iam"), client("s3"), client("ssm")
    found = {a["AlarmName"]: a for a in pages("cloudwatch", "describe_alarms", "MetricAlarms")}
    witness.move_threshold(found[f"{NAME}-database-cpu"], 99)
    watch.delete_alarms(AlarmNames=[f"{NAME}-unhealthy-hosts"])
    groups = witness.by_name(witness.security_groups())
    redis = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "UserIdGroupPairs": [{"GroupId": groups["tasks"]["GroupId"]}]}
    ec2.revoke_security_group_ingress(GroupId=groups["cache"]["GroupId"], IpPermissions=[redis])
    logs.put_retention_policy(logGroupName=f"/ecs/{NAME}", retentionInDays=1)
    role = only("role that starts tasks", [r["RoleName"] for r in pages("iam", "list_roles", "Roles") if r.get("Description") == f"Starts the tasks of {NAME}"])
    document = iam.get_role_policy(RoleName=role, PolicyName="start-tasks")["PolicyDocument"]
    document["Statement"][1]["Resource"] = "*"
    iam.put_role_policy(RoleName=role, PolicyName="start-tasks", PolicyDocument=json.dumps(document))
    bucket = named(b["Name"] for b in s3.list_buckets()["Buckets"])[0]
    document = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    document["Statement"] = [s for s in document["Statement"] if s["Sid"] != "EncryptedTransportOnly"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    ssm.put_parameter(Name=f"/webapp/{args.environment}/database/name", Value="other", Type="String", Overwrite=True)
    ec2.delete_tags(Resources=[owned(ec2.describe_vpcs()["Vpcs"])[0]["VpcId"]], Tags=[{"Key": "Owner"}])


def gone():
    # Where the emulator has one account for everybody, others may be at work: there only what is ours counts.
    witness.no_network()
    for region in (HOME, EDGE, RECOVERY):
        ask(f"{region} keys", witness.keys_left(region), [])
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
        names = witness.names(service, operation, key, called, region)
        ours = [n for n in names if f"/{OURS}/" in n] if service == "ssm" else named(names)
        ask(f"{region} {service} {key}", ours, [])
    cloudfront = client("cloudfront", EDGE)
    ask("ECS clusters", named(witness.active_clusters()), [])
    ask("scalable targets", named(t["ResourceId"] for t in client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]), [])
    ask("buckets", named(b["Name"] for b in client("s3").list_buckets()["Buckets"]), [])
    ask("distributions", [d["Id"] for d in cloudfront.list_distributions()["DistributionList"].get("Items", []) if d["Comment"] == NAME], [])
    ask("origin access controls", [c["Id"] for c in cloudfront.list_origin_access_controls()["OriginAccessControlList"].get("Items", []) if c["Name"] == NAME], [])
    ask("web ACLs", named(a["Name"] for a in client("wafv2", EDGE).list_web_acls(Scope="CLOUDFRONT")["WebACLs"]), [])
    ask("budgets", named(b["BudgetName"] for b in client("budgets", EDGE).describe_budgets(AccountId=ACCOUNT).get("Budgets", [])), [])


witness.run(gone if args.gone else meddle if args.meddle else there)
