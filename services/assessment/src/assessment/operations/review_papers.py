"""Papers of annual reviews (A13): a review's form, and the paper of a half-yearly meeting.

Asked for, drawn by *work* as PDF, kept for a week for whoever asked. The right is judged when it is asked for; what the
asker may not see is not on the paper.
"""

import io
from datetime import datetime
from typing import Any, Final

from chassis import clock
from chassis.actors import Actor, Forbidden
from chassis.files import PDF, FileStore, store_in
from chassis.jobs import Job
from chassis.made_files import MadeFiles, shown
from chassis.refusals import Refusal
from contracts.assessment.half_year_meetings import HalfYearMeetingAsked, HalfYearMeetingView, PrintHalfYearPaper
from contracts.assessment.reviews import (
    REVIEW_PAPERS_FOLDER,
    PrintReview,
    ReviewAsked,
    ReviewPaperAsked,
    ReviewPaperView,
    ReviewView,
)
from contracts.envelope import StoredFile, load, plain
from sqlalchemy import Connection

from assessment.queries import half_year_meetings, reviews

JOB: Final = "draw_review_paper"
FILE_MAX_BYTES: Final = 16 * 1024 * 1024


class ReviewPaperNotReady(Refusal):
    """This paper is not drawn yet."""


class TooManyReviewPapers(Refusal):
    """{most} papers of yours are being drawn; wait for one of them."""


FILES: Final = MadeFiles(JOB, TooManyReviewPapers, ("read_reviews", "read_half_year_meetings"))


def store() -> FileStore:
    """Return the folder of the file store in which these papers stand."""
    return store_in(REVIEW_PAPERS_FOLDER)


def ask_review(db: Connection, *, asked: PrintReview, actor: Actor, at: datetime) -> ReviewPaperView:
    """Have a review drawn as the asker sees it now. Raises NotFound, Forbidden, TooManyReviewPapers."""
    seen = reviews.review(db, asked=ReviewAsked(asked.review_id), actor=actor, at=at)
    return _ask(db, {"review": plain(seen), "by_name": actor.name}, actor=actor, at=at)


def ask_meeting(db: Connection, *, asked: PrintHalfYearPaper, actor: Actor, at: datetime) -> ReviewPaperView:
    """Have the paper of a half-yearly meeting drawn. Raises NotFound, Forbidden, TooManyReviewPapers."""
    seen = half_year_meetings.meeting(db, asked=HalfYearMeetingAsked(asked.meeting_id), actor=actor, at=at)
    return _ask(db, {"meeting": plain(seen), "by_name": actor.name}, actor=actor, at=at)


def draw(db: Connection, files: FileStore, job: Job, *, at: datetime) -> dict[str, Any]:
    """Draw the paper of a job; returns the reference to its file."""
    from assessment.operations.review_pdf import (  # here, for the process that answers calls never draws
        meeting_pdf,
        review_pdf,
    )

    drawn_on = clock.today(at)

    def told(page: int) -> None:
        job.progress(page, None)

    if "review" in job.params:
        review: ReviewView = load(ReviewView, job.params["review"])
        drawn = review_pdf(review, drawn_on=drawn_on, drawn_by=job.params["by_name"], told=told)
        name = f"述职评议考核表-{review.organisation_name}-{review.year}.pdf"
    else:
        meeting: HalfYearMeetingView = load(HalfYearMeetingView, job.params["meeting"])
        drawn = meeting_pdf(meeting, drawn_on=drawn_on, drawn_by=job.params["by_name"], told=told)
        half = "上半年" if meeting.half == 1 else "下半年"
        name = f"书记例会材料-{meeting.organisation_name}-{meeting.year}年{half}.pdf"
    stored = files.put(io.BytesIO(drawn), name=name, media_types={PDF}, max_bytes=FILE_MAX_BYTES)
    made: dict[str, Any] = plain(stored)
    return made


def paper(db: Connection, *, asked: ReviewPaperAsked, actor: Actor, at: datetime) -> ReviewPaperView:
    """Return how far one of one's own papers is. Raises NotFound, Forbidden."""
    if not actor.paths_for("read_reviews"):
        raise Forbidden()
    return ReviewPaperView(**shown(FILES.own(db, asked.job_id, actor=actor, at=at)))


def file_of(db: Connection, *, asked: ReviewPaperAsked, actor: Actor, at: datetime) -> StoredFile:
    """Return the reference to the file of one's own paper. Raises NotFound, Forbidden, ReviewPaperNotReady."""
    view = paper(db, asked=asked, actor=actor, at=at)
    if view.file is None:
        raise ReviewPaperNotReady()
    return view.file


def forget(db: Connection, files: FileStore, *, at: datetime) -> int:
    """Forget the papers whose week is over, and remove the files that none names; returns how many."""
    return FILES.forget(db, files, at=at)


def _ask(db: Connection, params: dict[str, Any], *, actor: Actor, at: datetime) -> ReviewPaperView:
    return ReviewPaperView(**FILES.ask(db, params=params, actor=actor, at=at))
