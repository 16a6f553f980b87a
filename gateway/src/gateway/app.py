"""The gateway's app: JSON API, pages, health. It keeps no data; what it knows it asks the services.

Pages live in `gateway.pages` and register themselves: `gateway.pages.register(app)` is called here. What a page uses:

    gateway.identity   current(), needs(...), public           who asks, and what they may
    gateway.clients    sites, roster, assessment               what the services answer
    gateway.problems   Refusal → problem_of(refusal)           how a refusal is told; template `problem.html`
    gateway.browsers   sign_in, sign_out, csrf_token           the cookie session
    gateway.idempotency  command_id(), new_key()               a form sent twice acts once
    gateway.edge       csp_nonce(), takes_files                headers and limits
    gateway.languages  current_language()                      "zh-CN" or "en"

Templates have csrf_token(), csp_nonce(), current_identity(), new_idempotency_key(), current_language().
"""

from chassis import config as chassis_config
from chassis.caller import Caller
from chassis.files import FileStore
from chassis.tokens import Verifier
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import (
    api_docs,
    assets,
    browsers,
    edge,
    health,
    identity,
    limits,
    ogc,
    pages,
    problems,
    programs,
    resources,
)
from gateway.clients import Wire
from gateway.clients.calls import EXTENSION
from gateway.config import GatewayConfig
from gateway.idempotency import new_key
from gateway.languages import current_language
from gateway.telemetry import AccessLog


class MessagesCookie(SecureCookieSessionInterface):
    """Flask's own cookie, which carries the messages for the next page; its signer is made once, not per request."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the signer."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


def create_app(config: GatewayConfig | None = None, *, caller: Caller | None = None) -> Flask:
    """Return the app; the configuration comes from the environment unless it is given."""
    config = config or chassis_config.read_or_exit(GatewayConfig)
    app = Flask("gateway")
    app.url_map.strict_slashes = True
    app.secret_key = "flash messages\0" + config.secret_key
    app.session_interface = MessagesCookie()
    app.config.update(
        SESSION_COOKIE_NAME="zhendi_messages",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.over_tls,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions[EXTENSION] = Wire(caller or Caller(config.amqp_url), timeout_s=config.rpc_timeout_s)
    app.extensions["zhendi.files"] = FileStore(config.file_store)
    app.extensions["zhendi.config"] = config
    app.jinja_env.globals.update(new_idempotency_key=new_key, current_language=current_language)

    problems.register(app)
    verifier = Verifier(config.token_public_keys)
    identity.register(app, verifier)
    programs.register(app)
    browsers.register(app, secret_key=config.secret_key, over_tls=config.over_tls)
    resources.register(app)
    health.register(app)
    pages.register(app)
    ogc.register(app)
    api_docs.register(app)
    identity.public(app.view_functions["static"])
    assets.register(app)
    tells = config.log_level in ("DEBUG", "INFO")
    edge.register(app, over_tls=config.over_tls, access_log=AccessLog(process=config.process_name) if tells else None)
    limits.register(app, config.rate_limits, verifier)
    if config.proxies:
        # Each proxy in front of us writes down from whom it took the request; what stands before that, anybody may say.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.proxies, x_proto=0, x_host=0
        )
    return app
