"""The line a list shows of what an agent wrote."""

import pytest

from inbox.posting import MessageGiven, preview_of


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Da,\n\nvineri.", "Da, vineri."),
        ("Da.\n\n-- \nAna Ceban\nPunte SRL", "Da."),
        ("-- acesta nu e\n--\nsemnătură", "-- acesta nu e -- semnătură"),
    ],
)
def test_a_preview_is_what_was_said_without_the_signature(text: str, line: str) -> None:
    """The signature is the same under every answer: it tells nothing in a list."""
    assert preview_of(MessageGiven(text=text)) == line
