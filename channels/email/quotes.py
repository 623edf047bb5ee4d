"""Where a mail quotes another and where its signature is. Nothing is deleted, only folded.

When in doubt text stays visible: losing what a client wrote is the worse mistake.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from channels.email.quote_words import (
    ADDRESS,
    CLOSING,
    FORWARD_RULE,
    LABEL,
    MOBILE,
    ORIGINAL_RULE,
    RULE,
    START,
    VERB,
    WHEN,
)
from inbox.contract import Fold


ATTRIBUTION_LINES = 4  # physical lines of "On ..., ... wrote:"
ATTRIBUTION_CHARS = 500
SIGNATURE_LINES = 25
CLOSING_LINES = 7  # lines after "Best regards"
CLOSING_CHARS = 60  # a longer line is a sentence
KNOWN_LINES = 3  # equal lines that make a quote of a known text
MAX_LINES = 20_000
DASHES = re.compile(r"--\s*")
LIST_RULE = re.compile(r"_{2,}\s*")
Kind = Literal["quote", "signature"]


class Line(msgspec.Struct):
    """A line of the text; ``kind`` is set once it is folded."""

    start: int
    end: int
    text: str
    kind: Kind | None = None

    @property
    def is_blank(self) -> bool:
        """Nothing to read in it."""
        return not self.text.strip()


def find_folds(
    text: str, marked: Iterable[Fold] = (), *, is_forward: bool = False
) -> tuple[Fold, ...]:
    """Return what to fold, in order and without overlap.

    Args:
        text: The whole readable text.
        marked: Ranges the mark-up of the mail already names.
        is_forward: The mail forwards another one, whose text is what it has to say.
    """
    lines = _lines(text)
    if len(lines) > MAX_LINES:
        return tuple(marked)
    _mark(lines, marked, is_forward=is_forward)
    _angle_quotes(lines)
    _announced(lines, is_forward=is_forward)
    if all(line.kind == "quote" or line.is_blank for line in lines):
        return ()  # only a quote: folding it would leave nothing to read
    _signature(lines)
    return _ranges(lines)


def without_folds(text: str, folds: Sequence[Fold]) -> str:
    """Return the text that is not folded, trimmed."""
    kept = []
    position = 0
    for fold in folds:
        kept.append(text[position : fold.start])
        position = max(position, fold.end)
    kept.append(text[position:])
    return re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()


def fold_known(text: str, folds: Sequence[Fold], earlier_texts: Iterable[str]) -> tuple[Fold, ...]:
    """Return the folds, with quotes recognised because their text is known; any language.

    Lines that equal at least three consecutive lines of an earlier message, white space and
    ``>`` aside, are a quote.
    """
    lines = _lines(text)
    if len(lines) > MAX_LINES:
        return tuple(folds)
    _mark(lines, folds, is_forward=False)
    known = {run for earlier in earlier_texts for run in _runs(_said(_lines(earlier)))}
    said = [(index, _bare(line.text)) for index, line in enumerate(lines) if not line.is_blank]
    for start in range(len(said) - KNOWN_LINES + 1):
        window = said[start : start + KNOWN_LINES]
        if tuple(bare for _, bare in window) in known:
            for index in range(window[0][0], window[-1][0] + 1):
                lines[index].kind = "quote"
    if all(line.kind == "quote" or line.is_blank for line in lines):
        return tuple(folds)
    return _ranges(lines)


def _said(lines: list[Line]) -> list[str]:
    return [_bare(line.text) for line in lines[:MAX_LINES] if not line.is_blank]


def _runs(said: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(said[offset:] for offset in range(KNOWN_LINES)), strict=False)


def _bare(line: str) -> str:
    return re.sub(r"[\s>]+", " ", line).strip().casefold()


def _lines(text: str) -> list[Line]:
    lines = []
    position = 0
    for piece in text.split("\n"):
        lines.append(Line(position, position + len(piece), piece))
        position += len(piece) + 1
    return lines


def _mark(lines: list[Line], marked: Iterable[Fold], *, is_forward: bool) -> None:
    """Take over ranges; a quote is widened by the line that announces it."""
    for fold in marked:
        inside = [
            index
            for index, line in enumerate(lines)
            if line.start >= fold.start and line.end <= fold.end
        ]
        if not inside:
            continue
        first = inside[0]
        if fold.kind == "quote":
            if is_forward or any(FORWARD_RULE.match(lines[i].text) for i in inside[:3]):
                continue
            first = _attribution_above(lines, first)
        for index in range(first, inside[-1] + 1):
            lines[index].kind = fold.kind


def _angle_quotes(lines: list[Line]) -> None:
    """Fold lines that begin with ``>``, with what announces them."""
    for index, line in enumerate(lines):
        if line.text.lstrip().startswith((">", "&gt;")) and line.kind is None:
            line.kind = "quote"
            if index and lines[index - 1].kind is None:
                for above in range(_attribution_above(lines, index), index):
                    lines[above].kind = "quote"


def _attribution_above(lines: list[Line], index: int) -> int:
    """Return where the announcement right above a quote starts; ``index`` without one."""
    end = index - 1
    while end >= 0 and lines[end].is_blank and index - end <= 3:
        end -= 1
    if end < 0 or lines[end].kind is not None:
        return index
    if ORIGINAL_RULE.fullmatch(lines[end].text):
        return end
    start = _attribution(lines, end, is_followed=True)
    return index if start is None else start


def _attribution(lines: list[Line], end: int, *, is_followed: bool) -> int | None:
    """Return the first line of an attribution whose last line is ``end``; None when it is none.

    Args:
        lines: All lines.
        end: The line that ends in a colon.
        is_followed: A quote follows for certain, so less proof is asked.
    """
    last = lines[end].text.rstrip(" \u00a0-*")
    if not last.endswith((":", "\uff1a", ">", "wrote", "écrit")):
        return None
    joined = ""
    best = None
    for start in range(end, max(-1, end - ATTRIBUTION_LINES), -1):
        line = lines[start]
        if line.is_blank or line.kind is not None:
            break
        joined = f"{line.text.strip()} {joined}".strip()
        if len(joined) > ATTRIBUTION_CHARS:
            break
        begins = bool(START.match(line.text))
        may_begin = begins or (VERB.search(line.text) and ADDRESS.search(line.text))
        if (may_begin or start == end) and _announces(joined, is_followed=is_followed):
            best = start
            if begins:
                break
    return best


def _announces(joined: str, *, is_followed: bool) -> bool:
    has_verb = bool(VERB.search(joined))
    has_time = bool(WHEN.search(joined))
    has_address = bool(ADDRESS.search(joined))
    if has_verb:
        return has_time or has_address or (is_followed and len(joined) < 120)
    return has_time and has_address and joined.rstrip(" -*").endswith((":", "\uff1a", ">"))


def _announced(lines: list[Line], *, is_forward: bool) -> None:
    """Fold to the end after a header block, a rule or an attribution without ``>`` lines."""
    for index, line in enumerate(lines):
        if line.kind is not None or line.is_blank:
            continue
        if FORWARD_RULE.fullmatch(line.text):
            return  # what follows is what the mail has to say
        start = _quote_start(lines, index, is_forward=is_forward)
        if start is None:
            continue
        if all(one.is_blank or one.kind for one in lines[:start]):
            return
        for rest in lines[start:]:
            rest.kind = "quote"
        return


def _quote_start(lines: list[Line], index: int, *, is_forward: bool) -> int | None:
    line = lines[index]
    if ORIGINAL_RULE.fullmatch(line.text):
        return None if is_forward else index
    if _is_header_block(lines, index):
        return None if is_forward else _with_rule(lines, index)
    if line.text.rstrip(" \u00a0-*").endswith((":", "\uff1a", "wrote", "écrit")):
        following = next((one for one in lines[index + 1 :] if not one.is_blank), None)
        if following is None or following.kind == "quote":
            return None
        start = _attribution(lines, index, is_followed=False)
        if start is not None and START.match(lines[start].text):
            return start
    return None


def _is_header_block(lines: list[Line], index: int) -> bool:
    """Tell ``From: ... Sent: ... To: ... Subject: ...`` as a reply of Outlook has it."""
    first = LABEL.match(lines[index].text)
    if first is None or not (first["from"] or first["sent"]):
        return False
    seen = {first.lastgroup and next(k for k in ("from", "sent", "to", "subject") if first[k])}
    block = first["value"]
    misses = 0
    for line in lines[index + 1 : index + 12]:
        if line.kind is not None:
            break
        found = LABEL.match(line.text)
        if found:
            seen.add(next(k for k in ("from", "sent", "to", "subject") if found[k]))
            block += found["value"]
            misses = 0
        elif line.is_blank or misses >= 2:
            if misses or len(seen) >= 3:
                break
            misses += 1
        else:
            block += line.text
            misses += 1
    if "from" not in seen:
        return False
    if len(seen) >= 3:
        return bool(ADDRESS.search(block) or WHEN.search(block))
    return len(seen) == 2 and bool(ADDRESS.search(first["value"]))


def _with_rule(lines: list[Line], index: int) -> int:
    """Return ``index``, or the line of the rule right above it."""
    above = index - 1
    while above >= 0 and lines[above].is_blank and index - above < 3:
        above -= 1
    if above >= 0 and (
        RULE.fullmatch(lines[above].text) or ORIGINAL_RULE.fullmatch(lines[above].text)
    ):
        return above
    return index


def _signature(lines: list[Line]) -> None:
    """Fold the signature of what is left visible."""
    visible = [index for index, line in enumerate(lines) if line.kind is None]
    while visible and lines[visible[-1]].is_blank:
        visible.pop()
    if not visible:
        return
    _mobile(lines, visible)
    visible = [index for index in visible if lines[index].kind is None]
    while visible and lines[visible[-1]].is_blank:
        visible.pop()
    if not visible:
        return
    start = _last_segment(visible)
    segment = [index for index in visible if index >= start]
    found = _dashes(lines, segment)
    if found is None:
        found = _list_footer(lines, segment)
    said = segment if found is None else [index for index in segment if index < found]
    if (closing := _closing(lines, said)) is not None:
        found = closing
    if found is not None:
        for index in range(found, segment[-1] + 1):
            lines[index].kind = "signature"


def _last_segment(visible: list[int]) -> int:
    """Return the first line of the last run of visible lines."""
    start = visible[0]
    for before, after in pairwise(visible):
        if after != before + 1:
            start = after
    return start


def _dashes(lines: list[Line], segment: list[int]) -> int | None:
    for index in segment:
        if DASHES.fullmatch(lines[index].text) and segment[-1] - index <= SIGNATURE_LINES:
            return index
    return None


def _list_footer(lines: list[Line], segment: list[int]) -> int | None:
    for index in segment[-8:]:
        rest = " ".join(lines[one].text for one in segment if one > index)
        is_rule = LIST_RULE.fullmatch(lines[index].text)
        if is_rule and ("http" in rest or "@" in rest) and "ist" in rest:
            return index
    return None


def _closing(lines: list[Line], segment: list[int]) -> int | None:
    """Return the line of "Best regards" when a name and little else follows."""
    for index in segment[-CLOSING_LINES - 4 :]:
        if not CLOSING.fullmatch(lines[index].text.strip()):
            continue
        rest = [lines[one].text.strip() for one in segment if one > index]
        said = [one for one in rest if one]
        is_short = all(len(one) <= CLOSING_CHARS and not one.endswith("?") for one in said)
        if said and len(said) <= CLOSING_LINES and is_short and index > segment[0]:
            return index
    return None


def _mobile(lines: list[Line], visible: list[int]) -> None:
    """Fold "Sent from my phone": a paragraph of its own, wherever the program put it."""
    for index in visible:
        around = lines[max(0, index - 1) : index] + lines[index + 1 : index + 2]
        if MOBILE.fullmatch(lines[index].text.strip()) and all(
            one.is_blank or one.kind or MOBILE.fullmatch(one.text.strip()) for one in around
        ):
            lines[index].kind = "signature"


def _ranges(lines: list[Line]) -> tuple[Fold, ...]:
    """Join lines of one kind; blank lines between them belong to the fold."""
    folds: list[Fold] = []
    index = 0
    while index < len(lines):
        kind = lines[index].kind
        if kind is None:
            index += 1
            continue
        last = index
        ahead = index + 1
        while ahead < len(lines) and (lines[ahead].kind == kind or lines[ahead].is_blank):
            if lines[ahead].kind == kind:
                last = ahead
            ahead += 1
        folds.append(Fold(lines[index].start, lines[last].end, kind))
        index = last + 1
    return tuple(folds)
