"""What every door may use: the database and the file store."""

from typing import Any

from chassis.database import Database
from chassis.files import FileStore
from nameko.extensions import DependencyProvider


class Files(DependencyProvider):
    """Gives the doors the file store; the gateway streams from and into the same one."""

    def setup(self) -> None:
        """Find the store's folder in the settings."""
        self.store = FileStore(self.container.config["FILE_STORE"])

    def get_dependency(self, worker_ctx: Any) -> FileStore:
        """Return the store that all calls share."""
        return self.store


class Doors:
    """Nothing but what its subclasses' methods use; nameko gives both to the service that is put together of them."""

    database = Database()
    files = Files()
