"""The tree of organisations, what is wrong with one, and its members."""

from contracts.roster.findings import FindingsView
from contracts.roster.members import MembersAsked, MemberView
from contracts.roster.organisations import OrganisationAsked, OrganisationsAsked, OrganisationView

from gateway.clients import roster
from gateway.nouns import Many, Noun

organisations = Noun("organisations")

organisations.read(
    "/organisations",
    roster.organisations.organisations,
    needs=("read_organisation",),
    takes=OrganisationsAsked,
    answers=Many(OrganisationView),
)
organisations.read(
    "/organisations/<uuid:organisation_id>",
    roster.organisations.organisation,
    needs=("read_organisation",),
    takes=OrganisationAsked,
    answers=OrganisationView,
    refusals=("not-found",),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/findings",
    roster.organisations.findings,
    needs=("read_findings",),
    takes=OrganisationAsked,
    answers=FindingsView,
    refusals=("not-found",),
)
organisations.read(
    "/organisations/<uuid:organisation_id>/members",
    roster.members.members,
    needs=("read_members",),
    takes=MembersAsked,
    answers=Many(MemberView),
    refusals=("not-found",),
)
