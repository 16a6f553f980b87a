"""The assessment's doors: criteria and on-site rounds."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def criteria(fields: Fields, *, who: Holder) -> Answer:
    """List the criteria of on-site rounds (CriteriaAsked → Page of CriteriaView)."""
    return call(SERVICE, "criteria", fields, who=who)


def criteria_versions(fields: Fields, *, who: Holder) -> Answer:
    """Return criteria with all their versions (CriteriaVersionsAsked → CriteriaView)."""
    return call(SERVICE, "criteria_versions", fields, who=who)


def make_criteria(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draft criteria (MakeCriteria → CriteriaView)."""
    return call(SERVICE, "make_criteria", fields, who=who, command_id=command_id)


def make_criteria_version(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draft the next version of criteria (MakeCriteriaVersion → CriteriaView)."""
    return call(SERVICE, "make_criteria_version", fields, who=who, command_id=command_id)


def adopt_criteria_version(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Adopt what somebody else drafted (AdoptCriteriaVersion → CriteriaView)."""
    return call(SERVICE, "adopt_criteria_version", fields, who=who, command_id=command_id)


def withdraw_criteria_version(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a draft away (WithdrawCriteriaVersion → CriteriaView)."""
    return call(SERVICE, "withdraw_criteria_version", fields, who=who, command_id=command_id)


def on_site_rounds(fields: Fields, *, who: Holder) -> Answer:
    """List on-site rounds (OnSiteRoundsAsked → Page of OnSiteRoundView)."""
    return call(SERVICE, "on_site_rounds", fields, who=who)


def on_site_round(fields: Fields, *, who: Holder) -> Answer:
    """Return an on-site round with its teams (OnSiteRoundAsked → OnSiteRoundView)."""
    return call(SERVICE, "on_site_round", fields, who=who)


def on_site_draw(fields: Fields, *, who: Holder) -> Answer:
    """Return what a round was drawn from, to be repeated (DrawExportAsked → DrawExportView)."""
    return call(SERVICE, "on_site_draw", fields, who=who)


def round_summary(fields: Fields, *, who: Holder) -> Answer:
    """Tell what an on-site round came to (RoundSummaryAsked → RoundSummaryView)."""
    return call(SERVICE, "round_summary", fields, who=who)


def day_plan(fields: Fields, *, who: Holder) -> Answer:
    """Return the days of a round's teams (DayPlanAsked → DayPlanView)."""
    return call(SERVICE, "day_plan", fields, who=who)


def make_on_site_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Plan an on-site round (MakeOnSiteRound → OnSiteRoundView)."""
    return call(SERVICE, "make_on_site_round", fields, who=who, command_id=command_id)


def change_on_site_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Plan a round otherwise (ChangeOnSiteRound → OnSiteRoundView)."""
    return call(SERVICE, "change_on_site_round", fields, who=who, command_id=command_id)


def set_round_teams(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Set the teams of a planned round (SetRoundTeams → OnSiteRoundView)."""
    return call(SERVICE, "set_round_teams", fields, who=who, command_id=command_id)


def announce_on_site_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Publish the seed of a round's draw (AnnounceOnSiteRound → OnSiteRoundView)."""
    return call(SERVICE, "announce_on_site_round", fields, who=who, command_id=command_id)


def withdraw_on_site_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Give a round up (WithdrawOnSiteRound → OnSiteRoundView)."""
    return call(SERVICE, "withdraw_on_site_round", fields, who=who, command_id=command_id)


def close_on_site_round(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """End a round (CloseOnSiteRound → OnSiteRoundView)."""
    return call(SERVICE, "close_on_site_round", fields, who=who, command_id=command_id)


def plan_days(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Have the days of a round planned anew (PlanDays → DayPlanView)."""
    return call(SERVICE, "plan_days", fields, who=who, command_id=command_id)


def move_visit(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Put a visit on a day by hand (MoveVisit → DayPlanView)."""
    return call(SERVICE, "move_visit", fields, who=who, command_id=command_id)


def set_visit_place(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Say where an organisation is (SetVisitPlace → SetVisitPlace)."""
    return call(SERVICE, "set_visit_place", fields, who=who, command_id=command_id)
