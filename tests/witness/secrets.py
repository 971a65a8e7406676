#!/usr/bin/env python3
"""Prints every secret that a stack has in AWS, a line each: what must not be anywhere else.

    witness/secrets.py STACK/ENVIRONMENT REGION

Both the whole of a secret and, where it is a JSON object, what its keys hold under names that say so.
"""

import json
import sys

from witness import Witness

witness = Witness(sys.argv[1], sys.argv[2], {})
client = witness.client("secretsmanager")
for secret in witness.owned(client.list_secrets()["SecretList"]):
    text = client.get_secret_value(SecretId=secret["ARN"])["SecretString"]
    print(text)
    try:
        parts = json.loads(text)
    except ValueError:
        continue
    for key in ("password", "token", "value", "api_key"):
        if isinstance(parts, dict) and key in parts:
            print(parts[key])
