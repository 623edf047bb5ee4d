"""Write the browser's types from the hub's own description of its API.

``python -m agents_ui.gen_types`` writes ``web/src/api/types.gen.ts``; ``--check`` fails when that
file is not what it would write.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from agents_ui.api.catalog import openapi


TARGET = Path(__file__).parent / "web" / "src" / "api" / "types.gen.ts"
HEAD = """\
/* Written by `python -m agents_ui.gen_types` from the hub's OpenAPI document: do not edit. */
"""
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}

Schema = Mapping[str, Any]


def types_of(document: Schema) -> str:
    """Return TypeScript for every schema of an OpenAPI document.

    An optional field of a request stays optional; in an answer the hub always sends it, so
    there it is required, whatever default its schema names.
    """
    schemas = document["components"]["schemas"]
    parts = [HEAD]
    parts += [_declaration(name, schemas[name]) for name in sorted(schemas)]
    return "\n".join(parts)


def _declaration(name: str, schema: Schema) -> str:
    comment = _comment(schema.get("description", ""), "")
    if schema.get("type") != "object" or "properties" not in schema:
        return f"{comment}export type {_name(name)} = {_type(schema)};\n"
    body = "".join(_fields(schema))
    return f"{comment}export interface {_name(name)} {{\n{body}}}\n"


def _fields(schema: Schema) -> Iterator[str]:
    required = set(schema.get("required", ()))
    is_request = schema.get("additionalProperties") is False
    for field, of in schema["properties"].items():
        may_lack = field not in required and (is_request or "default" not in of)
        yield f"  {field}{'?' if may_lack else ''}: {_type(of)};\n"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return _name(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    if "const" in schema:
        return _literal(schema["const"])
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(_type(choice) for choice in choices))
    return _plain(schema)


def _plain(schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "array":
        if items := schema.get("prefixItems"):
            return f"[{', '.join(_type(item) for item in items)}]"
        item = _type(schema.get("items") or {})
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object":
        return f"Record<string, {_type(schema.get('additionalProperties') or {})}>"
    if kind == "null":
        return "null"
    return PLAIN.get(str(kind), "unknown")


def _literal(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    if not isinstance(value, str):
        return text
    inner = text[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"


def _name(name: str) -> str:
    """Return the schema's name without signs: ``Page_Change_`` is ``PageChange``."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace(".", "_").split("_"))


def _comment(description: str, indent: str) -> str:
    lines = [line.strip() for line in description.strip().splitlines()]
    text = "\n".join(lines).partition("\n\nAttributes:")[0].replace("``", "`").split("\n")
    if text == [""]:
        return ""
    if len(text) == 1:
        return f"{indent}/** {text[0]} */\n"
    return "".join(
        [f"{indent}/**\n", *(f"{indent} * {line}\n" for line in text), f"{indent} */\n"]
    )


def main(arguments: list[str]) -> int:
    """Write the file, or check it."""
    text = types_of(openapi())
    if "--check" in arguments:
        if TARGET.read_text("utf-8") == text:
            return 0
        sys.stderr.write(f"{TARGET} is stale: run python -m agents_ui.gen_types\n")
        return 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
