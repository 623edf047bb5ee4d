"""What a channel carries, asked the same way of every adapter."""

from collections.abc import Mapping
from typing import Any, Protocol

from inbox.contract import Adapter, Capabilities, Edits, Level, Offers, Reacts, ThreadRef
from infra.tables import Json


class CapsOf(Protocol):
    """Says what the channel of a provider carries, for an account with some settings."""

    def __call__(
        self,
        provider: str,
        config: Mapping[str, Any] | None = None,
        thread: ThreadRef | None = None,
        /,
    ) -> Capabilities:
        """Return what it carries, in a thread when one is given."""


def carried(
    adapter: Adapter, config: Mapping[str, Any] | None = None, thread: ThreadRef | None = None
) -> Capabilities:
    """Return what an account of ``adapter`` with these settings carries."""
    if isinstance(adapter, Offers):
        return adapter.capabilities_of(config or {}, thread)
    return adapter.capabilities(thread)


def described(caps: Capabilities, adapter: Adapter | None = None) -> Json:
    """Return capabilities as the API tells browsers, times in seconds.

    Args:
        adapter: Editing and reacting also need it to know how.
    """
    can_edit = adapter is None or isinstance(adapter, Edits)
    can_react = adapter is None or isinstance(adapter, Reacts)
    return {
        "text_max": caps.text_max,
        "text_unit": caps.text_unit,
        "text_split": caps.text_split,
        "formatting": {kind: int(level) for kind, level in caps.formatting.items()},
        "media": {
            kind: {
                "max_bytes": media.max_bytes,
                "max_caption": media.max_caption,
                "per_message": media.per_message,
                "mimes": [mime for mime, level in media.mimes.items() if level > Level.DROPPED],
            }
            for kind, media in caps.media.items()
        },
        "subject": caps.subject,
        "copies": caps.copies,
        "html": caps.html,
        "reply": caps.reply > Level.DROPPED,
        "edit": can_edit and caps.edit > Level.DROPPED,
        "edit_seconds": caps.edit_max_age and caps.edit_max_age.total_seconds(),
        "delete": can_edit and caps.delete > Level.DROPPED,
        "delete_seconds": caps.delete_max_age and caps.delete_max_age.total_seconds(),
        "reactions": caps.reactions if can_react else 0,
        "allowed_reactions": caps.allowed_reactions,
        "buttons": caps.buttons,
        "metered": caps.metered,
        "undo_seconds": caps.undo_seconds,
        "typing_out": caps.typing_out is not None,
        "window_seconds": caps.window and caps.window.total_seconds(),
        "groups": caps.groups,
        "replies": caps.replies,
    }
