"""Letters as bad as they come, and servers that lie, break and drip."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Outgoing, Permanent, Retryable, Unauthorised, Unknown
from stormdesk.networks.email import NETWORK, alerts, folders, letters, listening, speaking, wire

OWN = {"address": "help@acme.test"}
HEAD = b"From: Olga <olga@mail.test>\r\nMessage-ID: <1@mail.test>\r\nSubject: Kettle\r\n"


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


def said(body, kind=b"text/plain; charset=utf-8", head=HEAD, more=b""):
    return letters.read(head + b"Content-Type: " + kind + b"\r\n" + more + b"\r\n" + body)


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8", "iso-8859-5", "cp866", "utf-16"])
def test_old_charsets_are_read_and_wrong_ones_guessed(charset):
    text = "Здравствуйте! Чайник взорвался, верните деньги, пожалуйста. Жду ответа до пятницы."
    assert said(text.encode(charset), b'text/plain; charset="' + charset.encode() + b'"').text == text
    if charset in ("windows-1251", "koi8-r", "utf-8"):
        for claimed in (b"us-ascii", b"x-unknown", b"idna", b"", b"zip", b"unicode_escape"):
            assert "взорвался" in said(text.encode(charset), b"text/plain; charset=" + claimed).text


@pytest.mark.parametrize(
    ("head", "name", "address"),
    [
        (b"From: =?windows-1251?B?zuv8_-E=?= <o@mail.test>", None, "o@mail.test"),
        ("From: Ольга <o@mail.test>".encode(), "Ольга", "o@mail.test"),
        ("From: Ольга <o@mail.test>".encode("koi8-r"), None, "o@mail.test"),
        (b"From: noreply@shop.test\r\nReply-To: olga@mail.test", "", "olga@mail.test"),
        (b'From: "a\\"<evil@x.test>" <o@mail.test>', None, "o@mail.test"),
        (b"From: ((((" * 400, None, ""),
        (b"From: " + b"=?a?q?" * 5000, None, ""),
        (b"From: nobody", None, ""),
        (b"X: y", "", ""),
        (b"From: a@b@c.test", None, ""),
    ],
)
def test_who_wrote_it_is_found_in_bad_headers(head, name, address):
    found = letters.read(head + b"\r\nSubject: x\r\n\r\nhello")
    assert found.address == address
    if name is not None:
        assert found.name == name
    assert found.text == "hello"


def test_parts_are_told_apart_and_nothing_is_opened():
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "o@mail.test", "Чек", "<2@mail.test>"
    made.set_content("Текст")
    made.add_alternative("<p>HTML <script>x()</script></p>", subtype="html")
    made.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="../../счёт\r\n.exe")
    made.add_attachment("внутри", subtype="plain", filename="note.txt")
    found = letters.read(made.as_bytes())
    assert found.text == "Текст"
    assert [a.name for a in found.attachments] == ["счёт .exe", "note.txt"]
    assert all(a.content is None for a in found.attachments)
    only = said("<p>Верните<br>деньги</p><style>x</style>".encode(), b"text/html; charset=utf-8")
    assert only.text == "Верните\nденьги"
    assert said(b"!!!not base64@@@", more=b"Content-Transfer-Encoding: base64\r\n").writer == "person"
    assert said(b"=ZZ=1", more=b"Content-Transfer-Encoding: quoted-printable\r\n").text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Спасибо!\n\n> Вернём\n> завтра", "Спасибо!"),
        ("Спасибо!\n\nср, 25 нояб. 2026 г. в 10:00, Acme <help@acme.test> пишет:\n> Вернём", "Спасибо!"),
        ("Thanks\n\nOn Wed, Nov 25, 2026 at 10:00 AM Acme <help@acme.test> wrote:\n\nWe will", "Thanks"),
        ("Да\n-----Original Message-----\nFrom: Acme", "Да"),
        ("Acme пишет:\n> Когда?\nВ пятницу", "В пятницу"),
        ("> только цитата", "> только цитата"),
        ("Он мне пишет: всё плохо", "Он мне пишет: всё плохо"),
    ],
)
def test_what_is_quoted_is_left_out(text, new):
    assert said(text.encode()).text == new


@pytest.mark.parametrize(
    ("more", "writer"),
    [
        (b"", "person"),
        (b"Auto-Submitted: no\r\n", "person"),
        (b"Auto-Submitted: auto-generated\r\n", "automatic"),
        (b"X-Autoreply: yes\r\n", "automatic"),
        (b"List-Unsubscribe: <x>\r\n", "list"),
        (b"Precedence: bulk\r\n", "list"),
        (b"Return-Path: <>\r\n", "bounce"),
        (b"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n", "automatic"),
    ],
)
def test_machines_are_told_from_people(more, writer):
    assert said(b"x", more=more).writer == writer


def test_a_letter_that_came_back_names_ours():
    ours = f"<abc{listening.mark(OWN['address'])}>"
    body = f"--b\r\n\r\nNo such user\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {ours}\r\n--b--"
    head = HEAD.replace(b"olga", b"mailer-daemon")
    found = said(body.encode(), b'multipart/report; report-type="delivery-status"; boundary=b', head)
    assert (found.writer, found.in_reply_to) == ("bounce", ours.strip("<>"))


def nested(depth):
    lines = [f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(depth)]
    return HEAD + "".join(lines).encode() + b"Content-Type: text/plain\r\n\r\nhello"


BOMBS = {
    "10,000 parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 10_000,
    "10,000 parts without a type": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 10_000,
    "parts in parts": nested(5_000),
    "letters in letters": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
    "100,000 headers": HEAD + b"X-A: b\r\n" * 100_000 + b"\r\nhello",
    "one endless header": HEAD + b"Subject: " + b"=?utf-8?B?" * 90_000 + b"\r\n\r\nhello",
    "one endless address": b"From: " + b"(" * 500_000 + b"\r\n\r\nhello",
    "endless references": HEAD + b"References: " + b"<a@b.test> " * 80_000 + b"\r\n\r\nhello",
    "one endless line": HEAD + b"\r\n" + b"x" * 1_000_000,
    "a million quotes": HEAD + b"\r\n" + b"> x\n" * 250_000,
    "a million opened tags": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 200_000,
    "a million links": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a href='http://x.test/1'>a b" * 30_000,
    "zeros": b"\0" * 1_000_000,
    "a million names": HEAD + b"Content-Type: text/plain; " + b"a*0*=x; " * 100_000 + b"\r\n\r\nhello",
}  # fmt: skip


@pytest.mark.parametrize("raw", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_read_soon_and_small(raw):
    start = time.process_time()
    found = letters.read(raw[: listening.READ])
    alerts.pages(found)
    assert time.process_time() - start < 5
    assert len(found.text) <= 50_000
    assert len(found.attachments) <= letters.ATTACHMENTS


BYTES = st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
NAMES = st.sampled_from(
    [b"From", b"To", b"Subject", b"Message-ID", b"References", b"In-Reply-To", b"Content-Type", b"Reply-To",
     b"Content-Transfer-Encoding", b"Content-Disposition", b"Auto-Submitted", b"Return-Path", b"MIME-Version"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.tuples(NAMES, BYTES), max_size=6), BYTES)
def test_no_letter_stops_the_listening(headers, body):
    raw = b"".join(name + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + body
    fetched = listening.Fetched(1, datetime.now(UTC), raw, len(raw))
    found = letters.read(raw)
    assert found.message_id
    for item in [*listening._letter(found, fetched, OWN), *listening._alert(found, fetched, {})]:
        assert item.native_id
        assert len(item.native_id) <= 255
        assert "\0" not in item.text


@given(st.binary(max_size=2000))
def test_no_bytes_stop_the_listening(raw):
    alerts.pages(letters.read(raw))


@given(
    st.text(max_size=50),
    st.text(max_size=80),
    st.text(max_size=60),
    st.text(max_size=60),
    st.text(max_size=60),
)
def test_nothing_we_write_gets_a_second_line_into_a_header(name, text, subject, refers, to):
    original = letters.Letter(
        refers, subject, "", "", "", "o@mail.test", "", (refers, subject), None, "person", ()
    )
    outgoing = Outgoing(text, "key", in_reply_to=refers)
    with contextlib.suppress(Permanent):
        speaking.write(OWN | {"name": name}, outgoing, None, to).as_bytes()
    raw = speaking.write(OWN | {"name": name}, outgoing, original, "o@mail.test").as_bytes()
    head = raw.split(b"\r\n\r\n")[0]
    allowed = {b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"content-type",
               b"content-transfer-encoding", b"mime-version"}  # fmt: skip
    assert {line.split(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"} <= allowed
    assert head.count(b"@mail.test") == 1 or b"@mail.test" in (subject + name + refers).encode()


@given(st.text(max_size=40).filter(lambda s: not any("\ud800" <= c <= "\udfff" for c in s)))
def test_folder_names_survive_the_way_to_the_server_and_back(name):
    packed = folders.quoted(name)
    assert packed.isascii()
    inner = packed[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    assert folders.decoded(inner) == name


@contextlib.asynccontextmanager
async def server(*lines, greeting=b"* OK hi\r\n", endless=b"", answers=None):
    """Says what it is told, whatever it is asked: `answers` command → reply, `%t` is the tag."""

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError):
            writer.write(greeting)
            while endless:
                writer.write(endless)
                await writer.drain()
            while asked := await reader.readline():
                words = asked.split()
                tag, command = [*words, b"", b""][:2]
                if command.upper() == b"UID" and len(words) > 2:
                    command = words[2]
                reply = (answers or {}).get(command.upper().decode(), b"%t OK done\r\n")
                if reply is None:
                    break
                writer.write(reply.replace(b"%t", tag))
                await writer.drain()
        writer.close()

    it = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield it.sockets[0].getsockname()[1]
    finally:
        it.close()


def heard(cursor=None, password="secret-1", **how):
    async def go():
        async with server(**how) as port:
            place = OWN | {"imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none"}
            return await NETWORK.hear("letters", place, {"password": password}, cursor or {})

    try:
        return asyncio.run(go())
    except Exception as error:
        return error


SELECT = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n%t OK x\r\n"
CAPABILITY = b"* CAPABILITY IMAP4rev1\r\n%t OK x\r\n"
ONE = b"* SEARCH 5\r\n%t OK x\r\n"
GOOD = {"CAPABILITY": CAPABILITY, "EXAMINE": SELECT, "SELECT": SELECT, "SEARCH": ONE}


def test_a_plain_server_is_heard():
    raw = HEAD + b"\r\nhello"
    fetch = (
        b'* 1 FETCH (UID 5 RFC822.SIZE 9 INTERNALDATE "25-Nov-2026 03:04:47 +0300" BODY[]<0> {%d}\r\n'
        % len(raw)
    )
    batch = heard(answers=GOOD | {"FETCH": fetch + raw + b")\r\n%t OK x\r\n"})
    assert batch.items[0].published_at == datetime(2026, 11, 25, 0, 4, 47, tzinfo=UTC)
    # Some servers name the number after the letter.
    fetch = b"* 1 FETCH (BODY[]<0> {%d}\r\n" % len(raw)
    batch = heard(answers=GOOD | {"FETCH": fetch + raw + b" UID 5)\r\n%t OK x\r\n"})
    assert batch.items[0].native_id == "1@mail.test"


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"greeting": b"HTTP/1.1 400 no\r\n"}, Retryable),
        ({"greeting": b"* BYE busy\r\n"}, Retryable),
        ({"greeting": b"\xff\xfe" * 500 + b"\r\n"}, Retryable),
        ({"answers": {"CAPABILITY": None}}, Retryable),
        ({"answers": GOOD | {"LOGIN": b"%t NO wrong\r\n"}}, Unauthorised),
        ({"answers": GOOD | {"LOGIN": b"%t NO [UNAVAILABLE] later\r\n"}}, Retryable),
        ({"answers": GOOD | {"LOGIN": None}}, Retryable),
        ({"answers": GOOD | {"EXAMINE": b"%t NO no folder\r\n"}}, Permanent),
        ({"answers": GOOD | {"EXAMINE": b"* OK [UIDVALIDITY x] y\r\n%t OK x\r\n"}}, Retryable),
        ({"answers": GOOD | {"SEARCH": b"* SEARCH x y 99999999999999999999\r\n%t NO\r\n"}}, Retryable),
        ({"answers": GOOD | {"FETCH": b"* 1 FETCH (UID 5 BODY[] {99999999999}\r\n"}}, Retryable),
        ({"answers": GOOD | {"FETCH": b"* 1 FETCH (UID 5 BODY[] {50000000}\r\nxxxx"}}, Retryable),
        ({"answers": GOOD | {"FETCH": b"* 1 FETCH (UID 5 BODY[] {400}\r\nxxxx"}}, None),
        ({"endless": b"x" * 65536}, Retryable),
        ({"endless": b"* OK x\r\n" * 8000}, Retryable),
    ],
)  # fmt: skip
def test_what_a_fault_of_the_mailbox_means(how, error, monkeypatch):
    if error is None:  # it waits for the rest of the letter: the wire is cut under it
        monkeypatch.setattr(wire, "SILENCE", 0.3)
        error = Retryable
    monkeypatch.setattr(wire, "MOST", 4 * 2**20)
    done = heard(**how)
    assert type(done) is error
    assert "secret-1" not in str(done)
    assert done.message % done.facts == str(done)


def test_a_server_that_drips_for_ever_is_left(monkeypatch):
    async def go():
        async def drip(reader, writer):
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"*")
                    await writer.drain()
                    await asyncio.sleep(0.05)

        it = await asyncio.start_server(drip, "127.0.0.1", 0)
        place = OWN | {
            "imap_host": "127.0.0.1",
            "imap_port": it.sockets[0].getsockname()[1],
            "imap_security": "none",
        }
        at = await wire.door("imap", place)
        with pytest.raises(Exception, match="did not answer completely"):
            await wire.talk(at, wire.Imap, seconds=0.5)
        it.close()

    start = time.monotonic()
    asyncio.run(go())
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("host", "error"), [("10.0.0.1", Permanent), ("169.254.169.254", Permanent), ("localhost", Permanent),
                        ("imap.invalid", Retryable), ("", Permanent), ("a b", Retryable), ("[::1]", Permanent)]
)  # fmt: skip
def test_private_addresses_get_no_password(host, error):
    for service in ("imap", "smtp"):
        with pytest.raises(error):
            asyncio.run(wire.door(service, {f"{service}_host": host}))


def test_no_password_goes_over_an_open_line(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "")
    with pytest.raises(Permanent) as caught:
        asyncio.run(wire.door("imap", {"imap_host": "192.0.32.10", "imap_security": "none"}))
    assert caught.value.code == "unencrypted"

    async def stripped():
        # A server between us and theirs that denies knowing encryption.
        monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")
        async with server(answers={"CAPABILITY": CAPABILITY}) as port:
            place = OWN | {"imap_host": "127.0.0.1", "imap_port": port, "imap_security": "starttls"}
            await NETWORK.hear("letters", place, {"password": "x"}, {})

    with pytest.raises(Retryable):
        asyncio.run(stripped())


@contextlib.asynccontextmanager
async def sending(script):
    """An SMTP server: command → reply; `None` breaks off. After DATA it reads up to the dot and says `script["."]`."""

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError):
            writer.write(script.get("", b"220 hi\r\n"))
            while line := await reader.readline():
                command = line.split()[0].upper().decode("latin-1") if line.split() else "?"
                reply = script.get(command, b"250 ok\r\n")
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
                if command == "DATA" and reply.startswith(b"354"):
                    await reader.readuntil(b"\r\n.\r\n")
                    if script.get(".") is None:
                        break
                    writer.write(script["."])
        writer.transport.abort()

    it = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield it.sockets[0].getsockname()[1]
    finally:
        it.close()


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"DATA": b"354 go\r\n", ".": b"250 kept\r\n"}, None),
        ({"DATA": b"354 go\r\n", ".": None}, Unknown),
        ({"DATA": b"354 go\r\n", ".": b"\xff\xff nonsense\r\n"}, Unknown),
        ({"DATA": b"354 go\r\n", ".": b"250-" + b"x" * 9000 + b"\r\n"}, Unknown),
        ({"DATA": b"354 go\r\n", ".": b"250-x\r\n" * 200_000}, Unknown),
        ({"DATA": b"354 go\r\n", ".": b"451 later\r\n"}, Retryable),
        ({"DATA": b"354 go\r\n", ".": b"554 spam\r\n"}, Permanent),
        ({"DATA": b"421 later\r\n"}, Retryable),
        ({"DATA": b"554 never\r\n"}, Permanent),
        ({"DATA": b"what?\r\n"}, Retryable),
        ({"MAIL": b"what?\r\n"}, Retryable),
        ({"DATA": None}, Unknown),
        ({"RCPT": None}, Retryable),
        ({"RCPT": b"550 no\r\n"}, Permanent),
        ({"MAIL": b"451 later\r\n"}, Retryable),
        ({"EHLO": None}, Retryable),
        ({"": b"554 go away\r\n"}, Retryable),
        ({"": b"x" * 100_000}, Retryable),
    ],
)  # fmt: skip
def test_what_a_fault_means_for_a_letter(script, error, monkeypatch):
    monkeypatch.setattr(wire, "MOST", 2**20)

    async def go():
        async with sending(script) as port:
            place = OWN | {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
            return await NETWORK.publish(
                place, {"password": "secret-1"}, Outgoing("x", "key", to_handle="o@mail.test")
            )

    if error is None:
        assert asyncio.run(go()).native_id == speaking.own_id(OWN, "key")
        return
    with pytest.raises(error) as caught:
        asyncio.run(go())
    assert type(caught.value) is error
    assert "secret-1" not in str(caught.value)


def test_a_cancelled_letter_leaves_no_thread_behind():
    async def go():
        async with server(greeting=b"") as port:
            place = OWN | {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
            outgoing = Outgoing("x", "key", to_handle="o@mail.test")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(NETWORK.publish(place, {"password": "x"}, outgoing), 0.3)

    start = time.monotonic()
    asyncio.run(go())  # ends only when its threads have
    assert time.monotonic() - start < 5
