"""What every door may use: the database, and how an answer that may be a refusal is committed."""

from typing import TypeVar

from chassis.database import Database
from chassis.refusals import Refusal

T = TypeVar("T")


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
