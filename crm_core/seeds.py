"""What a stranger's first message says about them: all that makes an identity and a card."""

from functools import lru_cache

import msgspec

from crm_core.addresses import address_grams, address_name, compare_key
from crm_core.names import clean_name, name_key, search_grams, search_text, sort_key, split_name


REMEMBERED = 2_048  # senders; most of a burst comes from few


class CardSeed(msgspec.Struct, frozen=True):
    """The columns of a new card and of its identity, ready for the ingest's SQL.

    Attributes:
        display: The name the address came with, cleaned; "" without one.
        display_name: What the card is called: the name, else the address.
        compare: What spellings of the address share; unique with its kind.
        grams: Pieces the address is found by.
        raw: The address as it was given.
    """

    display: str
    display_name: str
    given_name: str
    family_name: str
    sort_key: str
    name_key: str
    search_text: str
    search_grams: tuple[str, ...]
    compare: str
    grams: tuple[str, ...]
    raw: str


@lru_cache(REMEMBERED)
def card_seed(kind: str, value: str, display: str | None = None) -> CardSeed:
    """Return what is known of a client who wrote from an address for the first time.

    It takes whatever a channel hands over: no name and no address makes it fail.

    Args:
        kind: The address kind of the channel contract.
        value: The address in canonical form.
        display: The name it came with, as the sender wrote it.
    """
    value = value.replace("\0", "")
    name = clean_name(display or "")
    given, family = split_name(name)
    shown = name or clean_name(address_name(kind, value)) or address_name(kind, value)
    return CardSeed(
        display=name,
        display_name=shown,
        given_name=given,
        family_name=family,
        sort_key=sort_key(shown),
        name_key=name_key(name),
        search_text=search_text(name),
        search_grams=tuple(search_grams(name)),
        compare=compare_key(kind, value),
        grams=tuple(address_grams(kind, value)),
        raw=value,
    )
