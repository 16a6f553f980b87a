"""What every door may use."""

from chassis.database import Database


class Doors:
    """The database, which each package of doors shares; nameko gives it to the service that is put together of them."""

    database = Database()
