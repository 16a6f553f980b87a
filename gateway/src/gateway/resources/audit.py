"""Who did or saw what: the audit of each service; and the purge of personal data of those who left."""

from contracts.audit import (
    AuditAsked,
    AuditProofAsked,
    AuditProofView,
    AuditRecordView,
    AuditState,
    AuditStateAsked,
    ProveAudit,
    SetAuditRule,
)
from contracts.roster.privacy import (
    HeldOfMe,
    HeldOfMeAsked,
    PurgeCandidate,
    PurgeListAsked,
    PurgePeople,
    PurgeReportView,
    PurgeRulesAsked,
    PurgesView,
    SetPurgeRule,
)

from gateway.clients import roster
from gateway.clients.audit import SERVICES
from gateway.nouns import Many, Noun

audit = Noun("audit")

for service, doors in SERVICES.items():
    audit.read(
        f"/audit/{service}/records",
        doors.records,
        needs=("read_audit",),
        takes=AuditAsked,
        answers=Many(AuditRecordView),
    )
    audit.read(f"/audit/{service}", doors.state, needs=("prove_audit",), takes=AuditStateAsked, answers=AuditState)
    audit.act(
        f"/audit/{service}/rules",
        doors.set_rule,
        needs=("set_audit_rule",),
        takes=SetAuditRule,
        answers=AuditState,
        status=201,
    )
    audit.act(
        f"/audit/{service}/proofs",
        doors.prove,
        needs=("prove_audit",),
        takes=ProveAudit,
        answers=AuditProofView,
        status=202,
        located=True,
    )
    audit.read(
        f"/audit/{service}/proofs/<uuid:proof_id>",
        doors.proof,
        needs=("prove_audit",),
        takes=AuditProofAsked,
        answers=AuditProofView,
        refusals=("not-found",),
    )

audit.read(
    "/me/held-data",
    roster.privacy.held_of_me,
    needs=("export_own_data",),
    takes=HeldOfMeAsked,
    answers=HeldOfMe,
    refusals=("not-found",),
)
audit.read("/purges", roster.privacy.purges, needs=("read_purges",), takes=PurgeRulesAsked, answers=PurgesView)
audit.read(
    "/purge-list",
    roster.privacy.purge_list,
    needs=("read_purges",),
    takes=PurgeListAsked,
    answers=Many(PurgeCandidate),
)
audit.act(
    "/purge-rules",
    roster.privacy.set_purge_rule,
    needs=("purge_people",),
    takes=SetPurgeRule,
    answers=PurgesView,
    status=201,
)
audit.act(
    "/purges",
    roster.privacy.purge_people,
    needs=("purge_people",),
    takes=PurgePeople,
    answers=PurgeReportView,
    status=202,
    refusals=("list-changed", "purge-runs"),
)
