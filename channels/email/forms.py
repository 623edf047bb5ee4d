"""Web forms that mail for a visitor: the program is in From, the person in Reply-To."""

import re

from channels.email.addresses import Mailbox
from channels.email.mail import Mail


MACHINE = re.compile(
    r"(?:no|do[._-]?not)[._-]?reply|wordpress|wp|www-data|apache|nobody|mailer|web|website|site|"
    r"(?:web|contact|site)?[._-]?forms?|form[._-]submission|formular|contact",
    re.IGNORECASE,
)
SERVICES = frozenset(
    [
        "formspree.io",
        "submissions.formspree.io",
        "tilda.ws",
        "tildacdn.com",
        "crm.wix.com",
        "notifications.wix.com",
        "squarespace.info",
        "jotform.com",
        "typeform.com",
        "webflow.com",
        "formsubmit.co",
        "getform.io",
        "basin.io",
        "formcarry.com",
        "netlify.com",
        "hsforms.com",
    ]
)
"""Mail domains of services that do nothing but send what visitors filled in."""


def visitor(mail: Mail, own_address: str) -> Mailbox | None:
    """Return who filled in a form; None when a mail is what it seems.

    Only a program of our own domain or of a known service may speak for somebody else, and only
    for one person at another domain. With any other sender Reply-To is just where answers go.

    Args:
        mail: The mail.
        own_address: The address of the mailbox it came to.
    """
    if mail.sender is None or len(mail.reply_to) != 1 or mail.list_id:
        return None
    person = mail.reply_to[0]
    user, _, domain = mail.sender.address.lower().rpartition("@")
    own = own_address.lower().rpartition("@")[2]
    is_ours = bool(own) and (domain == own or domain.endswith(f".{own}"))
    if not (domain in SERVICES or (is_ours and MACHINE.fullmatch(user))):
        return None
    there = person.address.lower().rpartition("@")[2]
    return None if there in (domain, own) else person
