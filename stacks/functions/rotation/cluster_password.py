"""Rotates the master password of an Aurora cluster.

The password is set through the RDS API, so the function needs no database driver and no way into the VPC. RDS takes it
asynchronously and refuses a bad one in the call itself.
"""
import os

import boto3

import rotation

rds = boto3.client("rds")


def renew(value):
    value["password"] = rotation.random(PasswordLength=32, ExcludeCharacters="\"@/\\ '")


def put(value):
    rds.modify_db_cluster(
        DBClusterIdentifier=os.environ["CLUSTER"], MasterUserPassword=value["password"], ApplyImmediately=True
    )


handler = rotation.handler(renew, put)
