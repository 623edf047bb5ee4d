"""Long texts become several messages, and nothing of them is lost or torn."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.splitting import split, units
from inbox.contract import Span


CLUSTERS = (
    *"aăîșțжЯ\n .!?",
    "😀",
    "👍🏽",  # a skin tone
    "👩\u200d👩\u200d👧\u200d👦",  # a family
    "🇷🇴",
    "🇲🇩",
    "e\u0301",
    "1\ufe0f\u20e3",  # a keycap
    "\r\n",
    "🏴\U000e0067\U000e0062\U000e007f",  # a flag of tags
)
TEXTS = st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=400)


@given(TEXTS, st.integers(min_value=24, max_value=120), st.data())
def test_pieces_are_the_text_and_no_character_is_torn(clusters, limit, data):
    text = "".join(clusters)
    places = st.integers(min_value=0, max_value=len(text))
    ranges = data.draw(st.lists(st.tuples(places, places), max_size=6))
    spans = [Span(min(one), max(one), "bold") for one in ranges if one[0] != one[1]]
    chunks = list(split(text, spans, limit))
    assert "".join(chunk.text for chunk in chunks) == text
    assert all(0 < units(chunk.text) <= limit for chunk in chunks)
    borders = {0, *accumulate(len(cluster) for cluster in clusters)}
    assert set(accumulate(len(chunk.text) for chunk in chunks)) <= borders
    starts = [0, *accumulate(len(chunk.text) for chunk in chunks)]
    covered = [
        place
        for start, chunk in zip(starts, chunks, strict=False)
        for span in chunk.spans
        for place in range(start + span.start, start + span.end)
    ]
    assert sorted(covered) == sorted(
        place for span in spans for place in range(span.start, span.end)
    )
    assert all(
        0 <= span.start < span.end <= len(chunk.text) for chunk in chunks for span in chunk.spans
    )


@given(st.text(min_size=1), st.integers(min_value=2, max_value=50))
def test_any_text_at_all_fits(text, limit):
    chunks = list(split(text, (), limit))
    assert "".join(chunk.text for chunk in chunks) == text
    assert all(0 < units(chunk.text) <= limit for chunk in chunks)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Unu doi.\n\nTrei patru. Cinci", "Unu doi.\n\n"),
        ("Unu doi trei. Patru cinci", "Unu doi trei. "),
        ("unu doi trei patru cinci", "unu doi trei "),
        ("x" * 30, "x" * 16),
    ],
)
def test_a_piece_ends_where_a_thought_does(text, first):
    assert next(iter(split(text, (), 16))).text == first


def test_a_long_text_is_cut_in_time_that_grows_with_it():
    text = "👍🏽" * 200_000
    chunks = list(split(text, (), 4096))
    assert "".join(chunk.text for chunk in chunks) == text
