"""Starts ministack beside moto, which plays EC2.

ministack looks subnets and security groups up in its own EC2. Those of moto it cannot know, so it takes whatever has the
form of one for one: in a zone of its own, because a file system has one mount target in each.
"""

import sys

from ministack.app import main
from ministack.services import ec2

VPC = "vpc-elsewhere"


def elsewhere(table, prefix, invent):
    """Lets `table` answer for ids that it does not have."""
    kind = type(table)

    class Elsewhere(kind):
        __slots__ = ()

        def get(self, key, default=None):
            found = super().get(key)
            if found is None and str(key).startswith(prefix):
                return invent(key)
            return default if found is None else found

    table.__class__ = Elsewhere


elsewhere(ec2._subnets, "subnet-", lambda key: {
    "SubnetId": key,
    "VpcId": VPC,
    "AvailabilityZone": f"zone-of-{key}",
    "AvailabilityZoneId": f"id-of-{key}",
    "CidrBlock": "10.0.0.0/24",
})
elsewhere(ec2._security_groups, "sg-", lambda key: {"GroupId": key, "VpcId": VPC, "GroupName": key})
sys.exit(main())
