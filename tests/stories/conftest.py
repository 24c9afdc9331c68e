"""People in real browsers at a running desk, with real servers around it: what the stories are told with.

Stories name what is on the page in English; a person whose desk speaks Russian looks for the Russian words, so that a
string without a translation, or a page that does not use it, fails.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.utils import translation
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

PATIENCE = 60  # for what the desk and the servers do by themselves
ACTION = 20  # for a page to answer
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def until(what: Callable[[], Any], sentence: str, seconds: float = PATIENCE) -> Any:
    """Ask again until the answer is true; the sentence says what did not happen."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < deadline, f"within {seconds:.0f} s it did not happen that {sentence}"
        time.sleep(0.2)
    return answer


def named(variable: str) -> str:
    """The address of a service; a story without its services fails, it is never left out."""
    if variable not in os.environ:
        pytest.fail(f"{variable} is not set: run stories with `scripts/services run -- pytest -m story`")
    return os.environ[variable]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Tell the fixtures whether the story failed, for pictures of what each person saw last."""
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed  # type: ignore[attr-defined]
    return report


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


# --- the desk ------------------------------------------------------------------------------------------------------


class Mailbox:
    """Everybody's mail: a real mail server that keeps what it is given."""

    def __init__(self) -> None:
        from aiosmtpd.controller import Controller

        self.letters: list[tuple[str, str, str]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)
        self._server.start()

    async def handle_DATA(
        self, server: Any, session: Any, envelope: Any
    ) -> str:  # the server's own name for it
        letter = message_from_bytes(envelope.content, policy=policy.default)
        body = letter.get_body(("plain",))
        self.letters += [
            (to, str(letter["subject"]), body.get_content() if body else "") for to in envelope.rcpt_tos
        ]
        return "250 kept"

    def letter_to(self, address: str, containing: str) -> tuple[str, str]:
        """Subject and text of the first letter to this person that contains these words."""

        def find() -> tuple[str, str] | None:
            return next(((s, t) for to, s, t in self.letters if to == address and containing in s + t), None)

        return until(find, f"{address} got a letter with “{containing}” (there are {self.letters})")

    def close(self) -> None:
        self._server.stop()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    yield mailbox
    mailbox.close()


class Desk:
    """`stormdesk up` on a free port with a fresh data folder."""

    def __init__(self, folder: Path, language: str, mailbox: Mailbox, hosts: list[str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address, self.folder, self.said = f"http://127.0.0.1:{port}", folder, [""]
        keep = {
            k: v for k, v in os.environ.items() if not k.startswith(("STORMDESK_", "DATABASE_URL", "DJANGO"))
        }
        self.environment = keep | {
            "STORMDESK_DATA": str(folder / "data"),
            "STORMDESK_LANGUAGE": language,
            "STORMDESK_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "STORMDESK_ALLOW_PRIVATE_HOSTS": ",".join(hosts),
            "STORMDESK_LOG_LEVEL": "WARNING",
            "LC_ALL": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stormdesk.cli.main", "up", "--port", str(port)],
            env=self.environment, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self.said.append(line)

    def owner_link(self) -> str:
        """The one-time link that the desk prints for whoever started it."""

        def find() -> str | None:
            assert self._process.poll() is None, "".join(self.said)
            found = re.search(rf"{self.address}/join/\S+", "".join(self.said))
            return found and found[0].rstrip(".)")

        return until(find, "the desk printed the owner's link", 120)

    def command(self, *arguments: str) -> dict[str, Any]:
        """Run `stormdesk …` beside the running desk; its last line is JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "stormdesk.cli.main", *arguments],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1])

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


@pytest.fixture
def desk(tmp_path: Path, language: str, mailbox: Mailbox, request: pytest.FixtureRequest) -> Iterator[Desk]:
    hosts = ["127.0.0.1"]
    if "servers" in request.fixturenames:
        hosts += [urlsplit(url).hostname or "" for url in request.getfixturevalue("servers")]
    desk = Desk(tmp_path, language, mailbox, hosts)
    yield desk
    desk.stop()
    log = "".join(desk.said)
    assert '"level": "error"' not in log, log[-8000:]
    assert "Traceback" not in log, log[-8000:]


# --- people at the desk --------------------------------------------------------------------------------------------


@dataclass
class Person:
    """Somebody in a browser. Words are given in English and looked for in the language of the desk."""

    name: str
    email: str
    language: str
    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    password: str = "a calm voice in the storm"

    def words(self, english: str, plural: str = "", n: int = 1, context: str = "", **facts: Any) -> str:
        """What the page says for these source words."""
        with translation.override(self.language):
            if plural:
                said = translation.ngettext(english, plural, n)
            elif context:
                said = translation.pgettext(context, english)
            else:
                said = translation.gettext(english)
        return said % ({"n": n} | facts) if "%(" in said else said

    def opens(self, path: str) -> None:
        """Go to an address, as a link in a letter leads there."""
        answer = self.page.goto(path if path.startswith("http") else self.address + path)
        assert answer is None or answer.ok, f"{path} answered {answer.status}"

    def comes_in_by(self, link: str) -> None:
        """Follow a one-time link and say who one is."""
        self.opens(link)
        self.writes("Your name", self.name)
        self.writes("Work e-mail", self.email)
        self.writes("Password", self.password)
        self.presses("Come in")

    def begins_the_brand(self, name: str, words: list[str], zone: str) -> str:
        """The first two pages of the first run; returns the brand's part of the addresses."""
        self.sees("Whom does this desk work for?")
        self.writes("Brand", name)
        self.page.get_by_label(self.words("Time zone")).select_option(zone)
        self.presses("Go on to the words")
        self.writes("Any of these", "\n".join(words))
        self.presses("Save and choose a source")
        self.sees("Where shall we listen first?")
        return urlsplit(self.page.url).path.split("/")[2]

    def makes_a_link_for(self, role: str, slug: str) -> str:
        """Invite a colleague; returns the link to hand over."""
        self.opens(f"/b/{slug}/people/")
        self.chooses("Role", role)
        self.presses("Make a link")
        return self.page.locator("code[data-copy]").inner_text()

    def presses(self, english: str, *more: str, within: Locator | None = None, **facts: Any) -> None:
        """Press a button."""
        name = self.words(english, *more, **facts)
        (within or self.page).get_by_role("button", name=name).first.click()

    def follows(self, english: str, *more: str, within: Locator | None = None, **facts: Any) -> None:
        """Follow a link; what leads on is a link, whatever it looks like."""
        name = self.words(english, *more, **facts)
        (within or self.page).get_by_role("link", name=name).first.click()

    def goes_to(self, section: str) -> None:
        """Choose a section in the rail at the side."""
        self.page.locator("nav.rail").get_by_role("link", name=self.words(section)).click()

    def writes(self, label: str, text: str, within: Locator | None = None) -> None:
        """Fill a field."""
        (within or self.page).get_by_label(self.words(label), exact=True).fill(text)

    def chooses(self, label: str, choice: str, within: Locator | None = None) -> None:
        """Choose from a list."""
        (within or self.page).get_by_label(self.words(label), exact=True).select_option(
            label=self.words(choice)
        )

    def sees(self, english: str, *more: str, within: Locator | None = None, **facts: Any) -> None:
        """Wait until these words stand on the page."""
        self.reads(self.words(english, *more, **facts), within)

    def reads(self, text: str, within: Locator | None = None) -> None:
        """Wait until this text, as it is, stands on the page."""
        expect(within or self.page.locator("body")).to_contain_text(text, timeout=PATIENCE * 1000)

    def finds(self, part: Locator) -> Locator:
        """Wait until this part of the page is there; returns the first."""
        expect(part.first).to_be_visible(timeout=PATIENCE * 1000)
        return part.first

    def finds_after_a_while(self, part: Locator) -> Locator:
        """Look again and again until this part of the page is there: what comes from outside takes its time."""

        def look() -> bool:
            if part.count():
                return True
            self.page.reload()
            return part.count() > 0

        until(look, f"{part} stood on {self.page.url}", 2 * PATIENCE)
        return part.first

    def waits_until(self, moment: datetime) -> None:
        """Look at the page until this time has come."""
        until(lambda: datetime.now(UTC) > moment, f"it was {moment}", 240)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("STORMDESK_TEST_CHROMIUM") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.fail("there is no Chromium: run stories with `scripts/services run -- pytest -m story`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def comes(
    browser: Browser, desk: Desk, language: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable]:
    """`comes("Anna Orlova", "anna@example.org")` → that person, with a browser of their own."""
    people: list[Person] = []

    def come(name: str, email: str, width: int = 1440) -> Person:
        context = browser.new_context(
            locale={"ru": "ru-RU", "en": "en-GB"}[language],
            viewport={"width": width, "height": 900},
            bypass_csp="axe" in request.fixturenames,
            accept_downloads=True,
        )
        context.set_default_timeout(ACTION * 1000)
        person = Person(name, email, language, context.new_page(), desk.address)
        person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
        person.page.on(
            "console", lambda said: person.complaints.append(said.text) if said.type == "error" else None
        )
        people.append(person)
        return person

    yield come
    for person in people:
        if getattr(request.node, "failed", False):
            person.page.screenshot(path=tmp_path / f"{person.email}.png", full_page=True)
        person.page.context.close()
    assert [f"{person.name}: {said}" for person in people for said in person.complaints] == []


class Axe:
    """Looks at pages with axe-core, wide and narrow, by day and by night, and keeps what it finds."""

    VIEWS = tuple((width, theme) for width in (1440, 390) for theme in ("light", "dark"))

    def __init__(self) -> None:
        from axe_playwright_python import sync_playwright as axe

        self._axe, self.found = axe.Axe(), list[str]()

    def looks_at(self, person: Person, name: str) -> None:
        """Look at the page that the person has open."""
        for width, theme in self.VIEWS:
            person.page.set_viewport_size({"width": width, "height": 900})
            person.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            # Colours that are still on their way from day to night are not the page's.
            person.page.evaluate("document.getAnimations().forEach((moving) => moving.finish())")
            for rule in self._axe.run(person.page).response["violations"]:
                html = rule["nodes"][0]["html"][:160]
                self.found.append(f"{name} {width} {theme}: {rule['id']} ({len(rule['nodes'])}) {html}")
            if person.page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
                self.found.append(f"{name} {width} {theme}: scrolls sideways")
        person.page.set_viewport_size({"width": 1440, "height": 900})
        person.page.emulate_media(color_scheme="light")


@pytest.fixture
def axe() -> Axe:
    return Axe()


# --- the outside world ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def servers() -> tuple[str, str]:
    """The two federating servers of the outside world."""
    return named("STORMDESK_TEST_SNAC_URL"), named("STORMDESK_TEST_SNAC_URL2")


@dataclass(frozen=True)
class Outside:
    """Somebody on a real server, who speaks and reads through that server's own API and never through Stormdesk."""

    server: str
    name: str
    token: str
    since: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @property
    def handle(self) -> str:
        return f"{self.name}@{urlsplit(self.server).hostname}"

    @property
    def password(self) -> str:
        """What is typed on the server's own sign-in page."""
        lines = Path(named("STORMDESK_TEST_SNAC_PASSWORDS")).read_text().splitlines()
        return dict(line.split() for line in lines)[self.handle]

    def _ask(self, path: str, form: dict[str, str] | None = None) -> Any:
        request = urllib.request.Request(
            self.server + path,
            data=urlencode(form).encode() if form else None,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def says(self, text: str) -> dict[str, Any]:
        """Post it publicly."""
        return self._ask("/api/v1/statuses", {"status": text, "visibility": "public"})

    def own_posts(self) -> list[dict[str, Any]]:
        """What this account's own page on its server lists."""
        me = self._ask("/api/v1/accounts/verify_credentials")["id"]
        return self._ask(f"/api/v1/accounts/{me}/statuses?limit=40")

    def own_posts_with(self, words: str) -> list[dict[str, Any]]:
        """Those of this story that contain these words."""
        return [post for post in self.own_posts() if self._is(post, words)]

    def _is(self, post: dict[str, Any], words: str) -> bool:
        recent = datetime.fromisoformat(post["created_at"].replace("Z", "+00:00")) >= self.since
        return recent and words in _plain(post["content"])

    def shows(self, words: str) -> list[dict[str, Any]]:
        """Wait until this account's own page shows posts with these words; returns them."""
        return until(lambda: self.own_posts_with(words), f"{self.handle} says “{words}”")

    def told(self, words: str) -> dict[str, Any]:
        """Wait until a post with these words, addressed to this person, has arrived; returns it."""

        def find() -> dict[str, Any] | None:
            heard = self._ask("/api/v1/notifications?limit=40")
            posts = [row["status"] for row in heard if row.get("status")]
            return next((post for post in posts if self._is(post, words)), None)

        return until(find, f"{self.handle} was told “{words}”")


def _plain(html: str) -> str:
    from stormdesk.networks.plain import from_html

    return from_html(html)


@pytest.fixture
def outside(servers: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Outside]:
    """`outside(server, "alice")` → Alice, signed in at her server."""
    from stormdesk.core.http import ALLOW_VARIABLE
    from stormdesk.networks.mastodon.tests.people import sign_in

    monkeypatch.setenv(ALLOW_VARIABLE, ",".join(urlsplit(url).hostname or "" for url in servers))

    def come(server: str, name: str) -> Outside:
        # Playwright's loop runs in this thread, so the sign-in gets a thread of its own.
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(asyncio.run(sign_in(server, name))))
        thread.start()
        thread.join()
        return Outside(server, name, found[0].secret["access_token"])

    return come
