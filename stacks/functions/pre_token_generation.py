"""Puts the role and the permissions of a user into his identity token, from the groups that he is in.

Cognito calls it before it issues a token; whoever reads the token need not ask Cognito again.
Event: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""
# From the most to the least powerful; a user of several groups has the first role and the permissions of all.
PERMISSIONS = {
    "admins": ["TRAC_ADMIN"],
    "instructors": ["LEARNING_MANAGE", "LEARNING_PARTICIPATE", "TICKET_CREATE", "TICKET_MODIFY", "WIKI_CREATE", "WIKI_MODIFY"],
    "students": ["LEARNING_PARTICIPATE", "TICKET_VIEW", "WIKI_VIEW"],
}


def handler(event, _context):
    member_of = event["request"].get("groupConfiguration", {}).get("groupsToOverride") or []
    groups = [group for group in PERMISSIONS if group in member_of]
    permissions = sorted({permission for group in groups for permission in PERMISSIONS[group]})
    event["response"]["claimsOverrideDetails"] = {
        # Claims are texts.
        "claimsToAddOrOverride": {
            "role": groups[0] if groups else "none",
            "trac_permissions": ",".join(permissions) or "none",
        }
    }
    return event
