"""A Bot API server of our own, for tests: ``server.telegram_server``.

It speaks the documented protocol on a socket and checks what it is sent against the Bot API's
schema (``schema.json``, Bot API 10.3). It does what the description of the API says
(https://core.telegram.org/bots/api), and the source of Telegram's server (tdlib/telegram-bot-api).
It knows no ``parse_mode``, pushes to plain HTTP, too, and sends nothing anywhere.
"""
