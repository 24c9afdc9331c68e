"""Pictures of every page for a person to look through: each in Russian and English, wide and narrow, light and dark.

    python scripts/screenshots.py [--data DIR] [--out DIR] [--only NAME …] [--url ADDRESS] [--languages ru en]
                                  [--widths 1440 390] [--themes light dark] [--email WHOSE EYES]

The pages are shown in the state of the data folder (default: the one of STORMDESK_DATA), as its first owner sees them, at
the brand that has most to show: a drill, else a brand in crisis, else the first. A page whose address does not exist, or
that has nothing to show yet, is named and left out. A server is started unless --url names one on the same data folder.
Ends with 1 when a page answers with an error, scrolls sideways or writes to the browser's console.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

if TYPE_CHECKING:
    from stormdesk.people.models import User

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

# Name of the picture, URL name, and what the address needs beside the brand: a model's label, its brand and its order.
PAGES: list[tuple[str, str, str]] = [
    ("pulse", "pulse", ""),
    ("heard", "heard", ""),
    ("mention", "mention", "listen.Mention"),
    ("narrative", "narrative", "listen.Narrative"),
    ("alerts", "alerts", ""),
    ("alert", "alert", "detect.Alert"),
    ("crisis", "crisis", "declare.Crisis"),
    ("declare", "declare", ""),
    ("crisis-room", "crisis_room", ""),
    ("statements", "statements", ""),
    ("statement", "statement", "publish.Statement"),
    ("calendar", "calendar", ""),
    ("composer", "compose", ""),
    ("held", "resume_review", ""),
    ("pause", "pause", ""),
    ("inbox", "inbox", ""),
    ("conversation", "conversation", "reply.Conversation"),
    ("tasks", "my_tasks", ""),
    ("policy", "policy", ""),
    ("accounts", "accounts", ""),
    ("account", "account", "accounts.Account"),
    ("reviews", "reviews", ""),
    ("drills", "drills", ""),
    ("queries", "queries", ""),
    ("sources", "sources", ""),
    ("definition", "definition", ""),
    ("known", "known", ""),
    ("series", "series", ""),
    ("people", "people", ""),
    ("on-call", "on_call", ""),
    ("understanding", "understanding", ""),
    ("law", "law", ""),
    ("journal", "journal", ""),
    ("daily-review", "daily_review", ""),
    ("executive", "executive", ""),
    ("first-run", "start", "-"),
    ("components", "components", "-"),
    ("me", "me", "-"),
]
# Pages for people who have not signed in.
OUTSIDE: list[tuple[str, str]] = [("sign-in", "account_login")]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("STORMDESK_DATA", "var")))
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--url", default="")
    parser.add_argument("--languages", nargs="*", default=["ru", "en"])
    parser.add_argument("--widths", nargs="*", type=int, default=[1440, 390])
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--email", default="")
    parser.add_argument("--brand", default="")
    options = parser.parse_args()
    os.environ["STORMDESK_DATA"] = str(options.data.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
    import django

    django.setup()
    user, pages, cookie, left_out = plan(options.email, options.brand)
    pages = [page for page in pages if not options.only or page[0] in options.only]
    for name in left_out:
        if not options.only or name in options.only:
            print(f"left out: {name} (no such page, or nothing to show)")
    options.out.mkdir(parents=True, exist_ok=True)
    with served(options.url) as address, speaking_no_language(user):
        problems = list(take(address, pages, cookie, options))
    print("\n".join(problems) or f"{options.out}: {len(pages)} pages")
    return 1 if problems else 0


@contextmanager
def speaking_no_language(user: User) -> Iterator[None]:
    """A person's own choice goes before the browser's language, so it is put aside while the pictures are taken."""
    chosen, user.language = user.language, ""
    user.save(update_fields=["language"])
    try:
        yield
    finally:
        user.language = chosen
        user.save(update_fields=["language"])


def plan(email: str, slug: str) -> tuple[User, list[tuple[str, str, bool]], str, list[str]]:
    """Whose eyes, the pages that exist as (name, path, needs a person), that person's session cookie, what is left out."""
    from django.apps import apps
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.urls import NoReverseMatch, reverse

    from stormdesk.people.models import Brand, User

    brands = Brand.objects.filter(**({"slug": slug} if slug else {}))
    brand = max(
        brands, key=lambda brand: (brand.is_drill, brand.crises.count(), brand.mentions.count()), default=None
    )
    if brand is None:
        raise SystemExit("The data folder has no brand; start a drill first: stormdesk drill faulty_batch")
    people = User.objects.filter(memberships__brand=brand, **({"email": email} if email else {}))
    user = (
        people.order_by("memberships__role", "pk").filter(memberships__role="owner").first() or people.first()
    )
    if user is None:
        raise SystemExit(f"Nobody with this address works for {brand}.")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    pages: list[tuple[str, str, bool]] = []
    left_out: list[str] = []
    for name, url, needs in PAGES:
        arguments: list = [] if needs == "-" else [brand.slug]
        if needs not in ("", "-"):
            found = apps.get_model(needs).objects.filter(brand=brand).first()
            if found is None:
                left_out.append(name)
                continue
            arguments.append(found.pk)
        try:
            pages.append((name, reverse(url, args=arguments), True))
        except NoReverseMatch:
            left_out.append(name)
    for name, url in OUTSIDE:
        try:
            pages.append((name, reverse(url), False))
        except NoReverseMatch:
            left_out.append(name)
    return user, pages, session.session_key or "", left_out


@contextmanager
def served(address: str) -> Iterator[str]:
    """The address of a running server; one is started and stopped when none is given."""
    if address:
        yield address.rstrip("/")
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "stormdesk.config.asgi:application", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--log-level", "warning"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "STORMDESK_PORT": str(port)},
    )
    try:
        for _ in range(100):
            try:
                urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def take(address: str, pages: list, cookie: str, options: argparse.Namespace) -> Iterator[str]:
    """Write the pictures; yields what is wrong."""
    from playwright.sync_api import sync_playwright

    browser_path = os.environ.get("STORMDESK_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for language in options.languages:
            for width in options.widths:
                for theme in options.themes:
                    context = browser.new_context(
                        viewport={"width": width, "height": 844 if width < 720 else 900},
                        locale=language,
                        color_scheme=theme,
                        has_touch=width < 720,
                        device_scale_factor=2 if width < 720 else 1,
                    )
                    variant = f"{language}-{width}-{theme}"
                    cookies = {"django_language": language, "theme": theme}
                    context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
                    yield from _shoot(context, address, pages, cookie, variant, options.out)
                    context.close()
        browser.close()


def _shoot(context, address: str, pages: list, cookie: str, variant: str, out: Path) -> Iterator[str]:
    signed_in: Callable[[], None] = lambda: context.add_cookies(  # noqa: E731
        [{"name": "stormdesk_session", "value": cookie, "url": address}]
    )
    for name, path, needs_person in sorted(pages, key=lambda page: page[2]):
        if needs_person:
            signed_in()
        page = context.new_page()
        said: list[str] = []
        page.on(
            "console",
            lambda message, said=said: said.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        answer = page.goto(address + path, wait_until="load")
        page.wait_for_timeout(150)
        page.screenshot(path=out / f"{name}-{variant}.png", full_page=True)
        if answer is None or answer.status >= 400:
            yield f"{name} {variant}: answered {answer.status if answer else 'nothing'}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            yield f"{name} {variant}: scrolls sideways by {wide} px"
        yield from (f"{name} {variant}: console: {text}" for text in dict.fromkeys(said))
        page.close()


if __name__ == "__main__":
    raise SystemExit(main())
