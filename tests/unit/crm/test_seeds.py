from hypothesis import given
from hypothesis import strategies as st

from crm_core.seeds import card_seed


def test_a_named_stranger_becomes_a_card_of_that_name():
    seed = card_seed("email", "Ion.Popescu@example.md", '"Țurcanu, Ștefan"')
    assert seed.display_name == "Țurcanu, Ștefan"
    assert (seed.given_name, seed.family_name) == ("Ștefan", "Țurcanu")
    assert seed.compare == "ion.popescu@example.md"
    assert seed.raw == "Ion.Popescu@example.md"
    assert seed.name_key == "stfn trkn"


def test_a_nameless_stranger_is_called_by_the_address():
    seed = card_seed("phone", "+37369123456")
    assert seed.display_name == "+373 691 23 456"
    assert seed.name_key == ""
    assert seed.display == ""


@given(
    st.sampled_from(["email", "phone", "telegram_user", "web_visitor", "sip_uri"]),
    st.text(min_size=1, max_size=60),
    st.none() | st.text(max_size=200),
)
def test_nothing_a_channel_hands_over_breaks_a_seed(kind, value, display):
    seed = card_seed(kind, value, display)
    assert "\0" not in seed.display_name + seed.compare + seed.raw
