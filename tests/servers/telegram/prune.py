"""Makes ``schema.json`` from the Bot API schema that aiogram's source distribution carries.

    pip download --no-deps --no-binary :all: aiogram==3.31.0
    tar -xzf aiogram-3.31.0.tar.gz
    python -m tests.servers.telegram.prune aiogram-3.31.0/.butcher/schema/schema.json

The result has one line per type or method. A field is written ``<type>``, then ``!`` when it is
required, then ``=a|b`` when only these values are known.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


TARGET = Path(__file__).with_name("schema.json")
ROOTS = ("Update", "WebhookInfo", "File", "UserProfilePhotos", "ChatFullInfo")
SKIPPED = ("Passport", "EncryptedPassport", "EncryptedCredentials", "InputRich", "ChatFullInfo")
METHODS = (
    "getUpdates",
    "setWebhook",
    "deleteWebhook",
    "getWebhookInfo",
    "getMe",
    "logOut",
    "close",
    "sendMessage",
    "forwardMessage",
    "copyMessage",
    "sendPhoto",
    "sendAudio",
    "sendDocument",
    "sendVideo",
    "sendAnimation",
    "sendVoice",
    "sendVideoNote",
    "sendMediaGroup",
    "sendLocation",
    "sendVenue",
    "sendContact",
    "sendChatAction",
    "sendSticker",
    "setMessageReaction",
    "getFile",
    "getChat",
    "getChatMember",
    "answerCallbackQuery",
    "editMessageText",
    "editMessageCaption",
    "editMessageMedia",
    "editMessageReplyMarkup",
    "deleteMessage",
    "deleteMessages",
    "readBusinessMessage",
    "deleteBusinessMessages",
    "getBusinessConnection",
    "setMyCommands",
    "getMyCommands",
    "getManagedBotToken",
)
FIXED = re.compile(
    r"(?:always|must be) (?:['\"“]([^'\"”]+)['\"”]|(?!one\b)([a-z_]+)\.?$)", re.IGNORECASE
)
QUOTED = re.compile(r"['\"“]([a-zA-Z_]+)['\"”]")
LISTS = ("one of", "can be either", "currently, can be", "can be '", "currently, either")
ALTERNATIVE = re.compile(r'alt="([^"]+)"')


def main(source: Path) -> None:
    """Write the schema that the stand-in works from."""
    document = json.loads(source.read_text("utf-8"))
    entities = {
        entity["name"]: entity for group in document["items"] for entity in group["children"]
    }
    types = {name: one for name, one in entities.items() if one["category"] != "methods"}
    unions = {name: members(name, types) for name, one in types.items() if not one["annotations"]}
    wanted = reached(types, unions, (*ROOTS, *types_of(entities[name] for name in METHODS)))
    pruned = {
        "version": document["api"]["version"],
        "reactions": reactions(types["ReactionTypeEmoji"]),
        "unions": {name: unions[name] for name in sorted(wanted & unions.keys())},
        "types": {name: fields(types[name]) for name in sorted(wanted - unions.keys())},
        "methods": {name: fields(entities[name]) for name in sorted(METHODS)},
    }
    TARGET.write_text(lines(pruned), "utf-8")


def members(name: str, types: Mapping[str, Any]) -> list[str]:
    """Return the types a union stands for: those its description links to."""
    anchors = re.findall(r'href="#([a-z0-9]+)"', types[name]["html_description"])
    named = [one for one in types if one.lower() in anchors and one != name]
    return [one for one in named if types[one]["annotations"]] or named


def reached(
    types: Mapping[str, Any], unions: Mapping[str, list[str]], roots: Iterable[str]
) -> set[str]:
    """Return every type that a value of the roots may contain."""
    found: set[str] = set()
    waiting = [name for name in roots if name in types]
    while waiting:
        name = waiting.pop()
        if name in found or name.startswith(SKIPPED):
            continue
        found.add(name)
        waiting += unions.get(name, [])
        waiting += [one for one in types_of([types[name]]) if one in types]
    return found


def types_of(entities: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names in the types of the fields."""
    return [
        word
        for entity in entities
        for field in entity["annotations"]
        for word in re.findall(r"[A-Z]\w+", field["type"])
    ]


def fields(entity: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a type, or the parameters of a method, in short."""
    return {one["name"]: short(one) for one in entity["annotations"]}


def short(field: Mapping[str, Any]) -> str:
    """Return ``<type>[!][=a|b]`` of a field."""
    required = "!" if field["required"] else ""
    return f"{field['type']}{required}{values(field)}"


def values(field: Mapping[str, Any]) -> str:
    """Return the values a text may have, when they are told."""
    text = field["description"]
    if field["type"] != "String" or field["name"] in {"text", "data", "emoji"}:
        return ""
    if fixed := FIXED.search(text):
        return f"={fixed[1] or fixed[2]}"
    if any(start in text.lower() for start in LISTS) and (known := QUOTED.findall(text)):
        return "=" + "|".join(dict.fromkeys(known))
    return ""


def reactions(entity: Mapping[str, Any]) -> list[str]:
    """Return the emojis one may react with."""
    field = next(one for one in entity["annotations"] if one["name"] == "emoji")
    return [chars(one) for one in ALTERNATIVE.findall(field["html_description"])]


def chars(escaped: str) -> str:
    """Return a text whose characters may be written as ``&#9829;``."""
    return re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), escaped)


def lines(pruned: Mapping[str, Any]) -> str:
    """Return JSON with one line per type, so that a change can be read."""
    groups = []
    for group, content in pruned.items():
        if isinstance(content, dict):
            rows = [f"{quoted(name)}:{quoted(one)}" for name, one in content.items()]
            groups.append(quoted(group) + ":{\n" + ",\n".join(rows) + "\n}")
        else:
            groups.append(f"{quoted(group)}:{quoted(content)}")
    return "{\n" + ",\n".join(groups) + "\n}\n"


def quoted(value: Any) -> str:
    """Return compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
