"""Budgets against abuse: strict for one visitor, generous for an address many may share.

An office, a school or a mobile operator stands behind one address, so a block of addresses has
room for dozens of people who write at once. The budgets are this node's own: with N nodes an
attacker has N times as much, which the widget's own budget allows for.
"""

import time
from collections import OrderedDict
from ipaddress import ip_address, ip_network

import msgspec


MOST = 50_000  # budgets remembered; the ones unused longest are full again anyway


class Budget(msgspec.Struct, frozen=True):
    """How much may be spent at once, and how much flows back per second."""

    burst: float
    per_second: float


MESSAGES = Budget(20, 1.0)  # of one visitor
BLOCK_MESSAGES = Budget(1_000, 50.0)  # of a /24 or /64
WIDGET_MESSAGES = Budget(5_000, 300.0)
VISITORS = Budget(200, 2.0)  # new ones of a block
HELLOS = Budget(30, 1.0)  # connections of one token
BLOCK_HELLOS = Budget(1_500, 50.0)
FILES = Budget(20, 0.1)  # of one visitor
BLOCK_FILES = Budget(400, 5.0)
FORMS = Budget(5, 0.02)  # call-backs and offline forms of one visitor
PHONE = Budget(3, 1 / 1200)  # call-backs to one number
CODES = Budget(3, 1 / 300)  # one-time codes of one visitor
ADDRESS_CODES = Budget(3, 1 / 600)  # one-time codes to one address
GUESSES = Budget(10, 1 / 60)  # of codes, signed tokens and links, of one visitor
TYPING = Budget(3, 0.7)
PAGES = Budget(20, 0.5)
MARKS = Budget(30, 5.0)  # got and read

CONNECTIONS = 10  # of one visitor at once, on one node
UNDER_ATTACK = 0.5  # of a block's budget for new visitors: from there on a challenge is asked


class Budgets:
    """What everybody has left.

    Attributes:
        scale: How much larger every budget is than it says: for measurements.
    """

    def __init__(self) -> None:
        self.scale = 1.0
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, budget: Budget, amount: float = 1.0) -> float:
        """Spend ``amount``; return 0, or the seconds until there is enough (nothing is spent)."""
        left = self.left(name, budget)
        if left < amount:
            return (amount - left) / (budget.per_second * self.scale)
        self._left[name] = (left - amount, time.monotonic())
        self._left.move_to_end(name)
        while len(self._left) > MOST:
            self._left.popitem(last=False)
        return 0.0

    def left(self, name: str, budget: Budget) -> float:
        """Return how much could be spent now."""
        most, rate = budget.burst * self.scale, budget.per_second * self.scale
        left, at = self._left.get(name, (most, time.monotonic()))
        return min(most, left + (time.monotonic() - at) * rate)


def block_of(ip: str) -> str:
    """Return the block an address is counted in: /24 of IPv4, /64 of IPv6."""
    try:
        address = ip_address(ip)
    except ValueError:
        return "unknown"
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False))
