"""Whether a frame may be stored: rules of the widget, forms, budgets."""

from channels.webchat.acts import Checked, Durable
from channels.webchat.answers import Nack
from channels.webchat.forms import Wrong, checked
from channels.webchat.guest import Guest
from channels.webchat.limits import (
    BLOCK_MESSAGES,
    FORMS,
    MESSAGES,
    PHONE,
    VISITORS,
    WIDGET_MESSAGES,
)
from channels.webchat.protocol import Callback, Csat, Form, Send


class Checks:
    """Checks the frames of one session."""

    def __init__(self, talk: Guest) -> None:
        self._talk = talk

    def check(self, frame: Durable) -> Checked | Nack:
        """Return the frame with its answers, or why it is refused."""
        problem = self._rules(frame) or self._budgets(frame)
        if problem is not None:
            return problem
        try:
            return self._filled(frame)
        except Wrong as wrong:
            return Nack(code="invalid", cid=frame.cid, field=wrong.field)

    def _rules(self, frame: Durable) -> Nack | None:
        talk, settings = self._talk, self._talk.widget.settings
        visitor = talk.visitor
        code = ""
        if settings.identified_only and (visitor is None or visitor.external_id is None):
            code = "identify_first"
        elif isinstance(frame, Send):
            if not frame.text.strip() and not frame.files:
                return Nack(code="invalid", cid=frame.cid, field="text")
            known = visitor is not None and (visitor.prechat is not None or visitor.spoke)
            verified = visitor is not None and visitor.level == "verified"
            if settings.prechat.on and not known and not verified:
                code = "form_first"
        elif isinstance(frame, Csat):
            case = talk.case
            if not settings.csat or case is None or case.status != "closed":
                code = "closed"
        elif isinstance(frame, Callback) and not settings.callback.on:
            code = "closed"
        return Nack(code=code, cid=frame.cid) if code else None

    def _budgets(self, frame: Durable) -> Nack | None:
        talk, budgets = self._talk, self._talk.services.budgets
        token = talk.hashed.hex()
        if talk.visitor is None:
            if talk.challenge.is_wanted:
                return Nack(code="captcha", cid=frame.cid)
            wait = budgets.take(f"visitors/{talk.block}", VISITORS)
            if wait:
                return Nack(code="too_fast", cid=frame.cid, retry=round(wait, 1))
        wait = (
            budgets.take(f"messages/{token}", MESSAGES)
            or budgets.take(f"block/{talk.block}", BLOCK_MESSAGES)
            or budgets.take(f"widget/{talk.widget.id}", WIDGET_MESSAGES)
        )
        if not wait and isinstance(frame, Form | Callback):
            wait = budgets.take(f"forms/{token}", FORMS)
        return Nack(code="too_fast", cid=frame.cid, retry=round(wait, 1)) if wait else None

    def _filled(self, frame: Durable) -> Checked:
        """Return the frame with its answers.

        Raises:
            Wrong: An answer is missing or impossible.
        """
        talk, settings = self._talk, self._talk.widget.settings
        lang, region = talk.lang, settings.phone_region
        match frame:
            case Form(form="prechat"):
                said = checked(settings.prechat, frame.values, lang=lang, region=region)
                return Checked(frame, said)
            case Form():
                said = checked(settings.contact, frame.values, lang=lang, region=region)
                text = frame.values.get("text", "").replace("\0", "").strip()
                if not text:
                    raise Wrong("text")
                return Checked(frame, said | {"text": text})
            case Callback():
                said = checked(
                    settings.callback, frame.values, lang=lang, region=region, times=True
                )
                if "phone" not in said:
                    raise Wrong("phone")
                if talk.services.budgets.take(f"phone/{said['phone']}", PHONE):
                    raise Wrong("phone")
                return Checked(frame, said)
            case Csat():
                case = talk.case
                values = {"score": str(frame.score)}
                if frame.comment.strip():
                    values["comment"] = frame.comment.strip().replace("\0", "")
                return Checked(frame, values, case=case.id if case else None)
            case _:
                return Checked(frame)
