"""What doors may use: the database, how an answer that may be a refusal is committed, the identity providers."""

import os
from typing import Any, TypeVar

from chassis.database import Database
from chassis.refusals import Refusal
from nameko.extensions import DependencyProvider

from roster.providers import Providers, providers_in

T = TypeVar("T")


class IdentityProviders(DependencyProvider):
    """Gives the doors the identity providers that the operator set up."""

    providers: Providers

    def setup(self) -> None:
        """Read them from the environment; raises ConfigFaults."""
        self.providers = providers_in(os.environ)

    def get_dependency(self, worker_ctx: Any) -> Providers:
        """Return the providers, which all calls share with what they remember of them."""
        return self.providers


class Doors:
    """Nothing but what its subclasses' methods use; nameko gives it to the service that is put together of them."""

    database = Database()

    def settled(self, answer: T | Refusal) -> T:
        """Commit, and then return the answer or raise the refusal: it has counted a wrong password or code."""
        if isinstance(answer, Refusal):
            self.database.record = None  # a refusal is told of otherwise
        self.database.commit()
        if isinstance(answer, Refusal):
            raise answer
        return answer
