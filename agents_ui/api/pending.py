"""For routes whose use case is on its way."""

from infra.errors import HubError


class Pending(HubError):
    """The operation is described and not there yet."""

    code = "hub.pending"
    status = 501
    title = "Not there yet"
