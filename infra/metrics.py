"""Every metric of the hub, declared in one place; ``/metrics`` serves them.

Names and labels are public: a dashboard stands on them. Labels are few and bounded, never a
client, an agent or a conversation.
"""

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram
from prometheus_client import generate_latest as _generate


CONTENT_TYPE = CONTENT_TYPE_LATEST

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # buckets of every latency

FEED_LAG = Gauge(
    "punte_feed_lag_seconds", "Age of the oldest open transaction, which holds live events back"
)
JOURNAL_BACKLOG = Gauge(
    "punte_journal_backlog", "Inbound payloads by state: pending, quarantined", ["state"]
)
DELIVERIES = Gauge("punte_deliveries", "Deliveries by state", ["state"])
JOB_BACKLOG = Gauge("punte_job_backlog", "Jobs that are due and not done")
JOB_AGE = Gauge("punte_job_oldest_due_seconds", "How long the oldest due job has waited")
LIVE_SESSIONS = Gauge("punte_live_sessions", "Browsers connected to this node")
LIVE_EVENTS = Counter("punte_live_events_total", "Event frames sent to browsers")
LIVE_CLOSED = Counter("punte_live_closed_total", "Live connections closed by code", ["code"])
HTTP_SECONDS = Histogram(
    "punte_http_seconds",
    "Time of HTTP requests by route and status",
    ["method", "route", "status"],
    buckets=SECONDS,
)
ACCOUNTS = Gauge("punte_accounts", "Connected channel accounts by state", ["kind", "state"])


def render() -> bytes:
    """Return every metric in Prometheus' text format."""
    return _generate(REGISTRY)
