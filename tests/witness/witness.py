"""What the witnesses share: how to ask AWS by plain boto3, and how to tell what is wrong.

It knows nothing of the program but the tags that it puts on everything. A script makes one `Witness` and hands its
questions to `run`: one line per question, exit code 1 if any answer is wrong.
"""

import sys

import boto3
import botocore.exceptions


def tags(items):
    """Tags in any of the spellings that the services have."""
    pairs = items.items() if isinstance(items, dict) else [(t.get("Key", t.get("key", t.get("TagKey"))), t.get("Value", t.get("value", t.get("TagValue")))) for t in items]
    return {key: value for key, value in pairs}


class Witness:
    """Somebody who knows which stack and region are meant, and counts wrong answers."""

    def __init__(self, stack, region, expected_tags):
        """`stack` is the stack and its environment as in the owner tags: `shop/default`."""
        self.stack, self.region, self.expected_tags, self.wrong = stack, region, expected_tags, 0

    def client(self, service, region=None):
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

    def run(self, questions):
        """Asks, and ends the process."""
        try:
            questions()
        except botocore.exceptions.ClientError as error:
            self.ask("the questions could be asked", str(error), "yes")
        sys.exit(1 if self.wrong else 0)
