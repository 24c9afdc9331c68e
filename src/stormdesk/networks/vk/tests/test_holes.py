"""More was said than VK lets be read in one turn: what is missing is told, and nothing is where all was read."""

import pytest

from stormdesk.networks.vk import listening
from stormdesk.networks.vk.tests import emulation
from stormdesk.networks.vk.tests.emulation import ANNA, GROUP
from stormdesk.networks.vk.tests.test_emulation import _local, hear

__all__ = ["_local"]


def talk(posts: int) -> emulation.Vk:
    state = emulation.Vk()
    for number in range(posts):
        post = state.wall_post(-GROUP, ANNA, f"чайник {number}")
        state.mentioned.append(post)
    return state


@pytest.mark.parametrize(("posts", "lost"), [(3, False), (4, False), (5, True), (9, True)])
def test_a_stretch_of_a_search_that_cannot_be_shortened(posts, lost, monkeypatch):
    monkeypatch.setattr(listening, "PAGE", 2)
    monkeypatch.setattr(listening, "MOST", 4)
    batch = hear("search", talk(posts), {"since": emulation.NOW - 60}, query="чайник")
    assert (len(batch.items), batch.lost) == (min(posts, 4), lost)


@pytest.mark.parametrize(("posts", "lost"), [(3, False), (9, True)])
def test_a_wall_on_which_more_came_than_is_read_at_once(posts, lost, monkeypatch):
    monkeypatch.setattr(listening, "WALL_PAGE", 4)
    monkeypatch.setattr(listening, "WALL_PAGES", 1)
    state = talk(posts)
    assert hear("wall", state, {"after": 1}).lost is lost
    assert not hear("wall", state).lost, "the first time one page is enough"


@pytest.mark.parametrize(("posts", "lost"), [(99, False), (101, True)])
def test_mentions_of_which_more_came_than_are_read_at_once(posts, lost, monkeypatch):
    monkeypatch.setattr(listening, "WALL_PAGES", 1)
    assert hear("mentions", talk(posts), {"since": emulation.NOW - 60}).lost is lost
