"""Annual reviews of secretaries (A13): opened by the superior, handed in, checked, voted on, graded, published."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from marshmallow import fields, validate

from contracts.assessment.evidence import MendingEvidenceView
from contracts.envelope import Instant, Limit, Line, StoredFile, Text, different, one_of, optional_text, schema_of

REVIEW_FILES_FOLDER: Final = "review-reports"
REVIEW_PAPERS_FOLDER: Final = "review-papers"
GRADES: Final = ("good", "fairly_good", "average", "poor")
REVIEW_STATES: Final = (
    *("opened", "handed_in", "voting", "voted", "proposed", "decided", "sent_up", "published", "acknowledged"),
    "cancelled",
)
CONSEQUENCE_KINDS: Final = ("no_excellent", "talk", "mending", "replacement", "no_promotion", "subsidy")
CONSEQUENCE_STATES: Final = ("due", "done", "lifted")
CONSEQUENCE_FILTERS: Final = ("due", "overdue", "done", "lifted")
REPORT_MAX: Final = 8000
MEMBERS_MAX: Final = 300
REVIEWS_MAX: Final = 200


def _year() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2199))


def _year_or_none() -> fields.Integer:
    return fields.Integer(load_default=None, allow_none=True, validate=validate.Range(2000, 2199))


def _score() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(0, 100))


def _heads() -> fields.Integer:
    return fields.Integer(load_default=0, strict=True, validate=validate.Range(0, MEMBERS_MAX))


def _ids(most: int) -> fields.List:
    return fields.List(fields.UUID(), required=True, validate=[validate.Length(1, most), different])


def _grade() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(GRADES))


Year = Annotated[int, _year()]
Grade = Annotated[str, _grade()]
Report = Annotated[
    str, fields.String(required=True, validate=[validate.Length(1, REPORT_MAX), validate.ContainsNoneOf("\x00")])
]


@dataclass(frozen=True)
class ReviewsAsked:
    """The reviews of a year of the secretaries directly below an organisation; its own with `own`.

    Without `organisation_id` those of the asker's places; the year to be reviewed now when none is named. `by_score`
    sorts by the score, which the compliance switch forbids; else they stand in the order of the tree.
    """

    organisation_id: UUID | None = None
    year: Annotated[int | None, _year_or_none()] = None
    state: Annotated[str | None, one_of(REVIEW_STATES)] = None
    by_score: Annotated[bool, fields.Boolean(load_default=False)] = False
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class MyReviewsAsked:
    """The asker's own reviews, as a secretary, the newest first."""


@dataclass(frozen=True)
class ReviewAsked:
    """One review."""

    review_id: UUID


@dataclass(frozen=True)
class OpenReviews:
    """Open the reviews of a year of all secretaries directly below an organisation; those opened already stay."""

    organisation_id: UUID
    year: Year


@dataclass(frozen=True)
class ReviewsOpenedView:
    """How many reviews were opened, and below whom nobody holds the post."""

    year: int
    opened: int
    without_secretary: list[str]


@dataclass(frozen=True, kw_only=True)
class HandInReview:
    """Hand in one's report. What is counted is put beside it by the platform and is not typed."""

    review_id: UUID
    report: Report
    file: Annotated[StoredFile | None, fields.Nested(schema_of(StoredFile), load_default=None, allow_none=True)] = None


@dataclass(frozen=True)
class SendReviewBack:
    """Give a report back to be written better."""

    review_id: UUID
    reason: Line


@dataclass(frozen=True)
class CancelReview:
    """End a review without a grade, for example because the secretary left the post."""

    review_id: UUID
    reason: Line


@dataclass(frozen=True, kw_only=True)
class RecordReviewCheck:
    """Record a field check; the last one counts."""

    review_id: UUID
    checked_on: date
    place: Line
    checkers: Line
    superior_joined: Annotated[bool, fields.Boolean(required=True)]
    found: Text
    score: Annotated[int, _score()]


@dataclass(frozen=True)
class CommentOnReview:
    """Comment on a report."""

    review_id: UUID
    text: Text


@dataclass(frozen=True, kw_only=True)
class CallReviewMeeting:
    """Put reviews to the vote of a meeting's members."""

    organisation_id: UUID
    year: Year
    held_on: date
    review_ids: Annotated[list[UUID], _ids(REVIEWS_MAX)]
    person_ids: Annotated[list[UUID], _ids(MEMBERS_MAX)]


@dataclass(frozen=True)
class ReviewMeetingAsked:
    """One meeting."""

    meeting_id: UUID


@dataclass(frozen=True)
class MyVotesAsked:
    """The meetings in which the asker may still vote."""


@dataclass(frozen=True)
class VotersAsked:
    """Who may be asked to vote at an organisation's meeting."""

    organisation_id: UUID


@dataclass(frozen=True)
class ReviewVoterView:
    """Somebody who may be asked to vote: who holds which post of which organisation."""

    person_id: UUID
    name: str
    post: str
    organisation_id: UUID
    organisation_name: str


@dataclass(frozen=True)
class VotersView:
    """Who may be asked to vote at an organisation's meeting, in the order of the tree."""

    items: list[ReviewVoterView]


@dataclass(frozen=True, kw_only=True)
class CastReviewVote:
    """Vote on a review, once and secretly. `salt` is a text of chance, so that nothing that is kept tells the vote: the
    digest of the body is kept, and without it there would be four bodies to try."""

    review_id: UUID
    vote: Grade
    salt: Annotated[str, fields.String(required=True, validate=validate.Length(16, 64))]


@dataclass(frozen=True)
class ReviewVotedView:
    """That the asker has voted on the review."""

    review_id: UUID
    has_voted: bool


@dataclass(frozen=True, kw_only=True)
class PaperVotes:
    """Votes on one review that were given on paper, counted."""

    review_id: UUID
    good: Annotated[int, _heads()] = 0
    fairly_good: Annotated[int, _heads()] = 0
    average: Annotated[int, _heads()] = 0
    poor: Annotated[int, _heads()] = 0


@dataclass(frozen=True, kw_only=True)
class CountReviewMeeting:
    """End the vote: add what was voted on paper, and count."""

    meeting_id: UUID
    paper: Annotated[
        list[PaperVotes],
        fields.List(fields.Nested(schema_of(PaperVotes)), load_default=list, validate=validate.Length(max=REVIEWS_MAX)),
    ] = field(default_factory=list)


@dataclass(frozen=True)
class ProposeGrade:
    """Give the superior's marks and its word; the rule proposes a grade."""

    review_id: UUID
    score: Annotated[int, _score()]
    comment: Text


@dataclass(frozen=True)
class DecideGrade:
    """Decide the grade and say why."""

    review_id: UUID
    grade: Grade
    reason: Text


@dataclass(frozen=True)
class SendReviewUp:
    """Report the result to the next level, with the document that did."""

    review_id: UUID
    sent_up_on: date
    document_number: Line


@dataclass(frozen=True)
class PublishReview:
    """Feed the result back down: from now on it is frozen, and the secretary is told."""

    review_id: UUID


@dataclass(frozen=True, kw_only=True)
class AcknowledgeReview:
    """Say as the secretary that the result was taken note of."""

    review_id: UUID
    word: Annotated[str | None, optional_text()] = None


@dataclass(frozen=True)
class CorrectGrade:
    """Correct a published grade and say why; what follows from it is worked out anew."""

    review_id: UUID
    grade: Grade
    reason: Text


# ---- what follows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConsequencesAsked:
    """What follows from grades below an organisation (below the asker's places if none), the earliest due first."""

    organisation_id: UUID | None = None
    state: Annotated[str | None, one_of(CONSEQUENCE_FILTERS)] = None
    kind: Annotated[str | None, one_of(CONSEQUENCE_KINDS)] = None
    limit: Limit = 100
    cursor: str | None = None


@dataclass(frozen=True)
class FulfilConsequence:
    """Show that a consequence was carried out."""

    consequence_id: UUID
    done_on: date
    proof: Text


@dataclass(frozen=True)
class DecideReplacement:
    """Decide what the software raised: replace the secretary, or keep them, and say why."""

    consequence_id: UUID
    decision: Annotated[str, fields.String(required=True, validate=validate.OneOf(("replace", "keep")))]
    done_on: date
    proof: Text


@dataclass(frozen=True)
class ConsequenceView:
    """What follows from a grade. `can` names what the asker may do: fulfil, decide, add_evidence."""

    id: UUID
    review_id: UUID
    organisation_id: UUID
    organisation_name: str
    secretary_name: str
    year: int
    grade: str
    kind: str
    state: str
    due_on: date
    is_overdue: bool
    lasts_until: date | None
    percent: int | None
    done_on: date | None
    proof: str | None
    decision: str | None
    by_name: str | None
    can: list[str]
    files: list[MendingEvidenceView] = field(default_factory=list)


@dataclass(frozen=True)
class RecommendSecretary:
    """Recommend a secretary upward: three a year for each county committee or directly subordinate committee."""

    review_id: UUID
    reason: Text


@dataclass(frozen=True)
class WithdrawRecommendation:
    """Take a recommendation back; its number is free again."""

    recommendation_id: UUID
    reason: Line


@dataclass(frozen=True)
class RecommendationsAsked:
    """Who was recommended upward for a year, by the committees that the asker watches over."""

    year: Annotated[int | None, _year_or_none()] = None


@dataclass(frozen=True)
class RecommendationView:
    """One recommendation; `number` is which of the year's it is."""

    id: UUID
    review_id: UUID
    organisation_name: str
    secretary_name: str
    recommended_by: str
    year: int
    number: int
    grade: str
    reason: str
    at: Instant
    by_name: str
    withdrawn_at: Instant | None
    withdrawn_reason: str | None
    may_withdraw: bool


@dataclass(frozen=True)
class RecommendationsView:
    """The recommendations of a year, and how many there may be for each committee."""

    year: int
    most: int
    items: list[RecommendationView]


# ---- what is shown ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FactCountView:
    """How many of a kind."""

    kind: str
    number: int


@dataclass(frozen=True)
class RoundScoreView:
    """What a round gave; the average over the branches where the organisation is more than one."""

    name: str
    finished_on: date
    score: float


@dataclass(frozen=True)
class ReviewFactsView:
    """What is counted of a secretary's organisation, and all below it, in the time they held the post."""

    from_day: date
    until_day: date
    branches: int
    records: list[FactCountView]
    visits: int
    visit_months: int
    tasks: int
    tasks_done: int
    tasks_late: int
    tasks_open: int
    lights: list[FactCountView]
    rounds: list[RoundScoreView]
    round_score: float | None
    problems: int
    problems_mended: int
    problems_again: int
    cards: list[FactCountView]
    card: str | None
    fields_typed: int
    fields_filled: int


@dataclass(frozen=True)
class ReviewLine:
    """A review in a list. Grade and score are shown to the superior, and to everybody else once published."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    superior_id: UUID
    superior_name: str
    secretary_name: str
    year: int
    post_kind: str
    state: str
    report_by: date
    is_late: bool
    has_check: bool
    card: str | None
    score: float | None
    proposed_grade: str | None
    grade: str | None
    published_on: date | None
    is_over_cap: bool


@dataclass(frozen=True)
class ReviewsView:
    """A page of reviews, how many stand where, and whether the switch is on that keeps them unsorted."""

    organisation_id: UUID | None
    name: str | None
    year: int
    is_compliant: bool
    may_open: bool
    states: list[FactCountView]
    items: list[ReviewLine]
    next: str | None


@dataclass(frozen=True)
class ReviewStepView:
    """One step of a review."""

    move: str
    state: str
    at: Instant
    by_name: str
    reason: str | None
    grade: str | None


@dataclass(frozen=True)
class ReviewCheckView:
    """A field check."""

    checked_on: date
    place: str
    checkers: str
    superior_joined: bool
    found: str
    score: int
    at: Instant
    by_name: str


@dataclass(frozen=True)
class ReviewCommentView:
    """A comment on the report."""

    text: str
    at: Instant
    by_name: str


@dataclass(frozen=True)
class ScorePartView:
    """One component of a score and its weight."""

    component: str
    score: float
    weight: int


@dataclass(frozen=True, kw_only=True)
class ReviewView:
    """One review.

    Marks, votes, proposal and grade are there for the superior, and for the secretary once published. `can` names what
    the asker may do now. `card` is the year's highest as it stands now, `is_over_cap` says that a published grade is
    better than it allows.
    """

    id: UUID
    organisation_id: UUID
    organisation_name: str
    superior_id: UUID
    superior_name: str
    secretary_name: str
    year: int
    post_kind: str
    state: str
    from_day: date
    until_day: date
    report_by: date
    report: str | None
    report_file: StoredFile | None
    handed_in_at: Instant | None
    facts: ReviewFactsView
    checks: list[ReviewCheckView]
    comments: list[ReviewCommentView]
    meeting_id: UUID | None
    voters: int | None
    voted: int | None
    votes: list[FactCountView]
    superior_score: int | None
    score: float | None
    parts: list[ScorePartView]
    because: list[str]
    rule_from: date | None
    card: str | None
    cap: str | None
    is_over_cap: bool
    proposed_grade: str | None
    grade: str | None
    reason: str | None
    decided_at: Instant | None
    decided_by: str | None
    sent_up_on: date | None
    sent_up_number: str | None
    published_on: date | None
    acknowledged_at: Instant | None
    word: str | None
    earlier: list[FactCountView]
    steps: list[ReviewStepView]
    consequences: list[ConsequenceView]
    recommendation_id: UUID | None
    can: list[str]
    version: int


@dataclass(frozen=True)
class MyReviewsView:
    """The asker's own reviews, the newest first."""

    items: list[ReviewLine]


@dataclass(frozen=True)
class ReviewBallotView:
    """A review on which the asker may vote, and whether they have."""

    review_id: UUID
    organisation_name: str
    secretary_name: str
    year: int
    has_voted: bool
    is_own: bool
    report: str | None


@dataclass(frozen=True)
class ReviewMeetingView:
    """A meeting that votes: who may, how many have, how many must. The counts come when it has counted."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    year: int
    held_on: date
    state: str
    members: list[str]
    quorum: int
    reviews: list[ReviewBallotView]
    voted: list[int]
    may_count: bool


@dataclass(frozen=True)
class MyVotesView:
    """The open meetings of which the asker is a member."""

    items: list[ReviewMeetingView]


# ---- papers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PrintReview:
    """Draw a review as a paper form."""

    review_id: UUID


@dataclass(frozen=True)
class ReviewPaperAsked:
    """A paper that is or was being drawn."""

    job_id: UUID


@dataclass(frozen=True)
class ReviewPaperView:
    """How far a paper is; `file` when it is done, `error` when it failed. `done` in pages."""

    id: UUID
    state: str
    done: int
    total: int | None
    asked_at: Instant
    file: StoredFile | None
    error: Any
