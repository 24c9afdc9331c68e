"""Encrypted from the first byte or from STARTTLS on, to real servers, and to nobody whose certificate is not good."""

import asyncio
import contextlib
import os
import ssl
import uuid

import pytest

from stormdesk.core.http import ALLOW_VARIABLE
from stormdesk.networks.base import Outgoing, Retryable
from stormdesk.networks.email import NETWORK, wire
from stormdesk.networks.email.tests.post_office import letter, office

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv(ALLOW_VARIABLE, "127.0.0.1")


@pytest.fixture
def trusted(monkeypatch):
    """The test server's own certificate counts as good."""
    context = ssl.create_default_context(cafile=os.environ.get("STORMDESK_TEST_IMAP_CERTIFICATE"))
    monkeypatch.setattr(wire, "tls", lambda: context)


def ours():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(
        os.environ["STORMDESK_TEST_IMAP_CERTIFICATE"], os.environ["STORMDESK_TEST_IMAP_KEY"]
    )
    return context


@contextlib.asynccontextmanager
async def encrypted(port):
    """The server at `port` behind encryption from the first byte; gives the port of that."""

    async def pump(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.close()

    async def serve(reader, writer):
        away, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, back), pump(away, writer))

    it = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ours())
    try:
        yield it.sockets[0].getsockname()[1]
    finally:
        it.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_letters_come_and_go_encrypted(trusted, security):
    async def story():
        async with contextlib.AsyncExitStack() as stack:
            post = await stack.enter_async_context(office(context=ours() if security == "starttls" else None))
            settings = post.settings | {"imap_security": security, "smtp_security": security}
            if security == "tls":
                for name in ("imap_port", "smtp_port"):
                    settings[name] = await stack.enter_async_context(encrypted(settings[name]))
            post.deliver(letter("Верните деньги"))
            assert (await NETWORK.health(settings, post.secret)).ok
            batch = await NETWORK.hear("letters", settings, post.secret, {})
            assert len(batch.items) == 1
            await NETWORK.publish(
                settings, post.secret, Outgoing("x", uuid.uuid4().hex, to_handle="o@mail.test")
            )
            assert len(post.sent) == 1
            assert post.encrypted == [security == "starttls"]

    asyncio.run(story())


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("service", ["imap", "smtp"])
def test_a_certificate_of_nobody_gets_no_password(service, security):
    async def story():
        async with contextlib.AsyncExitStack() as stack:
            post = await stack.enter_async_context(office(context=ours() if security == "starttls" else None))
            settings = post.settings | {f"{service}_security": security}
            if security == "tls":
                settings[f"{service}_port"] = await stack.enter_async_context(
                    encrypted(settings[f"{service}_port"])
                )
            health = await NETWORK.health(settings, post.secret)
            assert (health.ok, health.missing) == (False, (service,))
            assert "certificate" in health.sentence
            if service == "smtp":
                with pytest.raises(Retryable):
                    await NETWORK.publish(settings, post.secret, Outgoing("x", "k", to_handle="o@mail.test"))
                assert post.sent == []

    asyncio.run(story())
