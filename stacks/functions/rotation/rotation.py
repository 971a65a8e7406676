"""The four steps by which Secrets Manager rotates a secret, each safe to repeat. What is rotated, and where it is used, says
the function that is built on it.

Protocol: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""
import json

import boto3

secrets = boto3.client("secretsmanager")


def random(**wanted):
    return secrets.get_random_password(**wanted)["RandomPassword"]


def handler(renew, put, check=lambda: None):
    """What Lambda calls. `renew` changes the value of the secret, `put` hands the new value to where it is used, `check`
    fails as long as that is not done: Secrets Manager calls again later, and until then everybody goes on with the old one.
    """

    def create(arn, token, _stages):
        try:
            pending(arn, token)
            return
        except secrets.exceptions.ResourceNotFoundException:
            pass
        value = read(arn, VersionStage="AWSCURRENT")
        renew(value)
        secrets.put_secret_value(
            SecretId=arn, ClientRequestToken=token, SecretString=json.dumps(value), VersionStages=["AWSPENDING"]
        )

    def hand_over(arn, token, _stages):
        put(pending(arn, token))

    def test(arn, token, _stages):
        pending(arn, token)
        check()

    steps = {"createSecret": create, "setSecret": hand_over, "testSecret": test, "finishSecret": finish}

    def handle(event, _context):
        arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
        stages = secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]
        if token not in stages:
            raise ValueError("this version is not known to the secret")
        if "AWSCURRENT" in stages[token]:
            return
        steps[step](arn, token, stages)

    return handle


def read(arn, **version):
    return json.loads(secrets.get_secret_value(SecretId=arn, **version)["SecretString"])


def pending(arn, token):
    return read(arn, VersionId=token, VersionStage="AWSPENDING")


def finish(arn, token, stages):
    current = next(version for version, names in stages.items() if "AWSCURRENT" in names)
    secrets.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )
