"""Rotates the token of a Redis replication group: the four steps that Secrets Manager calls, each safe to repeat.

The new token is added beside the old one (strategy ROTATE), which stays valid until the rotation after, so tasks that
started with the old one go on.
Protocol: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
Tokens: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
"""
import json
import os

import boto3

secrets = boto3.client("secretsmanager")
cache = boto3.client("elasticache")
GROUP = os.environ["REPLICATION_GROUP"]


def handler(event, _context):
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    stages = secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]
    if token not in stages:
        raise ValueError("this version is not known to the secret")
    if "AWSCURRENT" in stages[token]:
        return
    STEPS[step](arn, token, stages)


def read(arn, **version):
    return json.loads(secrets.get_secret_value(SecretId=arn, **version)["SecretString"])


def create(arn, token, _stages):
    try:
        read(arn, VersionId=token, VersionStage="AWSPENDING")
        return
    except secrets.exceptions.ResourceNotFoundException:
        pass
    value = read(arn, VersionStage="AWSCURRENT")
    # Redis allows few special characters in a token; length makes up for them.
    value["token"] = secrets.get_random_password(PasswordLength=64, ExcludePunctuation=True)["RandomPassword"]
    secrets.put_secret_value(
        SecretId=arn, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=["AWSPENDING"]
    )


def put(arn, token, _stages):
    value = read(arn, VersionId=token, VersionStage="AWSPENDING")
    cache.modify_replication_group(
        ReplicationGroupId=GROUP, AuthToken=value["token"], AuthTokenUpdateStrategy="ROTATE", ApplyImmediately=True
    )


def check(arn, token, _stages):
    read(arn, VersionId=token, VersionStage="AWSPENDING")
    group = cache.describe_replication_groups(ReplicationGroupId=GROUP)["ReplicationGroups"][0]
    # Secrets Manager calls again later; until then everybody goes on with the old token.
    if group["Status"] != "available":
        raise RuntimeError(f"the replication group is still {group['Status']}")


def finish(arn, token, stages):
    current = next(version for version, names in stages.items() if "AWSCURRENT" in names)
    secrets.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )


STEPS = {"createSecret": create, "setSecret": put, "testSecret": check, "finishSecret": finish}
