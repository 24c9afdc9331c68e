"""The way out: no private addresses, no endless answers, and the truth about what may have been sent."""

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stormdesk.core.http import (
    ALLOW_VARIABLE,
    Blocked,
    Broken,
    HttpError,
    TooLarge,
    TooSlow,
    Unreachable,
    check,
    events,
    request,
)
from stormdesk.core.tests.hostile import Hostile, endless, hostile, raw, reply

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


local = pytest.mark.usefixtures("_local")


def ask(routes, *args, **options):
    async def go():
        async with hostile(routes) as server:
            try:
                return server, await request(args[0], server.url + args[1], **options)
            except Exception as error:
                return server, error

    return asyncio.run(go())


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://224.0.0.1/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://user:secret@example.org/",
        "http://",
        "",
        "http://[::1",
    ],
)
def test_addresses_that_are_not_for_us_are_refused(address, monkeypatch):
    monkeypatch.delenv(ALLOW_VARIABLE, raising=False)
    for go in (check(address), request("POST", address)):
        with pytest.raises(Blocked) as caught:
            asyncio.run(go)
        assert caught.value.sent is False
        assert "secret" not in str(caught.value)


def test_an_allowed_host_opens_only_itself(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "intranet.example, 127.0.0.1")
    asyncio.run(check("http://127.0.0.1/"))
    with pytest.raises(Blocked):
        asyncio.run(check("http://127.0.0.2/"))


def test_a_name_with_one_private_address_is_refused(monkeypatch):
    monkeypatch.delenv(ALLOW_VARIABLE, raising=False)

    async def go():
        async def resolved(*_, **__):
            return [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]

        asyncio.get_running_loop().getaddrinfo = resolved
        await check("http://rebinding.example/")

    with pytest.raises(Blocked):
        asyncio.run(go())


@local
def test_a_redirect_into_the_private_network_is_refused():
    for target in ("http://127.0.0.9/x", "http://169.254.169.254/", "file:///etc/passwd"):
        server, error = ask({"/": reply(302, location=target)}, "GET", "/")
        assert isinstance(error, Blocked)
        assert len(server.asked) == 1


@local
def test_redirects_are_followed_for_reading_only_and_not_for_ever():
    routes = {
        "/a": reply(302, location="/b"),
        "/b": reply(200, b"here"),
        "/loop": reply(302, location="/loop"),
    }
    assert ask(routes, "GET", "/a")[1].body == b"here"
    assert ask(routes, "POST", "/a", json={})[1].status == 302
    server, error = ask(routes, "GET", "/loop")
    assert isinstance(error, Blocked)
    assert error.code == "redirects"
    assert len(server.asked) == 6


def test_keys_do_not_follow_to_another_host(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1,localhost")

    async def go():
        async with hostile({"/there": reply(200)}) as other:
            away = f"http://localhost:{other.port}/there"
            async with hostile({"/": reply(302, location=away)}) as server:
                await request("GET", server.url, headers={"Authorization": "Bearer k", "X-Plain": "1"})
            return server.asked[0].headers, other.asked[0].headers

    first, second = asyncio.run(go())
    assert first["authorization"] == "Bearer k"
    assert "authorization" not in second
    assert second["x-plain"] == "1"


@local
@pytest.mark.parametrize(
    "behaviour",
    [
        endless(HEAD + b"\r\n", b"x" * 65536),
        endless(HEAD + b"content-length: 99999999999\r\n\r\n", b"x" * 65536),
        endless(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        reply(200, gzip.compress(b"\0" * 50_000_000), content_encoding="gzip"),
        reply(200, zlib.compress(b"\0" * 50_000_000), content_encoding="deflate"),
        reply(200, b"?", content_encoding="br"),
    ],
)
def test_too_much_is_cut_off_without_filling_the_memory(behaviour):
    tracemalloc.start()
    _, error = ask({"/": behaviour}, "GET", "/", max_bytes=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(error, TooLarge)
    assert peak < 20_000_000


@local
def test_endless_headers_are_refused():
    _, error = ask({"/": endless(HEAD, b"x-a: " + b"b" * 1000 + b"\r\n")}, "GET", "/")
    assert isinstance(error, Broken)


@local
def test_packed_answers_are_read():
    assert (
        ask({"/": reply(200, gzip.compress(b"hello"), content_encoding="gzip")}, "GET", "/")[1].body
        == b"hello"
    )
    _, error = ask({"/": reply(200, b"not gzip", content_encoding="gzip")}, "GET", "/")
    assert isinstance(error, Broken)


@local
@pytest.mark.parametrize("head", [b"", HEAD, HEAD + b"content-length: 1000\r\n\r\n"])
def test_a_slow_drip_ends_at_the_total_time(head):
    _, error = ask({"/": endless(head, b"a: b\r\n"[:6], pause=0.05)}, "POST", "/", json={}, timeout=0.5)
    assert isinstance(error, (TooSlow, Broken))
    if head:
        assert isinstance(error, TooSlow)
    assert error.sent is True


@local
def test_what_was_not_sent_is_known():
    async def go():
        async with hostile({}) as server:
            pass
        await request("POST", server.url)

    with pytest.raises(Unreachable) as caught:
        asyncio.run(go())
    assert caught.value.sent is False
    assert caught.value.code == "connection"


@local
@pytest.mark.parametrize("behaviour", [raw(), raw(reset=True), raw(HEAD + b"content-length: 9\r\n\r\n{")])
def test_reading_is_repeated_once_after_a_break_and_writing_never(behaviour):
    server, error = ask({"/": behaviour}, "POST", "/", json={})
    assert isinstance(error, Broken)
    assert error.sent is True
    assert len(server.asked) == 1
    server, answer = ask({"/": [behaviour, reply(200, b"ok")]}, "GET", "/")
    assert answer.body == b"ok"
    assert len(server.asked) == 2


@local
def test_a_plain_server_on_a_tls_address_was_not_sent_anything():
    async def go():
        async with hostile({"/": reply(200)}) as server:
            await request(
                "POST", server.url.replace("http://", "https://"), headers={"authorization": "k"}, timeout=0.5
            )

    with pytest.raises(HttpError) as caught:
        asyncio.run(go())
    assert caught.value.sent is False


@local
def test_json_that_is_none_raises_value_error():
    for body in (b'{"a": ', b"\xff\xfe\x00", b"[" * 200_000, "Привет".encode("cp1251")):
        answer = ask({"/": reply(200, body)}, "GET", "/")[1]
        with pytest.raises(ValueError):  # noqa: PT011 (any of its kinds)
            answer.json()


@local
def test_errors_and_answers_do_not_show_keys():
    _, error = ask({"/bot123:secret/x": raw()}, "POST", "/bot123:secret/x", params={"token": "secret"})
    assert "secret" not in str(error) + repr(error) + repr(error.__cause__)
    _, answer = ask({"/secret": reply(200, b"secret")}, "GET", "/secret")
    assert "secret" not in repr(answer)


@local
def test_events_are_given_and_their_end_is_an_error():
    async def go():
        stream = HEAD + b"content-type: text/event-stream\r\n\r\n:thump\n\nevent: update\ndata: {}\n\n"
        heard = []
        async with hostile({"/": raw(stream)}) as server, events(server.url) as (answer, source):
            assert answer.status == 200
            try:
                async for event in source:
                    heard.append((event.event, event.data))
            except Broken:
                return heard

    assert asyncio.run(go()) == [("update", "{}")]


@local
def test_a_silent_stream_and_a_huge_event_end():
    async def go(behaviour, **options):
        async with hostile({"/": behaviour}) as server, events(server.url, **options) as (_, source):
            async for _event in source:
                pass

    stream = HEAD + b"content-type: text/event-stream\r\n\r\n"
    with pytest.raises(TooSlow):
        asyncio.run(go(raw(stream, pause=3), silence=0.2))
    with pytest.raises(TooLarge):
        asyncio.run(go(endless(stream + b"data: ", b"x" * 65536), max_event_bytes=100_000))


def test_certificates_are_checked_against_the_name_that_was_asked_for(monkeypatch, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    trusting = ssl.create_default_context(cadata=pem)
    monkeypatch.setattr("stormdesk.core.http.client.tls", lambda: trusting)
    monkeypatch.setenv(ALLOW_VARIABLE, "localhost,127.0.0.1")

    async def go(host):
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(tmp_path / "c.pem")
        it = Hostile({"/": reply(200, b"tls")})
        server = await asyncio.start_server(it.serve, "127.0.0.1", 0, ssl=serving)
        try:
            return await request("GET", f"https://{host}:{server.sockets[0].getsockname()[1]}/")
        finally:
            server.close()

    (tmp_path / "c.pem").write_text(private.decode() + pem)
    assert asyncio.run(go("localhost")).body == b"tls"
    with pytest.raises(Unreachable) as caught:
        asyncio.run(go("127.0.0.1"))
    assert caught.value.code == "certificate"
    assert caught.value.sent is False
