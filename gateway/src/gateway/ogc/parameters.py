"""What an address of the OGC API asks for. What is unknown or cannot be read is a bad request that names it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from chassis import clock
from chassis.refusals import BadRequest, Refusal
from contracts.envelope import DAY_MAX, DAY_MIN
from contracts.sites.features import FILTER_LENGTH_MAX, QUERYABLES
from flask import request

from gateway.ogc.reference_systems import CRS84, SYSTEMS, ReferenceSystem

OPEN: Final = ("", "..")
ITEMS: Final = ("f", "bbox", "bbox-crs", "crs", "datetime", "limit", "cursor")
ITEM: Final = ("f", "crs")
NAMES: Final = {"from_at": "datetime", "until_at": "datetime", "bbox": "bbox", "limit": "limit", "cursor": "cursor"}


def only(*known: str) -> None:
    """Raise BadRequest for a parameter that is not known here (Part 1, /req/core/query-param-unknown)."""
    unknown = sorted(set(request.args) - {"f", *known})
    if unknown:
        raise _unreadable(unknown[0], "Unknown parameter.")


def items_asked(collection: str) -> tuple[dict[str, Any], ReferenceSystem]:
    """Return the fields of FeaturesAsked and the reference system of the answer. Raises BadRequest."""
    filters = QUERYABLES[collection]
    only(*ITEMS, *filters)
    crs, crs_of_box = crs_asked(), _system("bbox-crs")
    fields: dict[str, Any] = {
        "collection": collection,
        "srid": crs.srid,
        "latitude_first": crs.latitude_first,
        "filters": {name: _short(name) for name in filters if request.args.get(name)},
        **{name: _short(name) for name in ("limit", "cursor") if request.args.get(name)},
    }
    if "bbox" in request.args:
        fields["bbox"] = _bbox(request.args["bbox"], crs_of_box)
    if request.args.get("datetime"):
        fields |= _times(request.args["datetime"])
    return fields, crs


def crs_asked() -> ReferenceSystem:
    """Return the reference system in which the answer is to be. Raises BadRequest."""
    return _system("crs")


def as_bad_request(refusal: Refusal) -> Refusal:
    """Return the refusal of a service about its input as the standard's 400, by the names of the address."""
    if refusal.code != "invalid-input":
        return refusal
    return BadRequest({NAMES.get(name, name): faults for name, faults in refusal.errors.items()}, reason="query")


def _system(name: str) -> ReferenceSystem:
    given = request.args.get(name)
    if not given:
        return CRS84
    if given not in SYSTEMS:
        raise _unreadable(name, f"Must be one of: {', '.join(SYSTEMS)}.")
    return SYSTEMS[given]


def _bbox(given: str, crs: ReferenceSystem) -> list[float]:
    """Read four numbers, or six with heights, which are passed over: our points have none."""
    parts = given.split(",")
    if len(parts) not in (4, 6):
        raise _unreadable("bbox", "Write 4 numbers, separated by commas.")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        raise _unreadable("bbox", "Not a valid number.") from None
    if len(numbers) == 6:
        if not numbers[2] <= numbers[5]:
            raise _unreadable("bbox", "The box's south lies above its north.")
        numbers = [*numbers[0:2], *numbers[3:5]]
    try:
        return crs.box(numbers)
    except ValueError:
        raise _unreadable("bbox", "The box lies outside its coordinate reference system.") from None


def _times(given: str) -> dict[str, str]:
    """Read an instant, a day, or an interval of them with open ends (`../2026-12-01`, `2026-12-01/`)."""
    parts = given.split("/")
    if len(parts) > 2 or (len(parts) == 1 and given in OPEN) or all(part in OPEN for part in parts):
        raise _unreadable("datetime", "Not a valid RFC 3339 instant.")
    first, last = parts[0], parts[-1]
    times = {}
    if first not in OPEN:
        times["from_at"] = _instant(first)
    if last not in OPEN:
        times["until_at"] = _instant(last, end=True)
    if len(times) == 2 and times["from_at"] > times["until_at"]:
        raise _unreadable("datetime", "The interval ends before it begins.")
    return {name: at.isoformat() for name, at in times.items()}


def _instant(given: str, *, end: bool = False) -> datetime:
    """Read an instant with its offset; a day is Shanghai's, from its begin to its end."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        raise _unreadable("datetime", "Not a valid RFC 3339 instant.") from None
    if not DAY_MIN <= found.date() <= DAY_MAX:
        raise _unreadable("datetime", "Not a valid RFC 3339 instant.")
    if len(given) == len("2026-01-31"):
        found = found.replace(tzinfo=clock.SHANGHAI)
        return found + timedelta(days=1, microseconds=-1) if end else found
    if found.tzinfo is None:
        raise _unreadable("datetime", "The instant needs its offset, for example +08:00.")
    return found


def _short(name: str) -> str:
    given = request.args[name]
    if "\x00" in given or len(given) > (2000 if name == "cursor" else FILTER_LENGTH_MAX):
        raise _unreadable(name, "Invalid value.")
    return given


def _unreadable(name: str, sentence: str) -> BadRequest:
    return BadRequest({name[:50]: [sentence]}, reason="query")


def kept(names: Iterable[str]) -> dict[str, str]:
    """Return the parameters of the request at hand that stand in `names` and are not empty."""
    return {name: request.args[name] for name in names if request.args.get(name)}
