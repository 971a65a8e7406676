"""Rotates the master password of an Aurora cluster: the four steps that Secrets Manager calls, each safe to repeat.

The password is set through the RDS API, so the function needs no database driver and no way into the VPC.
Protocol: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""
import json
import os

import boto3

secrets = boto3.client("secretsmanager")
rds = boto3.client("rds")


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
    value["password"] = secrets.get_random_password(PasswordLength=32, ExcludeCharacters="\"@/\\ '")["RandomPassword"]
    secrets.put_secret_value(
        SecretId=arn, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=["AWSPENDING"]
    )


def put(arn, token, _stages):
    value = read(arn, VersionId=token, VersionStage="AWSPENDING")
    rds.modify_db_cluster(
        DBClusterIdentifier=os.environ["CLUSTER"], MasterUserPassword=value["password"], ApplyImmediately=True
    )


def check(arn, token, _stages):
    # RDS takes the password asynchronously and refuses a bad one in the call itself.
    read(arn, VersionId=token, VersionStage="AWSPENDING")


def finish(arn, token, stages):
    current = next(version for version, names in stages.items() if "AWSCURRENT" in names)
    secrets.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )


STEPS = {"createSecret": create, "setSecret": put, "testSecret": check, "finishSecret": finish}
