"""What every door may use: the database."""

from chassis.database import Database


class Doors:
    """Nothing but what its subclasses' methods use; nameko gives it to the service that is put together of them."""

    database = Database()
