"""One checker over every network: it keeps what it promises, says what it cannot, and needs nothing of the house."""

import asyncio
import inspect
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stormdesk import networks
from stormdesk.networks.base import Capability, Network, Outgoing, Permanent, Scheduled, WritesFirst, Wrong

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GUIDE = Path(__file__).parents[2] / "docs" / "extend" / "network.md"

# A promise and the methods that keep it.
KEPT_BY = {
    Capability.SEARCH: ["hear"],
    Capability.NOTIFICATIONS: ["hear"],
    Capability.TIMELINE: ["hear"],
    Capability.STREAM: ["stream"],
    Capability.RECEIVE: ["receive"],
    Capability.BRING: ["bring_to", "stop_bringing", "brought"],
    Capability.PUBLISH: ["publish", "health"],
    Capability.REPLY: ["publish"],
    Capability.DIRECT: ["publish"],
    Capability.MEDIA: ["publish"],
    Capability.EDIT: ["edit"],
    Capability.DELETE: ["delete"],
    Capability.THREAD: ["thread"],
    Capability.HIDE: ["hide"],
    Capability.REMOVE: ["remove"],
    Capability.REPORT: ["report"],
    Capability.RECONCILE: ["reconcile"],
    Capability.OWN_POSTS: ["own_posts"],
    Capability.NATIVE_SCHEDULES: ["native_schedules", "remove_schedule", "restore_schedule"],
    Capability.CONNECT: ["begin_connecting", "finish_connecting"],
}
OUTGOING = Outgoing("x", "k")
CALLS = {
    "hear": ("any", {}, {}, {}),
    "stream": ("any", {}, {}, {}),
    "receive": ({}, b"", {}, {}, {}, NOW),
    "bring_to": ({}, {}, "https://us.example/hook"),
    "stop_bringing": ({}, {}, "https://us.example/hook"),
    "brought": ({}, {}, "https://us.example/hook"),
    "publish": ({}, {}, OUTGOING),
    "reconcile": ({}, {}, OUTGOING, NOW),
    "edit": ({}, {}, "1", "x"),
    "delete": ({}, {}, "1"),
    "thread": ({}, {}, "1"),
    "hide": ({}, {}, "1"),
    "remove": ({}, {}, "1"),
    "report": ({}, {}, "1", Wrong.SPAM),
    "own_posts": ({}, {}, NOW),
    "health": ({}, {}),
    "native_schedules": ({}, {}),
    "remove_schedule": ({}, {}, "1"),
    "restore_schedule": ({}, {}, Scheduled("1", "x", NOW), NOW, "k"),
    "begin_connecting": ({}, "https://us.example/back", "state"),
    "finish_connecting": ({}, {}, "https://us.example/back", {}),
}

every = pytest.mark.parametrize("network", networks.ALL.values(), ids=networks.ALL.keys())


def folder(network):
    return Path(inspect.getfile(type(network))).parent


def offers(network, method):
    return getattr(type(network), method) is not getattr(Network, method)


def capability_table() -> str:
    """The table of docs/extend/network.md; `python tests/contracts/test_networks.py` writes it there."""
    rows = ["| Network | Can | Tested against |", "| --- | --- | --- |"]
    for network in networks.ALL.values():
        can = ", ".join(c.value.replace("_", " ") for c in Capability if network.can(c))
        rows.append(f"| {network.title} | {can} | {network.tested_against} |")
    return "\n".join(rows)


def write_table() -> None:
    """Put the present table where the old one stands."""
    text = GUIDE.read_text(encoding="utf-8")
    old = re.search(r"\| Network \| Can .*?(?=\n\n|\n?\Z)", text, re.DOTALL)
    assert old, "there is no table to replace"
    GUIDE.write_text(text.replace(old[0], capability_table()), encoding="utf-8")


@every
def test_it_is_a_whole_folder(network):
    assert folder(network).name == network.name
    assert networks.get(network.name) is network
    assert network.title
    assert network.tested_against
    assert list((folder(network) / "tests").glob("test_*.py"))


@every
def test_promises_and_methods_agree(network):
    promised = {method for c in network.capabilities for method in KEPT_BY.get(c, [])}
    kept = {method for method in CALLS if offers(network, method)}
    assert promised <= kept
    assert kept - promised <= {"health"}


@every
def test_what_is_not_offered_is_refused_with_a_sentence(network):
    for method, arguments in CALLS.items():
        if offers(network, method):
            continue

        async def call(name=method, given=arguments):
            await getattr(network, name)(*given)

        with pytest.raises(Permanent) as caught:
            asyncio.run(call())
        assert caught.value.code == "not_offered"
        assert network.title in str(caught.value)


@every
def test_what_must_be_unclear_can_be_asked_about(network):
    if network.can(Capability.PUBLISH):
        assert network.can(Capability.RECONCILE)
        assert network.can(Capability.OWN_POSTS)
    if network.can(Capability.REPLY) or network.can(Capability.DIRECT):
        assert network.can(Capability.PUBLISH)
    assert network.can(Capability.RECEIVE) or not network.can(Capability.BRING)


@every
def test_private_words_pictures_and_limits_are_declared(network):
    assert network.can(Capability.DIRECT) == (network.writes_first != WritesFirst.NOBODY)
    assert network.can(Capability.MEDIA) == (network.media_count > 0)
    assert not network.can(Capability.CONNECT) or network.scopes
    for limit in network.limits:
        assert limit.count > 0
        assert limit.seconds > 0
        assert limit.source.startswith("https://")
    assert all(scope.name and scope.why for scope in network.scopes)


@every
def test_it_says_in_both_languages_what_it_hides(network):
    english, russian = network.cannot_see("en"), network.cannot_see("ru-RU")
    assert len(english) == len(russian) >= 2
    assert network.cannot_see("de") == english
    assert all(re.search("[а-яё]", point) for point in russian)
    assert not re.search("[а-яё]", " ".join(english).lower())


@every
def test_its_fields_can_be_asked_for(network):
    for fields in (network.fields, *(source.fields for source in network.sources)):
        names = [field.name for field in fields]
        assert len(names) == len(set(names))
        for field in fields:
            assert field.name.isidentifier()
            assert field.title
            assert field.secret == (field.kind == "password")
    kinds = [source.kind for source in network.sources]
    assert len(kinds) == len(set(kinds))
    assert any(source.stream for source in network.sources) == network.can(Capability.STREAM)


def test_no_network_needs_django():
    code = "import sys; from stormdesk import networks; networks.ALL; sys.exit('django' in sys.modules)"
    path = str(Path(networks.__file__).parents[2])
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, check=False).returncode == 0


def test_an_unknown_network_is_a_key_error():
    with pytest.raises(KeyError):
        networks.get("myspace")


def test_the_guide_shows_what_the_networks_say():
    assert capability_table() in GUIDE.read_text(encoding="utf-8"), capability_table()


if __name__ == "__main__":
    write_table()
