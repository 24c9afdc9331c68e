"""A quiet day at the desk: ten minutes of listening, one correction, one worry, one post. axe looks at every page."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from stormdesk.learn import drills

pytestmark = pytest.mark.story
QUIET = 120  # posts of the drill's quiet day
SPOKEN = {
    "ru": {
        "zone": "Europe/Moscow", "anna": "Анна Орлова", "boris": "Борис Левин", "search": "йогурт",
        "worry": "В форуме фермеров обсуждают нашу воду.", "because": "Пока трое человек, отвечать нечего.",
        "post": "Завтра привезём ряженку в новый магазин на Советском проспекте.",
    },
    "en": {
        "zone": "Europe/London", "anna": "Anna Orlova", "boris": "Boris Levin", "search": "cheeses",
        "worry": "A farmers' forum talks about our water.", "because": "Three people so far: nothing to answer.",
        "post": "Tomorrow we bring oat kefir to the new shop on Mill Road.",
    },
}  # fmt: skip
OTHER_PAGES = {
    "calendar": "calendar/", "accounts": "accounts/", "people": "people/", "on call": "on-call/",
    "sources": "settings/sources/", "words": "settings/queries/", "definition": "settings/definition/",
    "journal": "settings/journal/", "reviews": "reviews/", "statements": "statements/",
    "inbox": "inbox/", "tasks": "tasks/", "daily review": "daily/", "executive": "executive/",
    "pause": "pause/", "no crisis": "crisis/", "declare": "declare/",
}  # fmt: skip


def test_a_quiet_day(language, desk, comes, axe, tmp_path):
    say, brand = SPOKEN[language], drills.story(language).brand
    anna, boris = comes(say["anna"], "anna@example.org"), comes(say["boris"], "boris@example.org")

    anna.opens(desk.owner_link())
    axe.looks_at(anna, "come in")
    anna.comes_in_by(desk.owner_link())
    slug = anna.begins_the_brand(brand.name, [*brand.words, *brand.handles, *brand.hashtags], say["zone"])
    axe.looks_at(anna, "first source")
    anna_connects_the_practice_network(anna)
    boris.comes_in_by(anna.makes_a_link_for("approver", slug))
    anna_signs_out_and_in_again(anna, axe)

    anna_brings_a_file_of_posts(anna, axe, slug, language, tmp_path)
    anna.goes_to("Pulse")
    axe.looks_at(anna, "pulse")
    anna_searches_and_filters_what_was_heard(anna, axe, say)
    anna_corrects_what_was_misread(anna, axe)
    anna_raises_a_concern_and_decides_that_it_needs_nothing(anna, axe, say)

    post = anna_writes_a_post_and_boris_approves_it(anna, boris, axe, say)
    anna_schedules_it_for_the_next_minute(anna, say)
    anna_signs_the_policy(anna, axe)
    anna.goes_to("Drills")
    axe.looks_at(anna, "drills")
    for name, path in OTHER_PAGES.items():
        anna.opens(f"/b/{slug}/{path}")
        axe.looks_at(anna, name)
    anna.opens(post)
    anna.sees("sent", within=anna.page.locator("#post"))
    axe.looks_at(anna, "a post that was sent")
    assert not axe.found, "\n".join(axe.found)


def anna_connects_the_practice_network(anna):
    anna.follows("The practice network")
    anna.writes("Account name", "meadow")
    anna.page.locator("#main form button[type=submit]").first.click()
    anna.sees("%(account)s is connected.", account="meadow")


def anna_signs_out_and_in_again(anna, axe):
    anna.page.locator("details.menu.end summary").first.click()
    anna.presses("Sign out")
    anna.opens("/account/login/")
    axe.looks_at(anna, "sign in")
    anna.writes("Work e-mail", anna.email)
    anna.writes("Password", anna.password)
    anna.presses("Sign in")
    expect(anna.page.locator("#strip")).to_be_visible()


def anna_brings_a_file_of_posts(anna, axe, slug, language, folder: Path):
    posts = [post for post in drills.schedule(language) if post.phase == "background"][:QUIET]
    begins = datetime.now(UTC) - timedelta(minutes=10, seconds=posts[-1].offset_seconds)
    file = folder / "quiet.csv"
    with file.open("w", newline="", encoding="utf-8") as written:
        table = csv.writer(written)
        table.writerow(["id", "time", "author", "followers", "text"])
        for post in posts:
            at = begins + timedelta(seconds=post.offset_seconds)
            table.writerow([post.native_id, at.isoformat(), post.author_handle, post.followers, post.text])
    anna.opens(f"/b/{slug}/settings/import/")
    axe.looks_at(anna, "import")
    anna.page.locator("input[type=file]").set_input_files(file)
    anna.presses("Bring it and look at the columns")
    anna.sees("Which column is what")
    axe.looks_at(anna, "columns")
    anna.presses("Read the file in")
    anna.reads(f"{QUIET}", anna.page.locator("#progress"))


def anna_searches_and_filters_what_was_heard(anna, axe, say):
    anna.goes_to("Heard")
    axe.looks_at(anna, "heard")
    anna.page.locator("#q").fill(say["search"])
    anna.presses("Find", within=anna.page.locator("form[role=search]"))
    expect(anna.page.locator("article.post mark").first).to_be_visible()
    found = anna.page.locator("article.post").count()
    assert 0 < found < QUIET
    anna.opens(anna.page.url + "&mood=negative")
    assert anna.page.locator("article.post").count() < found
    axe.looks_at(anna, "a search")


def anna_corrects_what_was_misread(anna, axe):
    anna.goes_to("Heard")
    anna.page.locator("article.post a.quiet-link").first.click()
    axe.looks_at(anna, "mention")
    anna.page.locator("summary", has_text=anna.words("Right?")).first.click()
    anna.page.locator("details[open] form.menu-list button").last.click()
    anna.sees("a person said so")


def anna_raises_a_concern_and_decides_that_it_needs_nothing(anna, axe, say):
    anna.goes_to("Alerts")
    axe.looks_at(anna, "alerts")
    anna.presses("Raise a concern")
    anna.writes("What did you notice?", say["worry"], within=anna.page.locator("dialog#concern"))
    anna.presses("Tell whoever is on call")
    anna.reads(say["worry"])
    anna.page.locator("input[name=why]").first.fill(say["because"])
    anna.presses("Needs none")
    anna.goes_to("Alerts")
    anna.reads(say["because"])


def anna_writes_a_post_and_boris_approves_it(anna, boris, axe, say) -> str:
    anna.goes_to("Calendar")
    anna.follows("Draft a post")
    anna.page.locator("textarea[name=text]").fill(say["post"])
    axe.looks_at(anna, "composer")
    anna.presses("Save the draft")
    anna.presses("Send for approval")
    anna.sees("may not approve")
    expect(anna.page.get_by_role("button", name=anna.words("Approve this text"))).to_have_count(0)
    boris.opens(anna.page.url)
    axe.looks_at(boris, "a post to approve")
    boris.presses("Approve this text")
    boris.sees("yes")
    return anna.page.url


def anna_schedules_it_for_the_next_minute(anna, say):
    anna.opens(anna.page.url)
    due = (datetime.now(UTC) + timedelta(seconds=75)).astimezone(ZoneInfo(say["zone"]))
    anna.writes("Day", f"{due:%Y-%m-%d}")
    anna.writes("Time", f"{due:%H:%M}")
    anna.presses("Schedule")
    anna.sees("Move")


def anna_signs_the_policy(anna, axe):
    anna.goes_to("Policy")
    axe.looks_at(anna, "policy")
    anna.presses("I have read it and will keep to it")
    expect(
        anna.page.get_by_role("button", name=anna.words("I have read it and will keep to it"))
    ).to_have_count(0)
