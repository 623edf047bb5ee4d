"""Forms: what a visitor filled in, checked against what was asked."""

from collections.abc import Mapping
from datetime import datetime

from channels.webchat.account import Field, Form
from channels.webchat.public import in_language
from crm_core.addresses import InvalidAddress, canonical


LONGEST = 200  # characters of a short answer
TICKED = frozenset({"1", "true", "on", "yes"})


class Wrong(Exception):
    """An answer is missing or impossible; ``field`` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def checked(
    form: Form, values: Mapping[str, str], *, lang: str, region: str, times: bool = False
) -> dict[str, str]:
    """Return the answers in their canonical form; those to other questions are left out.

    Args:
        times: Take ``window_from`` and ``window_to``, too.

    Raises:
        Wrong: An answer is missing or impossible.
    """
    values = {key: value.replace("\0", "") for key, value in values.items()}
    found = {}
    for field in form.fields:
        value = (
            " ".join(values.get(field.key, "").split())
            if field.type != "long"
            else (values.get(field.key, "").strip())
        )
        if value:
            found[field.key] = _answer(field, value, region)
        elif field.required:
            raise Wrong(field.key)
    text = in_language(form.consent, lang)
    if text:
        if values.get("consent", "").lower() not in TICKED:
            raise Wrong("consent")
        found |= {"consent": "yes", "consent_version": form.version, "consent_text": text}
    if times:
        found |= _window(values)
    return found


def _answer(field: Field, value: str, region: str) -> str:
    if field.type != "long" and len(value) > LONGEST:
        raise Wrong(field.key)
    try:
        match field.type:
            case "email":
                return canonical("email", value).value
            case "phone":
                return canonical("phone", value, region=region or "RO").value
            case "select" if value not in field.options:
                raise Wrong(field.key)
            case _:
                return value
    except InvalidAddress as error:
        raise Wrong(field.key) from error


def _window(values: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, datetime] = {}
    for key in ("window_from", "window_to"):
        if value := values.get(key, "").strip():
            try:
                found[key] = datetime.fromisoformat(value)
            except ValueError as error:
                raise Wrong(key) from error
            if found[key].tzinfo is None:
                raise Wrong(key)
    if len(found) == 2 and found["window_from"] >= found["window_to"]:
        raise Wrong("window_to")
    return {key: value.isoformat() for key, value in found.items()}
