"""Rotates the token of a Redis replication group.

The new token is added beside the old one (strategy ROTATE), which stays valid until the rotation after, so tasks that
started with the old one go on. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
"""
import os

import boto3

import rotation

cache = boto3.client("elasticache")
GROUP = os.environ["REPLICATION_GROUP"]


def renew(value):
    # Redis allows few special characters in a token; length makes up for them.
    value["token"] = rotation.random(PasswordLength=64, ExcludePunctuation=True)


def put(value):
    cache.modify_replication_group(
        ReplicationGroupId=GROUP, AuthToken=value["token"], AuthTokenUpdateStrategy="ROTATE", ApplyImmediately=True
    )


def check():
    group = cache.describe_replication_groups(ReplicationGroupId=GROUP)["ReplicationGroups"][0]
    if group["Status"] != "available":
        raise RuntimeError(f"the replication group is still {group['Status']}")


handler = rotation.handler(renew, put, check)
