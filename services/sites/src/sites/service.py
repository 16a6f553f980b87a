"""The doors of the sites service: each makes one call into operations or queries."""

from chassis.database import Database


class SitesService:
    """The sites service, as the gateway and the other services see it."""

    name = "sites"
    database = Database()


SERVICE = SitesService
