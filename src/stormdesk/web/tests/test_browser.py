"""The shell in a real browser: keys, theme and live parts under the strict policy, and what axe finds."""

import os
from datetime import timedelta

import pytest
from django.utils.timezone import now as utcnow

from stormdesk.declare.models import Crisis
from stormdesk.journal.actions import announce

CHROMIUM = os.environ.get("STORMDESK_TEST_CHROMIUM", "")
pytestmark = [
    pytest.mark.story,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no browser; scripts/services names one"),
]


@pytest.fixture
def address(serve, settings):
    # Every request would write, and writers of a database in memory do not wait for one another.
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    from stormdesk.config.asgi import application

    with serve(application) as address:
        yield address


@pytest.fixture
def open_page(address, client_of, owner, monkeypatch, settings):
    """`open_page(path, width=…, language=…, theme=…)` → a page of a signed-in browser; it must not write errors."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread
    from playwright.sync_api import sync_playwright

    session = client_of(owner).cookies[settings.SESSION_COOKIE_NAME].value
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def make(path, *, width=1440, language="en", theme="light", **more):
            context = browser.new_context(
                viewport={"width": width, "height": 860}, locale=language, color_scheme=theme, **more
            )
            cookies = {settings.SESSION_COOKIE_NAME: session, "django_language": language}
            context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(address + path)
            return page

        yield make
        browser.close()
    assert said == []


def test_a_crisis_declared_elsewhere_appears_on_an_open_page(open_page, brand, owner):
    page = open_page(f"/b/{brand.slug}/")
    page.wait_for_selector(".age:not([hidden])")
    assert "No crisis declared" in page.inner_text("#strip")
    at = utcnow() - timedelta(minutes=3)
    Crisis.objects.create(
        brand=brand, title="Faulty batch", type="faulty_product", severity=2, lead=owner, reason="lids",
        declared_by=owner, declared_at=at, began_at=at,
    )  # fmt: skip
    announce(brand, "crisis", now=utcnow())
    page.wait_for_selector(".strip-crisis[data-on=active]")
    assert "Faulty batch" in page.inner_text("#strip")
    page.locator("h1", has_text="in a crisis").wait_for()


def test_keys_work_in_every_layout_and_under_the_strict_policy(open_page, brand):
    page = open_page(f"/b/{brand.slug}/", language="ru")
    page.keyboard.press("Control+KeyK")
    page.wait_for_selector("#find[open]")
    page.keyboard.type("компон")
    assert page.locator("#find-q").input_value() == "компон"
    assert page.locator("[data-find-list] li:not([hidden]):not([data-find-words])").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/components/")
    page.keyboard.press("Shift+Slash")
    page.wait_for_selector("#keys[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#keys:not([open])", state="attached")


def test_the_theme_is_kept(open_page, brand):
    page = open_page(f"/b/{brand.slug}/")
    page.click("[data-toggle-theme]")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_strip_of_a_phone_is_one_thumb_high(open_page, brand):
    page = open_page(f"/b/{brand.slug}/", width=360, language="ru", has_touch=True)
    box = page.locator("#strip").bounding_box()
    assert box["height"] <= 45
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.click(".rail .more button")
    page.wait_for_selector("#find[open]")


@pytest.mark.parametrize(
    ("language", "width", "theme"),
    [("ru", 1440, "light"), ("ru", 390, "dark"), ("en", 900, "dark"), ("en", 360, "light")],
)
def test_axe_finds_nothing(open_page, brand, owner, language, width, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    for path in (f"/b/{brand.slug}/", "/components/"):
        page = open_page(path, width=width, language=language, theme=theme, bypass_csp=True)
        found = axe.Axe().run(page).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
