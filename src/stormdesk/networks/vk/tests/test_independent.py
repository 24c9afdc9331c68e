"""The emulation checked from outside: vkbottle, a client library of others whose types are made from VK's schema,
speaks to the same server; and everything our client asks is put beside the methods as that library knows them."""

import asyncio
import inspect
from pathlib import Path

import pytest
from vkbottle import API, VKAPIError
from vkbottle_types.events.objects import group_event_objects

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.tests.served import served
from stormdesk.networks.vk import NETWORK
from stormdesk.networks.vk.tests import emulation
from stormdesk.networks.vk.tests.emulation import ANNA, BORIS, GROUP

DOCUMENTED = {"owner_id"}
"""Stands in dev.vk.com/ru/method/wall.get, is taken by every client, and is missing in the published schema."""


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def with_client(do, state=None):
    state = state or emulation.Vk()

    async def go():
        async with served(state.handle) as server:
            user, group = API(emulation.USER_KEY), API(emulation.GROUP_KEY)
            for api in (user, group):
                api.API_URL = f"{server.url}/method/"
            try:
                return await do(user, group, state)
            finally:
                for api in (user, group):
                    await api.http_client.close()

    return asyncio.run(go())


def test_another_client_does_everything_ours_does():
    async def go(user, group, state):
        post = await user.wall.post(owner_id=-GROUP, from_group=True, message="Привет 🔥", guid="g")
        assert (
            await user.wall.post(owner_id=-GROUP, from_group=True, message="Привет 🔥", guid="g")
        ).post_id == post.post_id
        wall = await user.wall.get(owner_id=-GROUP, count=10)
        assert [(one.text, one.from_id) for one in wall.items] == [("Привет 🔥", -GROUP)]
        comment = await group.wall.create_comment(
            owner_id=-GROUP, post_id=post.post_id, from_group=GROUP, message="да"
        )
        answer = await user.wall.create_comment(
            owner_id=-GROUP, post_id=post.post_id, message="нет", reply_to_comment=comment.comment_id
        )
        assert answer.parents_stack == [comment.comment_id]
        comments = await user.wall.get_comments(
            owner_id=-GROUP, post_id=post.post_id, extended=True, thread_items_count=10
        )
        assert [(c.text, [t.text for t in c.thread.items]) for c in comments.items] == [("да", ["нет"])]
        assert comments.groups[0].screen_name == "teapot"
        await user.wall.edit(owner_id=-GROUP, post_id=post.post_id, message="Исправлено")
        state.write(ANNA, "Алло?")
        first = await group.messages.send(peer_id=ANNA, random_id=7, message="Слушаем")
        assert await group.messages.send(peer_id=ANNA, random_id=7, message="Слушаем") == first
        history = await group.messages.get_history(peer_id=ANNA, count=10)
        assert [(m.text, m.out, m.random_id) for m in history.items] == [
            ("Слушаем", True, 7),
            ("Алло?", False, 0),
        ]
        found = await user.newsfeed.search(q="исправлено", extended=True)
        assert [one.text for one in found.items] == ["Исправлено"]
        assert await user.wall.delete_comment(owner_id=-GROUP, comment_id=answer.comment_id)
        assert await user.wall.restore_comment(owner_id=-GROUP, comment_id=answer.comment_id)
        late = await user.wall.post(
            owner_id=-GROUP, from_group=True, message="Скидки", publish_date=emulation.NOW + 60
        )
        waiting = await user.wall.get(owner_id=-GROUP, filter="postponed")
        assert [one.id for one in waiting.items] == [late.post_id]
        assert await user.wall.delete(owner_id=-GROUP, post_id=late.post_id)
        upload = await user.photos.get_wall_upload_server(group_id=GROUP)
        assert upload.upload_url.endswith("/upload")
        photos = await user.photos.save_wall_photo(photo="[{}]", server=1, hash="h", group_id=GROUP)
        assert photos[0].owner_id == -GROUP
        assert (await group.groups.get_by_id(group_id=GROUP)).groups[0].screen_name == "teapot"
        assert {r.name for r in (await group.groups.get_token_permissions()).permissions} >= {
            "messages",
            "manage",
        }
        line = await group.groups.get_long_poll_server(group_id=GROUP)
        assert (line.key, line.ts) == ("key-1", "0")

    with_client(go)


def test_another_client_understands_every_refusal():
    async def go(user, group, state):
        async def code(call):
            with pytest.raises(VKAPIError) as refused:
                await call
            return refused.value.code

        assert await code(group.wall.post(owner_id=-GROUP, message="x")) == 27
        assert await code(group.messages.send(peer_id=BORIS, random_id=1, message="x")) == 901
        assert await code(user.wall.post(owner_id=-GROUP)) == 100
        assert await code(user.wall.delete(owner_id=-GROUP, post_id=99)) == 15
        assert await code(user.wall.restore_comment(owner_id=-GROUP, comment_id=99)) == 243
        state.refuse["wall.get"] = [6, 29]
        assert [await code(user.wall.get(owner_id=-GROUP)) for _ in range(2)] == [6, 29]
        user.token_generator.token = "wrong"
        assert await code(user.wall.get(owner_id=-GROUP)) == 5

    with_client(go)


def test_the_other_library_reads_our_events():
    state = emulation.Vk()
    post = state.wall_post(-GROUP, ANNA, "пост")
    kinds = {
        "WallPostNewObject": post,
        "WallReplyNewObject": state.comment(post, ANNA, "комментарий") | {"post_owner_id": -GROUP},
        "MessageNewObject": {"message": state.write(ANNA, "Алло?")},
    }
    for name, thing in kinds.items():
        getattr(group_event_objects, name).model_validate(thing)


def test_the_other_library_knows_every_method_and_parameter_we_use():
    api = API("x")
    for method, (_, _, parameters) in emulation.METHODS.items():
        category, _, name = method.partition(".")
        snake = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)
        known = set(inspect.signature(getattr(getattr(api, category), snake)).parameters)
        assert set(parameters) - known <= DOCUMENTED, method


def test_our_client_uses_every_method_the_emulation_has():
    """The other way round: what is emulated and never asked would prove nothing."""
    files = Path(inspect.getfile(type(NETWORK))).parent.glob("*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [method for method in emulation.METHODS if f'"{method}"' not in source] == []
