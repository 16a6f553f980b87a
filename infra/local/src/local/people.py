"""Who signs in to the demo, as `make run` tells it."""

PASSWORD = "demo"  # noqa: S105 - everybody may know it: the demo holds no real person's data
PEOPLE = {
    "member": "a party member: books a seat",
    "secretary": "a village branch's secretary: orders visits, confirms headcounts",
    "administrator": "keeps that branch's records: members, dues, elections",
    "steward": "keeps a site: checks visitors in, closes visits, claims",
    "assessor": "assesses branches",
    "officer": "organisation department of the district",
    "preparer": "finance: approves claims, prepares payments",
    "approver": "finance: approves payments",
    "payer": "finance: hands payments to the bank",
    "auditor": "reads every book",
    "admin": "administers the platform",
}


def logins() -> str:
    """Give the table of users, one line each."""
    return "\n".join(f"  {name:<13} {what}" for name, what in PEOPLE.items())
