"""What the gateway counts: requests by route, calls by door. Told at `/metrics`."""

from prometheus_client import Counter, Histogram

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("http_request_seconds", "Time a request took", ["route"], buckets=_BUCKETS)
CALL_SECONDS = Histogram("rpc_seconds", "Time a call to a service took", ["door", "outcome"], buckets=_BUCKETS)
