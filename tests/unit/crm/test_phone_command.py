import json

from typer.testing import CliRunner

from hub.cli import app


def lines(*args: str) -> list[dict]:
    result = CliRunner().invoke(app, ["phone", "parse", *args, "--json"])
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_text_becomes_a_line_in_the_order_given():
    assert lines("069 123 456 доб. 12", "112", "", "0722 123 456 / 021 312 34 56") == [
        {"input": "069 123 456 доб. 12", "e164": "+37369123456", "ext": "12", "valid": True},
        {"input": "112", "e164": None, "ext": None, "valid": False},
        {"input": "", "e164": None, "ext": None, "valid": False},
        {
            "input": "0722 123 456 / 021 312 34 56",
            "e164": None,
            "ext": None,
            "valid": False,
        },
    ]


def test_the_region_says_how_local_numbers_read():
    assert lines("0722 123 456", "--region", "ro")[0]["e164"] == "+40722123456"


def test_a_text_that_looks_like_an_option_is_a_text():
    assert lines("-69123456")[0]["e164"] == "+37369123456"


def test_an_unknown_region_is_an_error():
    result = CliRunner().invoke(app, ["phone", "parse", "069123456", "--region", "Moldova"])
    assert result.exit_code != 0


def test_without_json_a_person_can_read_it():
    result = CliRunner().invoke(
        app, ["phone", "parse", "069123456 int. 3", "3.7369123456E+10", "n/a"]
    )
    assert result.stdout.splitlines() == [
        "069123456 int. 3: +37369123456 ext. 3",
        "3.7369123456E+10: precision_lost",
        "n/a: no number",
    ]
