"""``punte email parse`` as a person or a script runs it."""

import json
import subprocess
import sys
from pathlib import Path


CORPUS = Path(__file__).parents[1] / "corpus"
KEYS = [
    "from",
    "to",
    "cc",
    "reply_to",
    "subject",
    "date",
    "message_id",
    "in_reply_to",
    "references",
    "text",
    "html",
    "reply_text",
    "attachments",
    "auto_reply",
    "bounce",
    "warnings",
]


def parse(*paths: Path | str) -> list[dict]:
    command = [sys.executable, "-m", "hub", "email", "parse", *map(str, paths), "--json"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_line_a_file_in_the_order_given(tmp_path):
    names = ["mailing_list", "gmail_reply_ro", "bounce_exim"]
    found = parse(*(CORPUS / f"{name}.eml" for name in names))
    assert [one["subject"].split()[0] for one in found] == ["[Dev]", "Re:", "Mail"]
    assert all(list(one) == KEYS for one in found)


def test_a_file_that_is_not_there_is_a_line_too(tmp_path):
    missing, mail = parse(tmp_path / "missing.eml", CORPUS / "mailing_list.eml")
    assert missing["warnings"] == ["file.enoent"]
    assert list(missing) == KEYS
    assert mail["subject"] == "[Dev] Release plan"


def test_names_in_any_bytes_are_files(tmp_path):
    path = Path(str(tmp_path)) / "ț\udcff.eml"
    path.write_bytes(b"Subject: odd\n\nx")
    (found,) = parse(path)
    assert found["subject"] == "odd"


def test_an_empty_file_is_an_empty_mail(tmp_path):
    (tmp_path / "empty.eml").write_bytes(b"")
    (found,) = parse(tmp_path / "empty.eml")
    assert (found["text"], found["reply_text"], found["html"]) == ("", "", None)
    assert found["from"] == {"address": None, "name": None}
    assert found["to"] == []
    assert found["bounce"] is None
