"""What the witnesses share: how to ask AWS by plain boto3, how to tell what is wrong, and what several stacks have alike.

It knows nothing of the program but the tags that it puts on everything and how the names begin that it gives. A script
makes one `Witness` and hands its questions to `run`: one line per question, exit code 1 if any answer is wrong.
"""

import functools
import json
import sys

import boto3
import botocore.exceptions


def tags(items):
    """Tags in any of the spellings that the services have."""
    pairs = items.items() if isinstance(items, dict) else [(t.get("Key", t.get("key", t.get("TagKey"))), t.get("Value", t.get("value", t.get("TagValue")))) for t in items]
    return {key: value for key, value in pairs}


def statements(document):
    """A policy's statements, whether as text or as a document."""
    return (json.loads(document) if isinstance(document, str) else document)["Statement"]


def listed(value):
    """What a policy has one or several of, always as a list."""
    return sorted([value] if isinstance(value, str) else value)


def admitted(group):
    """Who gets into a security group: protocol, ports, and an address range or the identity of another group."""
    return sorted(
        (p["IpProtocol"], p["FromPort"], p["ToPort"], source)
        for p in group["IpPermissions"]
        for source in [r["CidrIp"] for r in p["IpRanges"]] + [g["GroupId"] for g in p["UserIdGroupPairs"]]
    )


def available_gateways(ec2, vpc):
    """The NAT gateways of a VPC."""
    return ec2.describe_nat_gateways(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "state", "Values": ["available"]}])["NatGateways"]


def ways_out(ec2, vpc):
    """By subnet of a VPC: the gateway that its default route leads to."""
    ways = {}
    for table in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]:
        default = [r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0"]
        for association in table["Associations"]:
            if association.get("SubnetId") and default:
                ways[association["SubnetId"]] = default[0].get("NatGatewayId") or default[0].get("GatewayId")
    return ways


class Witness:
    """Somebody who knows which stack and region are meant, and counts wrong answers."""

    def __init__(self, stack, region, expected_tags, name=""):
        """`stack` is the stack and its environment as in the owner tags: `shop/default`; `name` is what the stack calls itself."""
        self.stack, self.region, self.expected_tags, self.name, self.wrong = stack, region, expected_tags, name, 0
        # What got its name from the program begins with stack and environment.
        self.our_names = (name or stack.replace("/", "-"), stack.replace("/", "-"))

    @functools.cache
    def client(self, service, region=None):
        """By which a service is asked, in the stack's region or in another one."""
        return boto3.client(service, region_name=region or self.region)

    def ask(self, question, found, expected):
        """One question: what AWS reports against what the stack says."""
        right = found == expected
        self.wrong += not right
        print(f"{'ok   ' if right else 'WRONG'} {question}" + ("" if right else f": {found!r} instead of {expected!r}"))

    def tagged(self, question, items):
        """Whether something carries the stack's own tags."""
        found = tags(items)
        self.ask(f"{question} carries the stack's tags", {key: found.get(key) for key in self.expected_tags}, self.expected_tags)

    def only(self, question, items):
        """The one object there is; an empty one if there is none or several."""
        self.ask(f"there is one {question}", len(items), 1)
        return items[0] if items else {}

    def owned(self, items, key="Tags"):
        """Those of `items` that carry the owner tag of this stack."""
        return [item for item in items if tags(item.get(key) or {}).get("provision:stack") == self.stack]

    def named(self, names):
        """Those of some names, paths or ARNs that can only be ours."""
        return [name for name in names if any(part.startswith(self.our_names) for part in name.replace(":", "/").split("/"))]

    def pages(self, service, operation, key, region=None, **asked):
        """Everything that an operation lists."""
        return [item for page in self.client(service, region).get_paginator(operation).paginate(**asked) for item in page[key]]

    def names(self, service, operation, key, called, region=None):
        """The names of everything that an operation lists; `called` is the property, if it does not list names themselves."""
        # Versions of a task definition stay listed when they are inactive.
        asked = {"status": "ACTIVE"} if operation == "list_task_definitions" else {}
        return [item[called] if called else item for item in self.pages(service, operation, key, region, **asked)]

    def tagged_resources(self, *but):
        """By ARN: the tags of whatever carries the owner tag, except for ARNs in which one of `but` stands."""
        mappings = self.pages("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", TagFilters=[{"Key": "provision:stack", "Values": [self.stack]}])
        return {m["ResourceARN"]: m["Tags"] for m in mappings if not any(mark in m["ResourceARN"] for mark in but)}

    def keys_left(self, region=None):
        """The identities of keys that are ours and not on their way out."""
        kms, left = self.client("kms", region), []
        for identity in self.names("kms", "list_keys", "Keys", "KeyId", region):
            key = kms.describe_key(KeyId=identity)["KeyMetadata"]
            live = key["KeyManager"] == "CUSTOMER" and key["KeyState"] not in ("PendingDeletion", "PendingReplicaDeletion")
            if live and tags(kms.list_resource_tags(KeyId=identity)["Tags"]).get("provision:stack") == self.stack:
                left.append(identity)
        return left

    def owned_roles(self):
        """Our roles, by address: name and tags."""
        iam, found = self.client("iam"), {}
        # Those of others come and go in the meantime, so that only what has one of our names is asked for its tags.
        for name in self.named(self.names("iam", "list_roles", "Roles", "RoleName")):
            mine = tags(iam.list_role_tags(RoleName=name)["Tags"])
            if mine.get("provision:stack") == self.stack:
                found[mine["provision:address"]] = (name, mine)
        return found

    def allowed(self, role):
        """By action: the resources that a role's own policies allow it for."""
        iam, found = self.client("iam"), {}
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            for statement in statements(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]):
                found |= {action: statement["Resource"] for action in listed(statement["Action"])}
        return found

    def security_groups(self, vpc=None, region=None):
        """Our security groups, all or those of a VPC."""
        filters = [{"Name": "vpc-id", "Values": [vpc]}] if vpc else []
        return self.owned(self.client("ec2", region).describe_security_groups(Filters=filters)["SecurityGroups"])

    def by_name(self, items):
        """Objects by their names, without what the stack calls itself."""
        return {tags(item["Tags"])["Name"].removeprefix(f"{self.name}-"): item for item in items}

    def dns(self, ec2, vpc):
        """Asks whether names are known in a VPC."""
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            answer = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
            self.ask(f"VPC has {attribute}", answer[attribute[0].upper() + attribute[1:]]["Value"], True)

    def internet_gateway(self, ec2, vpc):
        """The one internet gateway of a VPC."""
        return self.only("internet gateway", ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])["InternetGateways"])

    def flow_log(self, ec2, vpc):
        """The one flow log of a VPC."""
        return self.only("flow log", [f for f in ec2.describe_flow_logs()["FlowLogs"] if f.get("ResourceId") == vpc])

    def no_network(self, region=None):
        """Asks whether nothing of ours is left of VPCs and what is in them; a region that is given is named in the questions."""
        ec2, where = self.client("ec2", region), f"{region} " if region else ""
        of_stack = [{"Name": "tag:provision:stack", "Values": [self.stack]}]
        for kind in ("vpcs", "subnets", "security_groups", "route_tables", "internet_gateways", "addresses"):
            key = kind.title().replace("_", "")
            self.ask(f"{where}{key}", getattr(ec2, f"describe_{kind}")(Filters=of_stack)[key], [])
        gateways = self.owned(ec2.describe_nat_gateways()["NatGateways"])
        self.ask(f"{where}NAT gateways", [n for n in gateways if n["State"] not in ("deleted", "deleting")], [])
        self.ask(f"{where}flow logs", self.owned(ec2.describe_flow_logs()["FlowLogs"]), [])

    def task_cluster(self):
        """Asks about the ECS cluster that has the stack's name."""
        cluster = self.client("ecs").describe_clusters(clusters=[self.name], include=["SETTINGS", "TAGS"])["clusters"][0]
        self.ask("cluster has insights", cluster["settings"], [{"name": "containerInsights", "value": "enabled"}])
        self.tagged("ECS cluster", cluster.get("tags", []))

    def active_clusters(self):
        """The names of all ECS clusters; deleted ones stay listed for a while."""
        ecs = self.client("ecs")
        clusters = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
        return [c["clusterName"] for c in clusters if c["status"] == "ACTIVE"]

    def headers(self, balancer):
        """Asks what a load balancer does with invalid headers."""
        attributes = tags(self.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"])
        self.ask("invalid headers are dropped", attributes.get("routing.http.drop_invalid_header_fields.enabled"), "true")

    def mounted(self, system, group):
        """Asks how a file system is reached and kept; the subnets in which it is."""
        efs = self.client("efs")
        targets = efs.describe_mount_targets(FileSystemId=system)["MountTargets"]
        for target in targets:
            self.ask("mount target's group", efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"], [group])
        self.ask("files move to infrequent access", efs.describe_lifecycle_configuration(FileSystemId=system)["LifecyclePolicies"], [{"TransitionToIA": "AFTER_30_DAYS"}])
        self.ask("files are backed up", efs.describe_backup_policy(FileSystemId=system)["BackupPolicy"]["Status"] in ("ENABLED", "ENABLING"), True)
        return sorted(t["SubnetId"] for t in targets)

    def readers(self, topic, region=None):
        """Who gets what a topic is told: protocols and addresses."""
        return [(s["Protocol"], s["Endpoint"]) for s in self.client("sns", region).list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]]

    def notices(self, account, region=None):
        """The notices of the budget that has the stack's name, and who gets each: kinds and addresses."""
        budgets, found = self.client("budgets", region), []
        for notice in budgets.describe_notifications_for_budget(AccountId=account, BudgetName=self.name)["Notifications"]:
            asked = {key: notice[key] for key in ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")}
            told = budgets.describe_subscribers_for_notification(AccountId=account, BudgetName=self.name, Notification=asked)["Subscribers"]
            found.append((notice, sorted((s["SubscriptionType"], s["Address"]) for s in told)))
        return found

    def move_threshold(self, alarm, threshold):
        """Meddles with an alarm, of which only the threshold becomes another."""
        kept = ("AlarmName", "AlarmDescription", "Namespace", "MetricName", "Dimensions", "ComparisonOperator", "Statistic", "TreatMissingData", "Period", "EvaluationPeriods", "AlarmActions", "OKActions")
        self.client("cloudwatch").put_metric_alarm(**{key: alarm[key] for key in kept}, Threshold=threshold)

    def records(self, key, locked):
        """Asks about CloudTrail, AWS Config, and their bucket, from which nobody deletes anything if it is `locked`; the trail."""
        trails, config, s3 = self.client("cloudtrail"), self.client("config"), self.client("s3")
        trail = self.only("trail", [t for t in trails.describe_trails()["trailList"] if t["Name"] == self.name])
        self.ask("trail", (trail["IsMultiRegionTrail"], trail["IncludeGlobalServiceEvents"], trail["LogFileValidationEnabled"], trail["KmsKeyId"]), (True, True, True, key))
        self.ask("trail writes", trails.get_trail_status(Name=self.name)["IsLogging"], True)
        bucket = trail["S3BucketName"]
        self.ask("bucket is versioned", s3.get_bucket_versioning(Bucket=bucket).get("Status"), "Enabled")
        rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        self.ask("bucket's key", (rule["ApplyServerSideEncryptionByDefault"], rule["BucketKeyEnabled"]), ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, True))
        self.ask("bucket is private", set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()), {True})
        rule = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
        self.ask("records are kept seven years", (rule["Expiration"]["Days"], rule["Transitions"]), (2555, [{"Days": 90, "StorageClass": "GLACIER_IR"}]))
        policy = statements(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        locks = ["EncryptedTransportOnly"] + (["NobodyDeletes"] if locked else [])
        self.ask("who may use the bucket", [s["Sid"] for s in policy], [*locks, "TrailLooks", "TrailWrites", "ConfigLooks", "ConfigWrites"])
        self.ask("what is refused", [s["Sid"] for s in policy if s["Effect"] == "Deny"], locks)
        self.tagged("bucket", s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
        recorder = self.only("recorder", [r for r in config.describe_configuration_recorders()["ConfigurationRecorders"] if r["name"] == self.name])
        self.ask("all settings are recorded", (recorder["recordingGroup"]["allSupported"], recorder["recordingGroup"]["includeGlobalResourceTypes"]), (True, True))
        self.ask("recorder is on", [s["recording"] for s in config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"] if s["name"] == self.name], [True])
        channel = self.only("delivery channel", [c for c in config.describe_delivery_channels()["DeliveryChannels"] if c["name"] == self.name])
        self.ask("settings are delivered daily", (channel["s3BucketName"], channel["configSnapshotDeliveryProperties"]["deliveryFrequency"]), (bucket, "TwentyFour_Hours"))
        return trail

    def run(self, questions):
        """Asks, and ends the process."""
        try:
            questions()
        except botocore.exceptions.ClientError as error:
            self.ask("the questions could be asked", str(error), "yes")
        sys.exit(1 if self.wrong else 0)
