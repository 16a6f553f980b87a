"""The identity providers that one can sign in by, as the operator describes them in the environment.

OIDC_PROVIDERS=gov and OIDC_GOV_ISSUER, _CLIENT_ID, _CLIENT_SECRET, _TITLE, _TRUSTED_AMR, _TRUSTED_ACR, _CERTIFICATES.
Nobody else names an address; how one of them is asked is said in `relying_party`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chassis.config import ConfigFaults

from roster.domain.identity_providers import Provider, ProviderUnknown, is_safe

if TYPE_CHECKING:
    from roster.relying_party import RelyingParty


class Providers:
    """The providers that one can sign in by."""

    def __init__(self, providers: list[Provider], *, public_url: str) -> None:
        self.public_url = public_url
        self.parties = _parties(providers, public_url) if providers else {}

    def named(self, name: str) -> "RelyingParty":
        """Return the provider of that name; raises ProviderUnknown."""
        found = self.parties.get(name)
        if found is None:
            raise ProviderUnknown()
        return found

    def sign_out_address(self, name: str | None) -> str | None:
        """Return where one signs out of the provider that a session came by; None when it has no such place."""
        found = self.parties.get(name or "")
        return found.sign_out_address(back_to=f"{self.public_url}/") if found else None


def _parties(providers: list[Provider], public_url: str) -> dict[str, "RelyingParty"]:
    from roster.relying_party import RelyingParty  # here, for few installations have a provider

    return {
        provider.name: RelyingParty(provider, redirect_uri=f"{public_url}/sign-in/with/{provider.name}/callback")
        for provider in providers
    }


def providers_in(environment: Mapping[str, str]) -> Providers:
    """Return the providers that the environment describes; raises ConfigFaults with every fault."""
    names = [name.strip() for name in environment.get("OIDC_PROVIDERS", "").split(",") if name.strip()]
    public_url, faults, found = environment.get("PUBLIC_URL", "").rstrip("/"), [], []
    if names and not is_safe(public_url):
        faults.append(
            "PUBLIC_URL must be the https address at which people reach the platform, where OIDC_PROVIDERS is set"
        )
    for name in names:
        if not re.fullmatch(r"[a-z][a-z0-9]{0,19}", name):
            faults.append(f"OIDC_PROVIDERS: {name} must be small letters and digits")
            continue
        start = f"OIDC_{name.upper()}_"

        def told(what: str, start: str = start) -> str:
            return environment.get(start + what, "").strip()

        faults += [f"{start}{what} is not set" for what in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET") if not told(what)]
        if told("ISSUER") and not is_safe(told("ISSUER")):
            faults.append(f"{start}ISSUER must be an https address")
        if told("CERTIFICATES") and not Path(told("CERTIFICATES")).is_file():
            faults.append(f"{start}CERTIFICATES names no file")
        found.append(
            Provider(
                name=name,
                title=told("TITLE") or name,
                issuer=told("ISSUER"),
                client_id=told("CLIENT_ID"),
                client_secret=told("CLIENT_SECRET"),
                trusted_amr=frozenset(told("TRUSTED_AMR").split()),
                trusted_acr=frozenset(told("TRUSTED_ACR").split()),
                certificates=told("CERTIFICATES") or None,
            )
        )
    if faults:
        raise ConfigFaults(faults)
    return Providers(found, public_url=public_url)
