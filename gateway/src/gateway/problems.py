"""What the gateway says when something is refused: problem+json (RFC 9457) to programs, a page to people.

Everything that is refused is a `chassis.refusals.Refusal`: raised here, or by a service and brought back by the
clients as `Refused`. A page that wants to tell a refusal in its own form catches it:

    try:
        answer = sites.place_order(fields, who=current(), command_id=command_id)
    except Refusal as refusal:                    # refusal.code, refusal.params
        problem = problem_of(refusal)             # .status .code .title .detail .errors, in the reader's language
        return render_template("orders/form.html", problem=problem), problem.status

What is not caught is answered by the app: the template `problem.html` gets `problem`.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
from chassis import logs
from chassis.actors import NotSignedIn
from chassis.refusals import BadRequest, NotFound, Refusal
from contracts.refusals import REFUSALS, sentence
from flask import Flask, Response, g, render_template, request
from jinja2 import TemplateNotFound
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from gateway.languages import CHINESE, ENGLISH, TITLES, current_language, field_sentence
from gateway.telemetry import told_path

MEDIA_TYPE: Final = "application/problem+json"
CONFLICT: Final = 409
_DAY_OR_MOMENT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)( \d\d:\d\d)?")
_log = logging.getLogger(__name__)


class MethodNotAllowed(Refusal):
    """This address does not support that method."""


class NotAcceptable(Refusal):
    """This cannot be given in the format you ask for."""


class PayloadTooLarge(Refusal):
    """The request is too large: at most {max_bytes} bytes."""


class UnsupportedMediaType(Refusal):
    """This kind of content is not taken here: {media_type}."""


class Internal(Refusal):
    """Something went wrong here and was noted; tell the administrator the number {request_id}."""


class CsrfFailed(Refusal):
    """The page has expired; go back, reload it and try again."""


class Refused(Refusal):
    """A service refused; the code, the sentence and the parameters are that service's."""

    code = "bad-request"

    def __init__(
        self, /, code: str, *, detail: str, params: Mapping[str, Any], errors: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(errors, **params)
        self.code = code  # type: ignore[misc] # each one has its own
        self.detail = detail

    @property
    def status(self) -> int:
        """The HTTP status; a code that only a newer service knows is a conflict."""
        told = REFUSALS.get(self.code)
        return told.status if told else CONFLICT

    def __str__(self) -> str:
        return self.detail


@dataclass(frozen=True)
class Problem:
    """A refusal as the reader is told it, in their language."""

    status: int
    code: str
    title: str
    detail: str
    request_id: str
    instance: str
    errors: dict[str, list[str]] = field(default_factory=dict)
    leads_to: str | None = None
    """Where the reader goes on: the allocation round that gives out what was asked."""

    def as_json(self) -> bytes:
        """Return the problem details object of RFC 9457."""
        document: dict[str, Any] = {
            "type": f"/api/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "instance": self.instance,
            "request_id": self.request_id,
        }
        if self.errors:
            document["errors"] = self.errors
        if self.leads_to:
            document["leads_to"] = f"/api/v1{self.leads_to}"
        return orjson.dumps(document)


def problem_of(refusal: Refusal, *, language: str | None = None) -> Problem:
    """Return what the reader of the request at hand is told about the refusal."""
    language = language or current_language()
    status = refusal.status
    g.refused = refusal.code
    return Problem(
        status=status,
        code=refusal.code,
        title=title_of(status, language),
        detail=_sentence(refusal, language),
        request_id=logs.request_id.get(),
        instance=request.path,
        leads_to=f"/allocation-rounds/{refusal.params['round_id']}" if "round_id" in refusal.params else None,
        errors={name: [field_sentence(fault, language) for fault in faults] for name, faults in refusal.errors.items()},
    )


def title_of(status: int, language: str) -> str:
    """Return the short name of an HTTP status."""
    try:
        english = HTTPStatus(status).phrase
    except ValueError:
        english = str(status)
    return TITLES.get(status, english) if language == CHINESE else english


def _sentence(refusal: Refusal, language: str) -> str:
    told = REFUSALS.get(refusal.code)
    if language == ENGLISH or told is None:
        return str(refusal)
    try:
        params = {name: _dated(value) for name, value in refusal.params.items()}
        return sentence(told.zh, params, code=refusal.code, language="zh")
    except (KeyError, IndexError, ValueError):
        # A newer service says a parameter or a code that is not known here: its own sentence is better than none.
        return str(refusal)


def _dated(value: Any) -> Any:
    """Return a day or a moment of Shanghai as Chinese writes it, 2026年12月4日 15:00; anything else as it is."""
    match = _DAY_OR_MOMENT.fullmatch(value) if isinstance(value, str) else None
    return f"{match[1]}年{int(match[2])}月{int(match[3])}日{match[4] or ''}" if match else value


def is_for_a_person() -> bool:
    """Say whether the request at hand comes from somebody who reads pages."""
    if request.path.startswith("/api/"):
        return False
    best = request.accept_mimetypes.best_match(["application/problem+json", "application/json", "text/html"])
    return best == "text/html"


def answer(refusal: Refusal) -> Response:
    """Return the whole answer to a request that is refused."""
    problem = problem_of(refusal)
    response = _page(problem) if is_for_a_person() else Response(problem.as_json(), content_type=MEDIA_TYPE)
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = current_language()
    response.vary.update(("Accept", "Accept-Language"))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        wrong = ', error="invalid_token"' if problem.code == "token-refused" else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="zhendi"{wrong}'
    elif problem.code == "token-outside":
        response.headers["WWW-Authenticate"] = 'Bearer realm="zhendi", error="insufficient_scope"'
    if problem.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        response.headers["Retry-After"] = str(refusal.params.get("wait_s", 1))
    return response


def _page(problem: Problem) -> Response:
    try:
        text = render_template("problem.html", problem=problem)
    except TemplateNotFound:
        text = _plain_page(problem)
    except Exception:
        # A page about a fault must not fail itself, whatever its template needs.
        _log.exception("The problem page could not be drawn.")
        text = _plain_page(problem)
    return Response(text, content_type="text/html; charset=utf-8")


def _plain_page(problem: Problem) -> str:
    return (
        f'<!doctype html><html lang="{current_language()}"><meta charset="utf-8">'
        f"<title>{escape(problem.title)}</title><h1>{escape(problem.title)}</h1><p>{escape(problem.detail)}</p>"
        f"<p><small>{escape(problem.request_id)}</small></p></html>"
    )


def _of_http(error: HTTPException) -> Refusal:
    """Return the refusal that says what Flask or Werkzeug found wrong with the request."""
    if (error.code or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Internal(request_id=logs.request_id.get())
    refusals: dict[int, Refusal] = {
        401: NotSignedIn(),
        404: NotFound(),
        405: MethodNotAllowed(),
        406: NotAcceptable(),
        413: PayloadTooLarge(max_bytes=request.max_content_length or 0),
        415: UnsupportedMediaType(media_type=request.mimetype or "-"),
    }
    return refusals.get(error.code or 0) or BadRequest(reason="http")


def register(app: Flask) -> None:
    """Make the app answer every refusal, every HTTP error and every fault."""

    @app.errorhandler(Refusal)
    def _(refusal: Refusal) -> Response:
        return answer(refusal)

    @app.errorhandler(HTTPException)
    def _(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error  # a redirect
        response = answer(_of_http(error))
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def _(error: Exception) -> Response:
        _log.error("The request failed.", exc_info=error, extra={"path": told_path()})
        return answer(Internal(request_id=logs.request_id.get()))
