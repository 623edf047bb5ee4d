"""``punte email``: what the inbox would make of a mail."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from channels.email.addresses import Mailbox
from channels.email.mail import Mail, read_mail


app = typer.Typer(no_args_is_help=True, help="E-mail without a mailbox.")


@app.callback()
def email() -> None:
    """E-mail without a mailbox."""


@app.command()
def parse(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    *,
    json: Annotated[bool, typer.Option("--json", help="One JSON line per file.")] = False,
) -> None:
    """Print what the inbox would store of each mail; never fails on a mail."""
    for path in paths:
        try:
            mail = read_mail(path.read_bytes())
        except OSError as error:
            mail = Mail(warnings=("file.unreadable",), text="")
            typer.secho(f"{path}: {error.strerror}", err=True)
        sys.stdout.write(_line(mail) if json else _summary(path, mail))


def _line(mail: Mail) -> str:
    return msgspec.json.encode(described(mail)).decode() + "\n"


def _summary(path: Path, mail: Mail) -> str:
    sender = mail.sender.address if mail.sender else "?"
    return f"{path}: {sender}: {mail.subject or ''}\n{mail.reply_text}\n\n"


def described(mail: Mail) -> dict[str, Any]:
    """Return a mail as ``--json`` prints it: every key there, unknown is null, no list is null."""
    first = mail.bounces[0] if mail.bounces else None
    return {
        "from": _person(mail.sender) if mail.sender else {"address": None, "name": None},
        "to": [_person(one) for one in mail.to],
        "cc": [_person(one) for one in mail.cc],
        "reply_to": [_person(one) for one in mail.reply_to],
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "text": mail.text,
        "html": mail.html,
        "reply_text": mail.reply_text,
        "attachments": [
            {
                "filename": one.filename,
                "mime": one.mime,
                "size": one.size,
                "sha256": one.sha256,
                "content_id": f"<{one.content_id}>" if one.content_id else None,
                "disposition": one.disposition,
            }
            for one in mail.attachments
        ],
        "auto_reply": mail.automatic == "auto_reply",
        "bounce": None
        if first is None
        else {
            "recipient": first.recipient,
            "status": first.status,
            "permanent": first.permanent,
            "original_message_id": first.original_message_id,
        },
        "warnings": list(mail.warnings),
    }


def _person(one: Mailbox) -> dict[str, str | None]:
    return {"address": one.address, "name": one.name or None}
