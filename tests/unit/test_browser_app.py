"""Building the browser app, and writing its types."""

import pytest

from agents_ui.build import NoNode, find_node, inputs_hash
from agents_ui.gen_types import main, types_of


def document(**schemas):
    return {"components": {"schemas": schemas}}


def test_an_answer_always_has_its_fields_and_a_request_may_lack_those_with_a_default():
    fields = {"id": {"type": "string"}, "limit": {"type": "integer", "default": 50}}
    shape = {"type": "object", "properties": fields, "required": ["id"]}
    written = types_of(document(Answer=shape, Question={**shape, "additionalProperties": False}))
    assert "export interface Answer {\n  id: string;\n  limit: number;\n}" in written
    assert "export interface Question {\n  id: string;\n  limit?: number;\n}" in written


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"enum": ["open", "it's"]}, "'open' | 'it\\'s'"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
         "(number | null)[]"),
        ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}]},
         "[number, number]"),
        ({"type": "object", "additionalProperties": {"type": "boolean"}},
         "Record<string, boolean>"),
        ({"$ref": "#/components/schemas/Page_Card_"}, "PageCard"),
        ({}, "unknown"),
    ],
)  # fmt: skip
def test_a_schema_becomes_a_type(schema, type_):
    assert f"export type It = {type_};" in types_of(document(It=schema))


def test_the_browsers_types_are_those_of_the_hub():
    assert main(["--check"]) == 0


def test_a_node_that_is_named_and_does_not_run_is_an_error_that_names_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PUNTE_NODE", str(tmp_path / "node"))
    with pytest.raises(NoNode, match="PUNTE_NODE"):
        find_node()


def test_what_is_built_is_new_when_a_source_is_new_but_not_when_a_test_is(tmp_path):
    source = tmp_path / "src" / "a.ts"
    source.parent.mkdir()
    source.write_text("1")
    before = inputs_hash(tmp_path)
    (tmp_path / "src" / "a.test.ts").write_text("1")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.js").write_text("1")
    assert inputs_hash(tmp_path) == before
    source.write_text("2")
    assert inputs_hash(tmp_path) != before
