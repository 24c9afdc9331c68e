import pytest

from stormdesk.understand import LOOKALIKE, lookalike

OWN = ["sberbank", "tinkoff_bank", "@aeroflot", "вкусвилл"]


@pytest.mark.parametrize(
    "handle",
    [
        "sbеrbank",
        "sber8ank",
        "sberbank_support",
        "sberbnak",
        "aer0flot",
        "aeroflot_help",
        "tinkoff_bаnk",
        "vkusvill",
        "aerofIot",
    ],
)
def test_imitations(handle: str) -> None:
    assert lookalike(handle, OWN) >= LOOKALIKE


@pytest.mark.parametrize(
    "handle", ["alfabank", "ivan_petrov", "airfrance", "kofe_s_soboi", "sbermarket", "flot"]
)
def test_other_people(handle: str) -> None:
    assert lookalike(handle, OWN) < LOOKALIKE


def test_our_own_handle_is_no_imitation() -> None:
    assert lookalike("SberBank", OWN) == lookalike("aeroflot", OWN) == 0
    assert lookalike("", OWN) == lookalike("someone", []) == 0
