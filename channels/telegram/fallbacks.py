"""What is said of content that the inbox has no part for, so that an agent always sees something.

The words are the sender's own wherever there are any; ``Unsupported.type_name`` is what the
browser translates.
"""

from collections.abc import Callable, Iterator

from channels.telegram.fields import Object, items, name_of, obj, text, whole
from inbox.contract import Unsupported


LONGEST = 4000  # characters


def unsupported_of(message: Object) -> Iterator[Unsupported]:
    """Return what stands for those contents of a message that have no part of their own."""
    for field in message:
        if field in WORDS:
            said = WORDS[field](obj(message[field]))
            yield Unsupported(type_name=field, fallback=said.strip()[:LONGEST] or f"[{field}]")


def unknown(field: str) -> Unsupported:
    """Return what stands for content this version has never heard of."""
    return Unsupported(type_name=field[:60], fallback=f"[{field[:60]}]")


def _dice(dice: Object) -> str:
    value = whole(dice.get("value"))
    return f"{text(dice.get('emoji'))[:20] or '🎲'} {'' if value is None else value}"


def _poll(poll: Object) -> str:
    options = [f"– {text(obj(one).get('text'))}" for one in items(poll.get("options"))[:50]]
    return "\n".join([text(poll.get("question")), *options])


def _checklist(checklist: Object) -> str:
    tasks = [_task(obj(one)) for one in items(checklist.get("tasks"))[:100]]
    return "\n".join([text(checklist.get("title")), *tasks])


def _task(task: Object) -> str:
    is_done = whole(task.get("completion_date")) or "completed_by_user" in task
    return f"{'☑' if is_done else '☐'} {text(task.get('text'))}"


def _titled(thing: Object) -> str:
    words = [text(thing.get(name)) for name in ("title", "description", "text")]
    return "\n".join(dict.fromkeys(filter(None, words)))


def _invoice(invoice: Object) -> str:
    return f"{_titled(invoice)}\n{price_of(invoice)}"


def price_of(bill: Object) -> str:
    """Return an amount, which comes in the currency's smallest unit.

    How many of them make one differs: https://core.telegram.org/bots/payments/currencies.json
    """
    amount, currency = whole(bill.get("total_amount")), text(bill.get("currency"))[:10]
    if amount is None:
        return currency
    if currency == "XTR":  # Telegram Stars
        return f"⭐ {amount}"
    places = 0 if currency in WHOLE_CURRENCIES else 2
    value = f"{amount / 100:.2f}" if places else str(amount)
    return f"{value} {currency}"


WHOLE_CURRENCIES = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND"})


def _story(story: Object) -> str:
    return name_of(obj(story.get("chat")))


def _users(shared: Object) -> str:
    people = [obj(one) for one in items(shared.get("users"))[:20]]
    return ", ".join(
        filter(None, (name_of(one) or str(whole(one.get("user_id")) or "") for one in people))
    )


def _chat(shared: Object) -> str:
    return name_of(shared) or str(whole(shared.get("chat_id")) or "")


def _web_app(sent: Object) -> str:
    return f"{text(sent.get('button_text'))}\n{text(sent.get('data'))}"


def _giveaway(giveaway: Object) -> str:
    return text(giveaway.get("prize_description")) or text(
        giveaway.get("additional_prize_description")
    )


def _gift(info: Object) -> str:
    return text(info.get("text"))


def _nothing(_data: Object) -> str:
    return ""


WORDS: dict[str, Callable[[Object], str]] = {
    "checklist": _checklist,
    "dice": _dice,
    "game": _titled,
    "gift": _gift,
    "giveaway": _giveaway,
    "giveaway_winners": _giveaway,
    "invoice": _invoice,
    "passport_data": _nothing,
    "poll": _poll,
    "refunded_payment": price_of,
    "story": _story,
    "successful_payment": price_of,
    "unique_gift": _gift,
    "chat_shared": _chat,
    "users_shared": _users,
    "web_app_data": _web_app,
}
"""By the field of the message that holds it: https://core.telegram.org/bots/api#message"""
