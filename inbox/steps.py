"""The provider calls of a message, and what each one's outcome says of whose copy."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from inbox.carried import carried
from inbox.contract import Adapter, Receipt, SendError, WireOp
from inbox.delivery import Fate
from inbox.fates import fate_of_error, fate_of_receipt
from inbox.outbound import Addressed
from inbox.outbox import Begun
from infra.clock import now


class Step(msgspec.Struct, frozen=True):
    """One provider call of a message, and which part of the message it is for whom."""

    op: WireOp
    parts: Mapping[UUID, int]


def plan(adapter: Adapter, addressed: Addressed, config: Mapping[str, Any]) -> list[Step]:
    """Return the provider calls of a message; each knows which part it is for whom.

    Args:
        config: Settings of the account.
    """
    message = addressed.message
    rendered = adapter.render(message, carried(adapter, config, message.thread))
    done: Counter[UUID] = Counter()
    steps = []
    for op in rendered.ops:
        wanted = {(one.kind, one.value) for one in op.recipients}
        whose = [
            identity
            for address, identity in addressed.identities.items()
            if not wanted or address in wanted
        ]
        steps.append(Step(op, {identity: done[identity] for identity in whose}))
        done.update(whose)
    return steps


def narrowed(op: WireOp, addressed: Addressed, begun: Begun) -> WireOp:
    """Return a call for those alone whose copies it carries now."""
    if not op.recipients:
        return op
    kept = tuple(
        one for one in op.recipients if addressed.identities[one.kind, one.value] in begun.copies
    )
    return msgspec.structs.replace(op, recipients=kept)


def judge(
    adapter: Adapter, addressed: Addressed, begun: Begun, outcome: Receipt | SendError
) -> dict[UUID, Fate]:
    """Return what became of each copy of a call, by delivery id."""
    at, safe = now(), adapter.resend_safe
    if isinstance(outcome, SendError):
        fate = fate_of_error(outcome, begun, at, resend_safe=safe)
        return dict.fromkeys(begun.copies.values(), fate)
    return {
        begun.copies[identity]: fate_of_receipt(outcome, value, begun, at, resend_safe=safe)
        for (_, value), identity in addressed.identities.items()
        if identity in begun.copies
    }


def summary(outcome: Receipt | SendError) -> dict[str, str]:
    """Return how a call ended, for its log."""
    if isinstance(outcome, SendError):
        return {"outcome": outcome.fault.value, "response": f"{outcome.code} {outcome.text}"}
    refused = [f"{who}: {error.code} {error.text}" for who, error in outcome.refused.items()]
    return {"outcome": outcome.state, "response": "; ".join((*outcome.external_ids, *refused))}
