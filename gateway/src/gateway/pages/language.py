"""The page's sentences in the language that `gateway.languages` finds the reader wants.

Sentences stand in the code and templates in English; `translations/zh_Hans/LC_MESSAGES/messages.po` holds the Chinese
ones. The catalogue is compiled in memory when the gateway starts, so no compiled file can be stale or forgotten.
"""

from functools import cached_property
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, request
from flask_babel import Babel, Domain, get_locale

from gateway.identity import public
from gateway.languages import CHINESE, COOKIE, ENGLISH, current_language
from gateway.pages.returning import safe_path

CATALOGUE = Path(__file__).parent.parent / "translations" / "zh_Hans" / "LC_MESSAGES" / "messages.po"
A_YEAR_S = 365 * 24 * 3600
LOCALES = {CHINESE: "zh_Hans", ENGLISH: "en"}

blueprint = Blueprint("language", __name__)


def is_chinese() -> bool:
    """Say whether the text being written is Chinese."""
    locale = get_locale()
    return locale is None or locale.language == "zh"


class Catalogues(Domain):
    """The message catalogues, held in memory."""

    def __init__(self) -> None:
        super().__init__()
        with CATALOGUE.open("rb") as file:
            catalogue = read_po(file, locale="zh_Hans")
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        self._chinese = Translations(fp=compiled)
        self._english = NullTranslations()

    def get_translations(self) -> Translations | NullTranslations:
        """Return the catalogue of this request's language."""
        return self._chinese if is_chinese() else self._english


class Tongues(Babel):
    """Flask-Babel with our catalogues."""

    @cached_property
    def domain_instance(self) -> Catalogues:
        """The one message domain."""
        return Catalogues()


def register(app: Flask) -> None:
    """Let templates and code speak the request's language."""
    tongues = Tongues()
    tongues.init_app(
        app,
        default_locale="zh_Hans",
        default_timezone="Asia/Shanghai",
        locale_selector=lambda: LOCALES[current_language()],
    )
    app.extensions["babel"].instance = tongues


@blueprint.get('/language/<any("zh-CN", en):chosen>')
@public
def choose(chosen: str) -> Response:
    """Keep the choice for a year and go back to the page it was made on."""
    response = Response(status=303, headers={"Location": safe_path(request.args.get("next"))})
    response.set_cookie(COOKIE, chosen, max_age=A_YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure)
    return response
