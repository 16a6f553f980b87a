"""The only way out of the gateway: one module per service, one function per door.

    from gateway.clients import sites
    from gateway.identity import current

    sites.places.sites({"q": "蒲松龄"}).data["features"]                       # a public door
    sites.orders.order({"order_id": order_id}, who=current())["state"]        # a query: who asks goes along
    sites.orders.place_order(fields, who=current(), command_id=command_id())   # a command: done once per id

`fields` are those of the message named in `contracts` (ids, days and instants may be given as Python objects).
The answer is an `Answer`: `.body` the JSON bytes, `.data` the decoded JSON, `answer["field"]` for short.
Every function raises `chassis.refusals.Refusal`; see `gateway.problems`.
"""

from gateway.clients import assessment, roster, sites
from gateway.clients.calls import Answer, Fields, Holder, Wire, call

__all__ = ["Answer", "Fields", "Holder", "Wire", "assessment", "call", "roster", "sites"]
