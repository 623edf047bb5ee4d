"""What the hub itself says to visitors, in mails and codes."""

from typing import Final


WORDS: Final = {
    "en": {
        "code_subject": "Your code for {name}",
        "code_text": "Your code is {code}. It works for 10 minutes.\n\n{name}",
        "mail_subject": "Your chat with {name}",
        "mail_begin": "You left before our answer came. Here it is:",
        "mail_link": "Go back to the chat: {link}",
        "mail_reply": "Or answer this mail: we will read it in the same conversation.",
        "file": "File: {name}",
    },
    "ro": {
        "code_subject": "Codul dumneavoastră pentru {name}",
        "code_text": "Codul este {code}. Este valabil 10 minute.\n\n{name}",
        "mail_subject": "Discuția dumneavoastră cu {name}",
        "mail_begin": "Ați plecat înainte să sosească răspunsul nostru. Iată-l:",
        "mail_link": "Înapoi la discuție: {link}",
        "mail_reply": "Sau răspundeți la acest e-mail: îl vom citi în aceeași conversație.",
        "file": "Fișier: {name}",
    },
    "ru": {
        "code_subject": "Ваш код для {name}",
        "code_text": "Ваш код: {code}. Он действует 10 минут.\n\n{name}",
        "mail_subject": "Ваш разговор с {name}",
        "mail_begin": "Вы ушли раньше, чем пришёл наш ответ. Вот он:",
        "mail_link": "Вернуться в чат: {link}",
        "mail_reply": "Или ответьте на это письмо: мы прочтём его в том же разговоре.",
        "file": "Файл: {name}",
    },
}


def word(key: str, lang: str) -> str:
    """Return a text in a language, else in English."""
    return WORDS.get(lang.partition("-")[0], WORDS["en"])[key]
