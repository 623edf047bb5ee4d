"""The cookie that keeps a browser signed in."""

from agents_ui.call import Visit
from crm_core.staff.sessions import ABSOLUTE, NewSession
from infra.http.routes import Cookie


COOKIE = "punte"
SECURE_COOKIE = "__Host-punte"
"""The prefix binds the cookie to this host, TLS and the whole site (RFC 6265bis 4.1.3.2)."""


def session_cookie(visit: Visit, opened: NewSession) -> Cookie:
    """Return the cookie of a session that was just opened."""
    return _cookie(visit, opened.token)


def no_cookie(visit: Visit) -> Cookie:
    """Return what removes the session's cookie."""
    return _cookie(visit, "")


def _cookie(visit: Visit, token: str) -> Cookie:
    secure = visit.is_secure
    name = SECURE_COOKIE if secure else COOKIE
    return Cookie(name, token, int(ABSOLUTE.total_seconds()), secure)
