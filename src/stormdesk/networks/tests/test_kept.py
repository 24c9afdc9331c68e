"""Long keys that are good once: used once, and kept before they are used."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from stormdesk.networks import kept
from stormdesk.networks.base import Retryable, Unauthorised, Unknown

BEGUN = {"client_secret": "s", "refresh_token": "r0"}


class Door:
    """A network that gives every long key once; `fault` is what becomes of the answer."""

    def __init__(self) -> None:
        self.good, self.number, self.fault, self.asked = "r0", 0, None, 0
        self.lock = threading.Lock()

    async def __call__(self, held):
        with self.lock:
            self.asked += 1
            if held["refresh_token"] != self.good:
                raise Unauthorised("used up", code="expired")
            if self.fault == "before":
                raise Retryable("not reached")
            self.number += 1
            self.good = f"r{self.number}"
            number = self.number
        await asyncio.sleep(0.01)
        if self.fault == "after":
            raise Unknown("the line broke")
        return {"refresh_token": f"r{number}", "access_token": f"a{number}"}

    def lets_in(self, held):
        return held.get("access_token") == f"a{self.number}" and self.number > 0


@pytest.fixture
def keeper(monkeypatch):
    monkeypatch.setattr(kept, "BUSY", 0.001)
    found = kept.Memory()
    found.put("1", BEGUN)
    monkeypatch.setattr(kept, "_keeper", found)
    kept.forget()
    yield found
    kept.forget()


def ask(door, secret=None):
    return asyncio.run(kept.fresh(secret or kept.named(BEGUN, "1"), door.lets_in, door))


def test_it_is_kept_before_it_is_used_and_a_restart_goes_on_from_there(keeper):
    door = Door()
    assert ask(door)["access_token"] == "a1"
    assert keeper.look("1") == BEGUN | {"refresh_token": "r1", "access_token": "a1"}
    kept.forget()
    assert ask(door, kept.named(keeper.look("1"), "1"))["access_token"] == "a1"
    door.number += 1  # the short key ends
    door.good = "r1"
    kept.forget()
    assert ask(door)["refresh_token"] == door.good == keeper.look("1")["refresh_token"]
    assert door.asked == 2


def test_many_at_once_exchange_it_once(keeper):
    door, found = Door(), []
    threads = [threading.Thread(target=lambda: found.append(ask(door)["access_token"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, door.asked) == (["a1"] * 8, 1)


def test_whoever_is_called_off_in_the_middle_loses_no_key(keeper):
    door = Door()

    async def hasty():
        await asyncio.wait_for(kept.fresh(kept.named(BEGUN, "1"), door.lets_in, door), 0.005)

    with pytest.raises(TimeoutError):
        asyncio.run(hasty())
    assert keeper.look("1")["refresh_token"] == door.good == "r1"


def test_an_exchange_that_never_got_there_leaves_the_key_as_good_as_before(keeper):
    door = Door()
    door.fault = "before"
    with pytest.raises(Retryable):
        ask(door)
    door.fault = None
    assert ask(door)["refresh_token"] == "r1"


def test_a_key_lost_on_the_way_is_told_as_what_it_is(keeper):
    door = Door()
    door.fault = "after"
    with pytest.raises(Retryable):
        ask(door)
    with pytest.raises(Unauthorised) as caught:
        ask(door)
    assert caught.value.code == "lost_key"
    assert "connect the account again" in str(caught.value)


def test_a_key_that_was_taken_away_is_told_in_the_network_s_own_words(keeper):
    door = Door()
    door.good = "elsewhere"
    with pytest.raises(Unauthorised) as caught:
        ask(door)
    assert caught.value.code == "expired"


def test_a_store_without_room_keeps_the_new_key_for_later(keeper, monkeypatch):
    door = Door()
    full = pytest.MonkeyPatch()
    full.setattr(keeper, "keep", lambda *_: 1 / 0)
    with pytest.raises(Retryable) as caught:
        ask(door)
    assert caught.value.code == "not_kept"
    full.undo()
    assert ask(door)["access_token"] == "a1"
    assert (door.asked, keeper.look("1")["refresh_token"]) == (1, "r1")


def test_somebody_else_renewing_is_waited_for(keeper, monkeypatch):
    monkeypatch.setattr(kept, "WAIT", 0.05)
    monkeypatch.setattr(kept, "TURN", 0.01)
    door = Door()
    assert keeper.claim("1", 60) is not None
    with pytest.raises(Retryable):
        ask(door)
    assert door.asked == 0


def test_one_that_died_renewing_is_followed_after_its_time(keeper):
    door = Door()
    assert keeper.claim("1", 0.01) is not None
    time.sleep(0.02)
    door.good = "r1"  # it had exchanged the key
    with pytest.raises(Unauthorised) as caught:
        ask(door)
    assert caught.value.code == "lost_key"


def test_what_a_person_did_meanwhile_stands(monkeypatch):
    door = Door()

    class Reconnected(kept.Memory):
        def keep(self, name, used, changes):
            self._secrets[name] = {"refresh_token": "of a person"}
            return super().keep(name, used, changes)

    other = Reconnected()
    other.put("1", BEGUN)
    monkeypatch.setattr(kept, "_keeper", other)
    kept.forget()
    assert ask(door)["access_token"] == "a1"
    assert other.look("1") == {"refresh_token": "of a person"}


def test_a_secret_without_a_name_is_kept_in_this_process():
    kept.forget()
    door = Door()
    assert ask(door, BEGUN)["access_token"] == "a1"
    door.number, door.good = 5, "r1"
    assert ask(door, BEGUN)["refresh_token"] == "r6"
    kept.forget()
