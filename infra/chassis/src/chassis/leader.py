"""Timers run in one process at a time: the one that holds PostgreSQL's advisory lock on a connection of its own.

The lock ends with the connection, so a leader that dies is followed at once. A leader that is cut off notices within a
second and starts no more timers; a run that has begun goes on, so a timer must bear to be run twice.
"""

import logging
import math
from typing import Any, Final

import psycopg2

from chassis.patience import PATIENCE

log = logging.getLogger(__name__)

CONNECT_S: Final = math.ceil(3 * PATIENCE)
ANSWER_MS: Final = math.ceil(5_000 * PATIENCE)


class Leadership:
    """The lock named `name` in the database at `url`."""

    def __init__(self, url: str, *, name: str) -> None:
        self._url = url
        self._name = name
        self._connection: Any = None
        self._held = False

    def holds(self) -> bool:
        """Take the lock if it is free, or see that it is still ours; say whether this process leads."""
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(
                    self._url,
                    application_name=self._name,
                    connect_timeout=CONNECT_S,
                    options=f"-c statement_timeout={ANSWER_MS}",
                    keepalives_idle=5,
                    keepalives_interval=2,
                    keepalives_count=2,
                )
                self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                if self._held:
                    cursor.execute("SELECT 1")
                else:
                    cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (self._name,))
                    self._held = bool(cursor.fetchone()[0])
                    if self._held:
                        log.info("This process leads: %s.", self._name)
        except psycopg2.Error as error:
            if self._held:
                log.warning("The leadership of %s is lost: %s.", self._name, type(error).__name__)
            self.resign()
        return self._held

    def resign(self) -> None:
        """Let the lock go."""
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            connection.close()
