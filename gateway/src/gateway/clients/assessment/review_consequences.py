"""The assessment's doors: what follows from grades, recommendations upward, papers, the numbers of reviews."""

from uuid import UUID

from gateway.clients.calls import Answer, Fields, Holder, call

SERVICE = "assessment"


def review_consequences(fields: Fields, *, who: Holder) -> Answer:
    """List what follows from grades (ConsequencesAsked → Page of ConsequenceView)."""
    return call(SERVICE, "review_consequences", fields, who=who)


def fulfil_review_consequence(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Show that a consequence was carried out (FulfilConsequence → ConsequenceView)."""
    return call(SERVICE, "fulfil_review_consequence", fields, who=who, command_id=command_id)


def decide_replacement(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Decide whether a secretary is replaced (DecideReplacement → ConsequenceView)."""
    return call(SERVICE, "decide_replacement", fields, who=who, command_id=command_id)


def recommendations(fields: Fields, *, who: Holder) -> Answer:
    """List who was recommended upward (RecommendationsAsked → RecommendationsView)."""
    return call(SERVICE, "recommendations", fields, who=who)


def recommend_secretary(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Recommend a secretary upward (RecommendSecretary → RecommendationsView)."""
    return call(SERVICE, "recommend_secretary", fields, who=who, command_id=command_id)


def withdraw_recommendation(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Take a recommendation back (WithdrawRecommendation → RecommendationsView)."""
    return call(SERVICE, "withdraw_recommendation", fields, who=who, command_id=command_id)


def print_review(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draw a review as a paper form (PrintReview → ReviewPaperView)."""
    return call(SERVICE, "print_review", fields, who=who, command_id=command_id)


def print_half_year_paper(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Draw the paper of a half-yearly meeting (PrintHalfYearPaper → ReviewPaperView)."""
    return call(SERVICE, "print_half_year_paper", fields, who=who, command_id=command_id)


def review_paper(fields: Fields, *, who: Holder) -> Answer:
    """Return how far a paper is (ReviewPaperAsked → ReviewPaperView)."""
    return call(SERVICE, "review_paper", fields, who=who)


def review_paper_file(fields: Fields, *, who: Holder) -> Answer:
    """Return the reference to a paper's file (ReviewPaperAsked → StoredFile)."""
    return call(SERVICE, "review_paper_file", fields, who=who)


def review_rules(fields: Fields, *, who: Holder) -> Answer:
    """Return the numbers of reviews (ReviewRulesAsked → ReviewRulesView)."""
    return call(SERVICE, "review_rules", fields, who=who)


def set_review_rule(fields: Fields, *, who: Holder, command_id: UUID) -> Answer:
    """Enter numbers of reviews from a day on (SetReviewRule → ReviewRulesView)."""
    return call(SERVICE, "set_review_rule", fields, who=who, command_id=command_id)
