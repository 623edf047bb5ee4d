"""What a failed call means for a message: one table of Telegram's words, nowhere else.

The Bot API has no codes but HTTP's; what it says is in the source of its server,
https://github.com/tdlib/telegram-bot-api and https://github.com/tdlib/td.
What a failure means for the account is told in ``channels.telegram.troubles``.
"""

import msgspec

from channels.telegram.troubles import problem_of, text_of
from channels.telegram.wire import CallFailed
from inbox.contract import AccountId, Fault, SendError, SendFailed, ThreadRef


FORBIDDEN = (  # 403
    ("blocked by the user", "telegram.blocked"),
    ("user is deactivated", "telegram.deactivated"),
    ("kicked", "telegram.kicked"),
    ("not a member", "telegram.kicked"),
    ("can't initiate conversation", "telegram.never_wrote"),
    ("to bots", "telegram.is_bot"),
)

WORDS: tuple[tuple[str, Fault, str], ...] = (  # 400, the first that fits
    ("business_peer", Fault.WINDOW, "telegram.business_window"),
    ("business connection", Fault.REFUSED, "telegram.business_off"),
    ("business_connection", Fault.REFUSED, "telegram.business_off"),
    ("can't be deleted", Fault.WINDOW, "telegram.too_old"),
    ("can't be edited", Fault.WINDOW, "telegram.too_old"),
    ("not enough stars", Fault.FUNDS, "telegram.stars"),
    ("balance_too_low", Fault.FUNDS, "telegram.stars"),
    ("chat not found", Fault.RECIPIENT, "telegram.no_chat"),
    ("peer_id_invalid", Fault.RECIPIENT, "telegram.no_chat"),
    ("user not found", Fault.RECIPIENT, "telegram.no_chat"),
    ("user_id_invalid", Fault.RECIPIENT, "telegram.no_chat"),
    ("group chat was deactivated", Fault.RECIPIENT, "telegram.no_chat"),
    ("message thread not found", Fault.RECIPIENT, "telegram.no_topic"),
    ("topic_deleted", Fault.RECIPIENT, "telegram.no_topic"),
    ("topic_closed", Fault.REFUSED, "telegram.no_rights"),
    ("not enough rights", Fault.REFUSED, "telegram.no_rights"),
    ("have no rights", Fault.REFUSED, "telegram.no_rights"),
    ("write_forbidden", Fault.REFUSED, "telegram.no_rights"),
    ("chat_restricted", Fault.REFUSED, "telegram.no_rights"),
    ("voice_messages_forbidden", Fault.CONTENT, "telegram.no_voice"),
    ("file is too big", Fault.CONTENT, "telegram.file_too_big"),
    ("too large", Fault.CONTENT, "telegram.file_too_big"),
    ("too long", Fault.CONTENT, "telegram.too_long"),
    ("text is empty", Fault.CONTENT, "telegram.empty"),
    ("non-empty", Fault.CONTENT, "telegram.empty"),
    ("entit", Fault.CONTENT, "telegram.formatting"),
    ("reaction", Fault.CONTENT, "telegram.reaction"),
    ("quote_text_invalid", Fault.CONTENT, "telegram.quote"),
    ("button_", Fault.CONTENT, "telegram.button"),
    ("message to edit not found", Fault.CONTENT, "telegram.no_message"),
    ("message to react not found", Fault.CONTENT, "telegram.no_message"),
    ("message_id_invalid", Fault.CONTENT, "telegram.no_message"),
    ("photo_", Fault.CONTENT, "telegram.file"),
    ("image_process", Fault.CONTENT, "telegram.file"),
    ("voice", Fault.CONTENT, "telegram.file"),
    ("album", Fault.CONTENT, "telegram.file"),
    ("web page", Fault.CONTENT, "telegram.file"),
    ("webpage_", Fault.CONTENT, "telegram.file"),
    ("media_", Fault.CONTENT, "telegram.file"),
    ("file", Fault.CONTENT, "telegram.file"),
)
UNCHANGED = "message is not modified"
GONE = "message to delete not found"
STALE = ("file identifier", "file_reference", "file reference", "wrong file_id")
"""What is said of a file id that is not good any more: the file has to be uploaded again."""
OLD_QUERY = ("query is too old", "query id is invalid", "query_id_invalid")
NO_TEXT = "no text in the message"
NO_CAPTION = "no caption in the message"


def error_of(
    failed: CallFailed, *, scope: str | None = None, account: AccountId | None = None
) -> SendError:
    """Return what a failed call means for the message it was to deliver.

    Args:
        scope: The narrowest rate bucket of the call: it is closed when Telegram has enough.
        account: Whose thread has moved, if it has.
    """
    if failed.after_write:
        return SendError(fault=Fault.UNKNOWN, code="telegram.no_answer", text=text_of(failed))
    if failed.trouble:
        return problem_of(failed).as_send_error(text_of(failed))
    if failed.migrate_to is not None and account is not None:
        moved = ThreadRef(account, str(failed.migrate_to), group=True)
        return SendError(
            fault=Fault.MOVED, code="telegram.moved", text=text_of(failed), moved_to=moved
        )
    error = _answered(failed)
    if error.fault is Fault.THROTTLED:
        return msgspec.structs.replace(error, scope=scope)
    return error


def says(failed: CallFailed, *words: str) -> bool:
    """Tell whether Telegram's refusal holds one of some words."""
    said = failed.description.lower()
    return any(word in said for word in words)


def refused(fault: Fault, code: str, text: str, *, retry_after: float | None = None) -> SendFailed:
    """Return what is raised for what is found out before Telegram is called."""
    return SendFailed(SendError(fault=fault, code=code, text=text, retry_after=retry_after))


def _answered(failed: CallFailed) -> SendError:
    text = text_of(failed)
    match failed.error_code:
        case 400:
            found = ((fault, code) for word, fault, code in WORDS if says(failed, word))
            fault, code = next(found, (Fault.BUG, "telegram.refused"))
        case 402:
            fault, code = Fault.FUNDS, "telegram.stars"
        case 403:
            named = (code for word, code in FORBIDDEN if says(failed, word))
            fault, code = Fault.REFUSED, next(named, "telegram.forbidden")
        case 413:
            fault, code = Fault.CONTENT, "telegram.file_too_big"
        case _:  # 401, 404, 409, 429, 5xx say as much of the account
            return problem_of(failed).as_send_error(text)
    return SendError(fault=fault, code=code, text=text)
