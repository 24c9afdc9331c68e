"""A real mailbox and a real SMTP server: heard, answered, and found again after a lost answer."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Media, Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.email import NETWORK, folders, listening, speaking
from stormdesk.networks.email.tests.post_office import OWN, letter, office

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def word():
    return f"w{uuid.uuid4().hex[:10]}"


def test_a_letter_is_heard_once_answered_and_the_conversation_goes_on():
    async def story():
        async with office() as post:
            assert (await NETWORK.health(post.settings, post.secret)).ok
            _, cursor = await post.hear({})
            post.deliver(letter("Верните деньги\n> старое", number="olga-1"))
            items, cursor = await post.hear(cursor)
            (heard,) = items
            assert (heard.native_id, heard.text) == ("olga-1@mail.test", "Чайник\n\nВерните деньги")
            assert (heard.author.handle, heard.author.name) == ("olga@mail.test", "Ольга Петрова")
            assert (heard.kind, heard.visibility, heard.addressed) == ("direct", "direct", True)
            assert abs(heard.published_at - datetime.now(UTC)) < timedelta(minutes=1)
            assert (await post.hear(cursor))[0] == []
            post.box.select(post.folder)
            assert post.box.search(None, "UNSEEN")[1] == [b"1"], "hearing marks nothing as read"

            answer = Outgoing("Вернём.\n.точка в начале строки", word(), in_reply_to=heard.native_id,
                              to_handle="olga@mail.test", visibility="direct")  # fmt: skip
            sent = await NETWORK.publish(post.settings, post.secret, answer)
            recipients, arrived = post.sent[0]
            assert recipients == ["olga@mail.test", OWN]
            assert arrived.get_content().replace("\r\n", "\n") == "Вернём.\n.точка в начале строки\n"
            assert str(arrived["subject"]) == "Re: Чайник"
            assert str(arrived["from"]) == "Acme «Помощь» <help@acme.test>"
            assert str(arrived["in-reply-to"]) == str(arrived["references"]) == "<olga-1@mail.test>"
            assert str(arrived["message-id"]) == f"<{sent.native_id}>"
            assert arrived["bcc"] is None

            assert (await post.hear(cursor))[0] == []  # the copy to ourselves is no news
            post.deliver(letter("Спасибо!", in_reply_to=f"<{sent.native_id}>",
                                references=f"<olga-1@mail.test> <{sent.native_id}>"))  # fmt: skip
            (thanks,), _ = await post.hear(cursor)
            assert (thanks.in_reply_to, thanks.thread) == (sent.native_id, heard.native_id)
            own = await NETWORK.own_posts(post.settings, post.secret, datetime.now(UTC) - timedelta(hours=1))
            assert [o.native_id for o in own] == [sent.native_id]
            assert own[0].thread == heard.native_id

    asyncio.run(story())


def test_many_letters_come_oldest_first_and_machines_are_passed_over(monkeypatch):
    monkeypatch.setattr(listening, "AT_ONCE", 4)

    async def story():
        async with office() as post:
            post.deliver(letter("0"))
            items, cursor = await post.hear({})
            for n in range(1, 10):
                post.deliver(letter(str(n)))
            ours = f"<x.stormdesk@{OWN.split('@')[1]}>"
            for headers in (
                {"Auto_Submitted": "auto-replied"},
                {"List_Id": "<news.shop.test>"},
                {"Precedence": "bulk"},
                {"From": f"Acme <{OWN}>"},
                {"From": "MAILER-DAEMON@mail.test"},
            ):
                post.deliver(letter("machine", **headers))
            post.deliver(letter("undelivered", From="MAILER-DAEMON@mail.test", In_Reply_To=ours))
            later, cursor = await post.hear(cursor)
            assert [i.text.split("\n\n")[1] for i in items + later] == [*map(str, range(10)), "undelivered"]
            assert later[-1].in_reply_to == ours.strip("<>")
            assert (await post.hear(cursor))[0] == []

    asyncio.run(story())


def test_a_folder_that_is_counted_anew_is_read_again_and_nothing_is_lost():
    async def story():
        async with office() as post:
            post.deliver(letter("before", number="before"))
            _, cursor = await post.hear({})
            post.deliver(letter("after", number="after"))
            batch = await NETWORK.hear("letters", post.settings, post.secret, cursor | {"validity": 1})
            # What was heard before comes again under its own id, which is how it is known.
            assert [i.native_id for i in batch.items] == ["before@mail.test", "after@mail.test"]
            assert batch.lost
            again = await NETWORK.hear("letters", post.settings, post.secret, batch.cursor)
            assert (again.items, again.lost) == ([], False)

    asyncio.run(story())


def test_after_a_lost_answer_the_copy_to_ourselves_shows_that_it_went_out():
    async def story():
        async with office("falls silent") as post:
            outgoing = Outgoing("Заявление", word(), to_handle="olga@mail.test", visibility="direct")
            start = datetime.now(UTC)
            with pytest.raises(Unknown):
                await NETWORK.publish(post.settings, post.secret, outgoing)
            found = await NETWORK.reconcile(post.settings, post.secret, outgoing, start)
            assert found.native_id == speaking.own_id(post.settings, outgoing.key)
            assert len(post.sent) == 1
            never = Outgoing("Другое", word(), to_handle="olga@mail.test", visibility="direct")
            with pytest.raises(Retryable):  # a copy may still be on its way
                await NETWORK.reconcile(post.settings, post.secret, never, start)
            earlier = start - timedelta(minutes=10)
            assert await NETWORK.reconcile(post.settings, post.secret, never, earlier) is None

    asyncio.run(story())


@pytest.mark.parametrize(
    ("to", "behaves", "error"),
    [
        ("nobody@mail.test", "well", Permanent),
        ("slow@mail.test", "well", Retryable),
        ("olga@mail.test", "refuses", Permanent),
        ("olga@mail.test\r\nBcc: all@mail.test", "well", Permanent),
        ("olga@mail.test, boris@mail.test", "well", Permanent),
        ("ольга@mail.test", "well", Permanent),
    ],
)
def test_what_a_refusal_means(to, behaves, error):
    async def story():
        async with office(behaves) as post:
            with pytest.raises(error) as caught:
                await NETWORK.publish(post.settings, post.secret, Outgoing("x", word(), to_handle=to))
            assert type(caught.value) is error
            assert caught.value.message % caught.value.facts == str(caught.value)
            assert post.sent == []

    asyncio.run(story())


def test_files_go_along_and_headers_take_no_second_line():
    async def story():
        async with office() as post:
            shown = Media(description="чек\r\nBcc: all@mail.test", content=b"\x89PNG", content_type="image/png\r\nX: y",
                          name="чек\r\n.png")  # fmt: skip
            settings = post.settings | {"name": "Acme\r\nBcc: all@mail.test"}
            text = "Здравствуйте\r\nBcc: all@mail.test\r\n\r\n.\r\nтекст"
            await NETWORK.publish(
                settings, post.secret, Outgoing(text, word(), to_handle="olga@mail.test", media=(shown,))
            )
            ((recipients, arrived),) = post.sent
            assert recipients == ["olga@mail.test", OWN]
            assert arrived["bcc"] is None
            body, file = arrived.iter_parts()
            assert "\n.\n" in body.get_content().replace("\r\n", "\n")
            assert (file.get_filename(), file.get_content()) == ("чек .png", b"\x89PNG")

    asyncio.run(story())


def test_a_wrong_password_an_unknown_folder_and_an_open_line_are_said():
    async def story():
        async with office() as post:
            wrong = await NETWORK.health(post.settings, {"password": "wrong"})
            assert (wrong.ok, wrong.missing) == (False, ("imap",))
            with pytest.raises(Unauthorised):
                await NETWORK.hear("letters", post.settings, {"password": "x"}, {})
            with pytest.raises(Permanent) as caught:
                await post.hear({}, folder="Nowhere")
            assert caught.value.code == "no_folder"
            assert not (await NETWORK.health(post.settings | {"smtp_port": 9}, post.secret)).ok

    asyncio.run(story())


def test_a_letter_that_somebody_moved_is_answered_all_the_same():
    async def story():
        async with office() as post:
            aside = folders.quoted(f"Архив {word()}")
            post.box.create(aside)
            post.deliver(letter("Верните деньги", number=(number := word())), aside)
            answer = Outgoing("Вернём", word(), in_reply_to=f"{number}@mail.test")
            sent = await NETWORK.publish(post.settings, post.secret, answer)
            recipients, arrived = post.sent[0]
            assert (recipients[0], str(arrived["subject"])) == ("olga@mail.test", "Re: Чайник")
            # A rule moved our own copy: it still shows that the answer went out.
            post.box.select(post.folder)
            post.box.copy("1", aside)
            post.box.store("1", "+FLAGS", "\\Deleted")
            post.box.expunge()
            found = await NETWORK.reconcile(post.settings, post.secret, answer, datetime.now(UTC))
            assert found.native_id == sent.native_id

    asyncio.run(story())


def test_alerts_give_the_pages_they_point_to():
    async def story():
        async with office() as post:
            html = (
                "<html><style>x{}</style><body><a href='https://www.google.com/url?rct=j&amp;url=https://news.test/kettle"
                "%3Fa%3D1&amp;ct=ga'>Чайник Acme <b>взорвался</b> в офисе</a><div>Пострадавших нет, сообщает агентство.</div>"
                "<a href='https://www.google.com/alerts/feedback'>Flag as irrelevant</a>"
                "<a href='https://blog.test/acme'>Мой разговор с Acme</a><br>Не советую."
                "<a href='https://www.google.com/alerts/remove'>Unsubscribe</a></body></html>"
            )
            raw = letter(From="Google Alerts <googlealerts-noreply@google.com>", Subject="Acme")
            head = raw.split(b"\r\n\r\n")[0].replace(
                b'text/plain; charset="utf-8"', b'text/html; charset="utf-8"'
            )
            post.deliver(head.replace(b"base64", b"8bit") + b"\r\n\r\n" + html.encode())
            post.deliver(letter("not an alert"))
            items, _ = await post.hear({}, "alerts", sender="google.com")
            assert [i.url for i in items] == ["https://news.test/kettle?a=1", "https://blog.test/acme"]
            assert items[0].text == "Чайник Acme взорвался в офисе\n\nПострадавших нет, сообщает агентство."
            assert (items[1].author.handle, items[1].kind, items[1].visibility) == (
                "blog.test",
                "post",
                "public",
            )

    asyncio.run(story())
