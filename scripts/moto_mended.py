"""Starts moto, mended where it is not as AWS is and ministack does not play the service either.

Each function stands for one hole; everything else is moto's own.
"""

import io
import json
import sys
import threading

import cbor2
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.cloudtrail.responses import CloudTrailResponse
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.serialize import S3Serializer
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.iam import models as iam
from moto.kinesis.responses import KinesisResponse
from moto.kms.models import kms_backends
from moto.kms.responses import KmsResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend, rds_backends
from moto.rds.responses import RDSResponse
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend
from moto.server import main

POLICIES = [
    "AWSBackupServiceRolePolicyForBackup",
    "AWSBackupServiceRolePolicyForRestores",
    "AWS_ConfigRole",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonECSInfrastructureRolePolicyForLoadBalancers",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonSSMManagedInstanceCore",
    "ReadOnlyAccess",
]


def few_policies_of_aws():
    """Every test has an account of its own, and loading all thousand policies into each takes seconds."""
    policies = json.loads(iam.aws_managed_policies_data)
    iam.aws_managed_policies_data = json.dumps({name: policies[name] for name in POLICIES})


def tags_of_scalable_targets():
    """Application Auto Scaling takes tags and never shows them."""
    register = ApplicationAutoScalingResponse.register_scalable_target
    tags_of = {}

    def register_scalable_target(self):
        answer = register(self)
        tags_of.setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
        return answer

    def list_tags_for_resource(self):
        return json.dumps({"Tags": tags_of.get(self._get_param("ResourceARN"), {})})

    def tag_resource(self):
        tags_of.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self):
        for key in self._get_param("TagKeys"):
            tags_of.get(self._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    for operation in (register_scalable_target, list_tags_for_resource, tag_resource, untag_resource):
        setattr(ApplicationAutoScalingResponse, operation.__name__, operation)


def properties_of_replica_keys():
    """ReplicateKey forgets description, policy and tags, and makes the copy a primary key."""
    replicate = KmsResponse.replicate_key

    def replicate_key(self):
        answer = json.loads(replicate(self))
        region, key_id = self._get_param("ReplicaRegion"), answer["ReplicaKeyMetadata"]["KeyId"]
        backend = kms_backends[self.current_account][region]
        key = backend.keys[key_id]
        key.description = self._get_param("Description") or ""
        key.policy = self._get_param("Policy") or key.policy
        key.key_rotation_status = False
        key.multi_region_configuration = {**key.multi_region_configuration, "MultiRegionKeyType": "REPLICA"}
        backend.tag_resource(key_id, {tag["TagKey"]: tag["TagValue"] for tag in self._get_param("Tags") or []})
        answer["ReplicaKeyMetadata"] = key.to_dict()["KeyMetadata"]
        return json.dumps(answer)

    KmsResponse.replicate_key = replicate_key


def global_clusters_over_regions():
    """A global cluster's first member, which writes, and those that leave it are looked for in one region only; one that is
    gone is an error of the server; tags are not kept."""
    create, remove = RDSBackend.create_global_cluster, RDSBackend.remove_from_global_cluster

    def home(backend, arn):
        return rds_backends[backend.account_id][arn.split(":")[3]] if arn and arn.count(":") > 3 else backend

    def create_global_cluster(self, global_cluster_identifier, source_db_cluster_identifier, *others, **named):
        made = create(home(self, source_db_cluster_identifier), global_cluster_identifier, source_db_cluster_identifier, *others, **named)
        home(self, source_db_cluster_identifier).global_clusters.pop(global_cluster_identifier, None)
        self.global_clusters[global_cluster_identifier] = made
        for member in made.members:
            member.is_writer = True
        return made

    def remove_from_global_cluster(self, global_cluster_identifier, db_cluster_identifier):
        found = rds_backends[self.account_id]["us-east-1"].global_clusters.get(global_cluster_identifier)
        if found is None:
            return remove(self, global_cluster_identifier, db_cluster_identifier)
        found.members[:] = [m for m in found.members if db_cluster_identifier not in (m.db_cluster_arn, m.db_cluster_identifier)]
        return found

    def delete_global_cluster(self, global_cluster_identifier):
        if global_cluster_identifier not in self.global_clusters:
            raise RDSClientError("GlobalClusterNotFoundFault", f"{global_cluster_identifier} is not there")
        return delete(self, global_cluster_identifier)

    def tagged(self):
        result = respond(self)
        result.result["GlobalCluster"].tags = self.params.get("Tags", [])
        return result

    delete, respond = RDSBackend.delete_global_cluster, RDSResponse.create_global_cluster
    RDSResponse.create_global_cluster = tagged
    RDSBackend.delete_global_cluster = delete_global_cluster
    RDSBackend.create_global_cluster = create_global_cluster
    RDSBackend.remove_from_global_cluster = remove_from_global_cluster


def schedules_of_rotation():
    """Secrets Manager takes a secret for rotated only if the schedule is given in days."""
    rotate, shown = SecretsManagerBackend.rotate_secret, FakeSecret.to_dict

    def rotate_secret(self, secret_id, *others, rotation_rules=None, **named):
        answer = rotate(self, secret_id, *others, rotation_rules=rotation_rules, **named)
        secret = self.secrets[secret_id]
        secret.schedule = rotation_rules or getattr(secret, "schedule", None)
        secret.rotation_enabled = secret.rotation_enabled or bool(secret.schedule)
        return answer

    def to_dict(self):
        document = shown(self)
        if document.get("RotationEnabled") and getattr(self, "schedule", None):
            document["RotationRules"] = self.schedule
        return document

    SecretsManagerBackend.rotate_secret = rotate_secret
    FakeSecret.to_dict = to_dict


def settings_of_services():
    """ECS takes these settings of a service and never shows them."""
    settings = {
        "deploymentConfiguration": "deployment_configuration",
        "enableECSManagedTags": "enable_ecs_managed_tags",
        "enableExecuteCommand": "enable_execute_command",
        "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
        "propagateTags": "propagate_tags",
    }

    def keeping(operation):
        def answer(self):
            result = operation(self)
            service, given = result.result["service"], self._get_params()
            for name, attribute in settings.items():
                if name in given:
                    setattr(service, attribute, given[name])
            return result

        return answer

    EC2ContainerServiceResponse.create_service = keeping(EC2ContainerServiceResponse.create_service)
    EC2ContainerServiceResponse.update_service = keeping(EC2ContainerServiceResponse.update_service)


def cloudwatch_in_cbor():
    """CloudWatch is spoken to in CBOR by the newer SDKs; moto has it in JSON only."""
    answer = DomainDispatcherApplication.__call__

    def in_cbor(value, name=""):
        if isinstance(value, dict):
            return {key: in_cbor(item, key) for key, item in value.items() if item is not None}
        if isinstance(value, list):
            return [in_cbor(item, name) for item in value]
        if name.endswith("Timestamp") or name == "LastModified":
            return cbor2.CBORTag(1, float(value))
        return float(value) if name == "Threshold" else value

    def call(self, environ, start_response):
        path = environ["PATH_INFO"]
        if "/operation/" not in path:
            return answer(self, environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = json.dumps(cbor2.loads(body) if body else {}, default=str).encode()
        target = f"GraniteServiceVersion20100801.{path.rsplit('/', 1)[-1]}"
        environ.update({"PATH_INFO": "/", "CONTENT_TYPE": "application/x-amz-json-1.0", "CONTENT_LENGTH": str(len(body)),
                        "HTTP_X_AMZ_TARGET": target, "wsgi.input": io.BytesIO(body)})
        status = []
        content = b"".join(answer(self, environ, lambda code, headers, *_: status.append(code)))
        content = cbor2.dumps(in_cbor(json.loads(content or b"{}") or {}))
        start_response(status[0], [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"),
                                   ("Content-Length", str(len(content)))])
        return [content]

    DomainDispatcherApplication.__call__ = call


def snapshots_go_with_their_cluster():
    """Automatic snapshots outlive their cluster and are named by the minute, so that it cannot be made again within one."""
    delete = RDSBackend.delete_db_cluster

    def delete_db_cluster(self, cluster_identifier, *others, **named):
        gone = delete(self, cluster_identifier, *others, **named)
        for name in [name for name in self.cluster_snapshots if name.startswith(f"rds:{cluster_identifier}-")]:
            self.cluster_snapshots.pop(name)
        return gone

    RDSBackend.delete_db_cluster = delete_db_cluster


def answers_of_s3():
    """The outermost elements of S3's answers have names of their own, which strict clients insist on."""
    roots = {
        "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
        "GetBucketNotification": "NotificationConfiguration",
        "GetBucketNotificationConfiguration": "NotificationConfiguration",
        "GetBucketVersioning": "VersioningConfiguration",
        "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    }
    serialize = S3Serializer._serialized_result_to_response

    def serialized_result_to_response(self, *arguments):
        answer = serialize(self, *arguments)
        name = self.operation_model.name
        if name in roots:
            body = answer["body"]
            text = body.decode() if isinstance(body, bytes) else body
            answer["body"] = text.replace(f"<{name}Response", f"<{roots[name]}").replace(f"</{name}Response", f"</{roots[name]}")
        return answer

    S3Serializer._serialized_result_to_response = serialized_result_to_response


def tags_of_new_streams():
    """Kinesis takes tags when a stream is made."""
    create = KinesisResponse.create_stream

    def create_stream(self):
        answer = create(self)
        if tags := self._get_param("Tags"):
            self.kinesis_backend.add_tags_to_stream(None, self._get_param("StreamName"), tags)
        return answer

    KinesisResponse.create_stream = create_stream


def events_of_trails():
    """CloudTrail says how it writes events, also of trails for which nobody has ever set it."""
    def get_event_configuration(self):
        trail, _, _ = self.cloudtrail_backend.get_event_selectors(trail_name=json.loads(self.body).get("TrailName"))
        return json.dumps({"TrailARN": trail, "MaxEventSize": "Standard", "ContextKeySelectors": []})

    CloudTrailResponse.get_event_configuration = get_event_configuration


def tags_of_dashboards():
    """CloudWatch tags dashboards like alarms."""
    tag = CloudWatchBackend.tag_resource

    def tag_resource(self, arn, tags):
        if ":dashboard/" in arn:
            self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))
        else:
            tag(self, arn, tags)

    put = CloudWatchResponse.put_dashboard

    def put_dashboard(self):
        answer, name = put(self), self._get_param("DashboardName")
        if tags := self._get_param("Tags"):
            arn = f"arn:aws:cloudwatch::{self.current_account}:dashboard/{name}"
            self.cloudwatch_backend.tag_resource(arn, {tag["Key"]: tag["Value"] for tag in tags})
        return answer

    CloudWatchBackend.tag_resource = tag_resource
    CloudWatchResponse.put_dashboard = put_dashboard


def one_request_at_a_time():
    """Threads change what other threads are just iterating over, and a request ends with 500. Python runs one at a time anyway."""
    answer, turn = DomainDispatcherApplication.__call__, threading.Lock()

    def call(self, environ, start_response):
        with turn:
            return list(answer(self, environ, start_response))

    DomainDispatcherApplication.__call__ = call


few_policies_of_aws()
answers_of_s3()
tags_of_dashboards()
tags_of_new_streams()
events_of_trails()
tags_of_scalable_targets()
properties_of_replica_keys()
global_clusters_over_regions()
snapshots_go_with_their_cluster()
schedules_of_rotation()
settings_of_services()
cloudwatch_in_cbor()
one_request_at_a_time()
sys.exit(main(sys.argv[1:]))
