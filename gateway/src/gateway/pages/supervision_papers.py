"""Documents of bulletins, slips and talks: asked for, waited for, fetched (A5)."""

from typing import Final
from uuid import UUID

from chassis.refusals import Refusal
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.clients import assessment
from gateway.idempotency import command_id
from gateway.identity import current, needs
from gateway.pages.forms import given, tell, typed

blueprint = Blueprint("supervision_papers", __name__)

BACK: Final = {"bulletin": ("bulletins.show", "bulletin_id"), "slip": ("slips.show", "slip_id")}


@blueprint.post("/supervision-papers")
@needs("read_bulletins", "read_slips", "read_talks")
def make() -> ResponseReturnValue:
    """Have a document made."""
    paper, subject = typed("paper"), typed("subject_id")
    fields = given(paper=paper, format=typed("format"), subject_id=subject)
    try:
        asked = assessment.supervision.make_supervision_paper(fields, who=current(), command_id=command_id())
    except Refusal as refusal:
        tell(refusal)
        return redirect(_back(paper, subject), code=303)
    address = url_for("pages.supervision_papers.show", job_id=asked["id"], paper=paper, subject=subject)
    return redirect(address, code=303)


@blueprint.get("/supervision-papers/<uuid:job_id>")
@needs("read_slips")
def show(job_id: UUID) -> ResponseReturnValue:
    """Show how far a document is."""
    made = assessment.supervision.supervision_paper({"job_id": job_id}, who=current()).data
    return render_template(
        "supervision_papers/show.html",
        made=made,
        is_open=made["state"] in ("waiting", "running"),
        back=_back(request.args.get("paper"), request.args.get("subject")),
    )


def _back(paper: str | None, subject: str | None) -> str:
    endpoint, name = BACK.get(paper or "", ("", ""))
    try:
        if endpoint:
            return url_for(f"pages.{endpoint}", **{name: str(UUID(subject or ""))})  # type: ignore[arg-type]
    except ValueError:
        pass
    return url_for("pages.talks.index" if paper == "talks" else "pages.slips.index")
