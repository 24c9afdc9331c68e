"""The faulty batch, from an empty machine to the exported review: people in browsers, a real server outside."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from stormdesk.learn import drills

pytestmark = [pytest.mark.story, pytest.mark.server]
PEAK = 160  # posts of the peak that the story begins with
SPOKEN = {
    "ru": {
        "zone": "Europe/Moscow", "anna": "Анна Орлова", "boris": "Борис Левин",
        "title": "Партия 1107", "why": "Крышки вздуваются, люди боятся за детей.",
        "cheerful": "Что-то розовое уже на полках! Угадаете вкус?",
        "asks": "У вашего йогурта партии 1107 вздулась крышка, ребёнку стало плохо. Что нам делать?",
        "pays": "Ребёнку плохо после йогурта партии 1107! Верните деньги, номер заказа 4471. Когда ответите?",
        "fact": "Партию 1107 сняли с продажи во всех магазинах.", "source": "директор по качеству",
        "product": "Питьевой йогурт «Клубника»", "batch": "1107",
        "what_to_do": "Вернём деньги в любом магазине без чека", "what_happened": "В части бутылок пошло брожение",
        "facts": "партию 1107 сняли с продажи", "unknown": "почему началось брожение",
        "contact": "личное сообщение нам", "answer": "Здравствуйте! Пожалуйста, не давайте его ребёнку. "
        "Нам очень жаль. Деньги вернёт любой магазин без чека.",
        "line": "Нам очень жаль, что так вышло. Написали вам в личные сообщения, разберёмся там.",
        "private": "Здравствуйте! Простите за отказ. Напишите, пожалуйста, в каком магазине это было.",
        "contained": "Партии в продаже нет, вопросов стало меньше.", "over": "Вопросы кончились.",
        "learnt": "Заквасочная линия перегрелась ночью.",
    },
    "en": {
        "zone": "Europe/London", "anna": "Anna Orlova", "boris": "Boris Levin",
        "title": "Batch 1107", "why": "Lids are swelling and people fear for their children.",
        "cheerful": "Something pink is on the shelves! Can you guess the flavour?",
        "asks": "My child is sick after your batch 1107 yogurt, vomiting all night. What should we do?",
        "pays": "My daughter is in hospital after your batch 1107 yogurt! I want my money back, order 4471. Will you answer?",
        "fact": "Batch 1107 is off the shelves in every shop.", "source": "head of quality",
        "product": "Strawberry drinking yogurt", "batch": "1107",
        "what_to_do": "Any shop gives your money back without a receipt",
        "what_happened": "Some bottles have begun to ferment",
        "facts": "batch 1107 is off the shelves", "unknown": "why it began to ferment",
        "contact": "a direct message to us", "answer": "Hello! Please do not give it to your child. "
        "We are so sorry. Any shop gives your money back without a receipt.",
        "line": "We are so sorry about this. We have written to you in private and will settle it there.",
        "private": "Hello! Please forgive the refusal. Could you tell us which shop it was?",
        "contained": "The batch is off sale and there are fewer questions.", "over": "Nobody asks any more.",
        "learnt": "The fermenting line overheated at night.",
    },
}  # fmt: skip


def test_the_faulty_batch(language, desk, comes, mailbox, servers, outside, tmp_path):
    say = SPOKEN[language]
    brand = drills.story(language).brand
    home, away = servers if language == "ru" else servers[::-1]
    ours, alice, troll = outside(home, "brand"), outside(away, "alice"), outside(away, "troll")

    anna = comes(say["anna"], "anna@example.org")
    anna_becomes_the_owner_by_the_one_time_link(anna, desk)
    slug = anna_names_the_brand_and_its_words(anna, brand, say)
    anna_connects_the_account_by_signing_in_at_its_server(anna, ours)
    boris = comes(say["boris"], "boris@example.org")
    boris_joins_by_annas_link(anna, boris, slug)
    cheerful = a_cheerful_post_is_written_and_approved(anna, boris, say)

    due = anna_schedules_it_for_the_minute_after_next(anna, cheerful, say)
    the_storm_is_replayed(desk, brand, language, tmp_path)
    anna_is_called_by_mail_and_opens_the_alert(anna, mailbox)
    anna_declares_the_crisis(anna, say)
    publishing_is_paused_and_accounts_are_locked(anna, slug, say)
    alice.says(f"@{ours.handle} {say['asks']}")
    troll.says(f"@{ours.handle} {say['pays']}")

    anna_fills_the_blanks_and_sends_the_statement_for_approval(anna, say)
    anna_cannot_approve_her_own_words(anna)
    boris_approves_what_he_reads(boris, anna.page.url)
    anna_publishes_it(anna)
    it_stands_once_on_the_public_page_of_the_account(ours, say)

    anna_answers_in_public(anna, slug, alice, say)
    anna_answers_with_a_public_line_and_goes_on_in_private(anna, slug, troll, say)

    the_cheerful_post_waits_for_a_decision_and_is_dropped(anna, slug, say, due)
    assert ours.own_posts_with(say["cheerful"]) == []
    publishing_goes_on_and_the_crisis_is_over(anna, slug, say)
    assert ours.own_posts_with(say["cheerful"]) == []
    it_stands_once_on_the_public_page_of_the_account(ours, say)

    anna_writes_down_why_it_happened(anna, say)
    the_review_is_taken_along(anna, say)


# --- the first three minutes ---------------------------------------------------------------------------------------


def anna_becomes_the_owner_by_the_one_time_link(anna, desk):
    anna.comes_in_by(desk.owner_link())


def anna_names_the_brand_and_its_words(anna, brand, say) -> str:
    return anna.begins_the_brand(brand.name, [*brand.words, *brand.handles, *brand.hashtags], say["zone"])


def anna_connects_the_account_by_signing_in_at_its_server(anna, ours):
    anna.follows("A Mastodon account")
    anna.page.get_by_label(anna.words("Server")).fill(ours.server)
    anna.presses("Go on")
    anna.page.locator("input[name=login]").fill(ours.name)
    anna.page.locator("input[name=passwd]").fill(ours.password)
    anna.page.locator("input[type=submit], button[type=submit]").first.click()
    anna.sees("%(account)s is connected.", account=ours.name)


def boris_joins_by_annas_link(anna, boris, slug):
    boris.comes_in_by(anna.makes_a_link_for("approver", slug))
    expect(boris.page.locator("#strip")).to_be_visible()


def a_cheerful_post_is_written_and_approved(anna, boris, say) -> str:
    anna.goes_to("Calendar")
    anna.follows("Draft a post")
    anna.page.locator("textarea[name=text]").fill(say["cheerful"])
    anna.presses("Save the draft")
    anna.presses("Send for approval")
    anna.sees("may not approve")
    boris.opens(anna.page.url)
    boris.presses("Approve this text")
    boris.sees("yes")
    return anna.page.url


def anna_schedules_it_for_the_minute_after_next(anna, cheerful, say) -> datetime:
    anna.opens(cheerful)
    due = (datetime.now(UTC) + timedelta(seconds=145)).replace(second=0, microsecond=0)
    local = due.astimezone(ZoneInfo(say["zone"]))
    anna.writes("Day", f"{local:%Y-%m-%d}")
    anna.writes("Time", f"{local:%H:%M}")
    anna.presses("Schedule")
    anna.sees("Move")
    return due


# --- the storm -----------------------------------------------------------------------------------------------------


def the_storm_is_replayed(desk, brand, language, folder: Path):
    """The drill's quiet day and its storm up to the peak, with times that end a few minutes ago."""
    posts = [post for post in drills.schedule(language) if not post.assumes_statement]
    posts = posts[: next(n for n, post in enumerate(posts) if post.phase == "peak") + PEAK]
    begins = datetime.now(UTC) - timedelta(minutes=6, seconds=posts[-1].offset_seconds)
    file = folder / "posts.csv"
    with file.open("w", newline="", encoding="utf-8") as written:
        table = csv.writer(written)
        table.writerow(["id", "time", "author", "name", "followers", "text"])
        for post in posts:
            at = begins + timedelta(seconds=post.offset_seconds)
            table.writerow(
                [
                    post.native_id,
                    at.isoformat(),
                    post.author_handle,
                    post.author_name,
                    post.followers,
                    post.text,
                ]
            )
    taken = desk.command("replay", str(file), "--brand", brand.name)
    assert (taken["stored"], taken["refused"]) == (len(posts), 0), taken
    again = desk.command("replay", str(file), "--brand", brand.name)
    assert (again["stored"], again["duplicates"]) == (0, len(posts)), again


def anna_is_called_by_mail_and_opens_the_alert(anna, mailbox):
    _subject, text = mailbox.letter_to(anna.email, "/alerts/")
    anna.opens(re.search(r"http://\S+/alerts/\d+/", text)[0])
    anna.sees("Five posts that show it")
    expect(anna.page.locator("article.post")).to_have_count(5)
    anna.presses("I have it")
    anna.sees("Who was called")


def anna_declares_the_crisis(anna, say):
    anna.follows("Declare a crisis…")
    anna.writes("What is it called?", say["title"])
    anna.writes("Why now, in one sentence", say["why"])
    anna.chooses("Type", "Faulty product")
    anna.page.get_by_label(anna.words("1, watch closely")).check()
    anna.presses("Declare the crisis now")
    expect(anna.page.locator(".strip-crisis")).to_have_attribute("data-on", "active")
    anna.reads(say["title"], anna.page.locator("#strip"))


def publishing_is_paused_and_accounts_are_locked(anna, slug, say):
    anna.sees("Publishing paused", within=anna.page.locator("#strip"))
    anna.sees("Publishing paused", within=anna.page.locator("#containment"))
    anna.goes_to("Accounts")
    anna.sees("Locked: only the people named publish")
    anna.reads(anna.name, anna.page.locator(".lock-card"))


# --- the answer ----------------------------------------------------------------------------------------------------


def anna_fills_the_blanks_and_sends_the_statement_for_approval(anna, say):
    anna.goes_to("Crisis room")
    anna.follows("Open the statement")
    anna.sees("blocks sending")
    expect(anna.page.get_by_role("button", name=anna.words("Send for approval"))).to_have_count(0)
    anna.page.locator("summary", has_text=anna.words("Add a fact")).click()
    anna.writes("Fact", say["fact"])
    anna.page.get_by_label(anna.words("Who or what shows it")).last.fill(say["source"])
    anna.presses("Add", within=anna.page.locator("details[open]"))
    anna.reads(say["fact"])
    anna.follows("Change")
    promise = anna.page.locator("input[name=time]").input_value()
    for field in ("text", "short_text"):
        area = anna.page.locator(f"textarea[name={field}]")
        written = area.input_value()
        for blank in ("product", "batch", "what_to_do", "what_happened", "facts", "unknown", "contact"):
            written = written.replace(f"{{{{{blank}}}}}", say[blank])
        area.fill(written.replace("{{next_word_at}}", promise))
    anna.presses("Save this version")
    anna.presses("Send for approval")
    anna.sees("in approval")


def anna_cannot_approve_her_own_words(anna):
    anna.sees("may not approve", within=anna.page.locator("#approvals"))
    expect(anna.page.get_by_role("button", name=anna.words("Approve this text"))).to_have_count(0)


def boris_approves_what_he_reads(boris, address):
    boris.opens(address)
    boris.presses("Approve this text")
    boris.sees("approved")


def anna_publishes_it(anna):
    anna.opens(anna.page.url)
    anna.presses("Publish to %(n)s network now", "Publish to %(n)s networks now", n=1)
    anna.sees("Where it went")
    anna.sees("sent", within=anna.page.locator("#sent"))


def it_stands_once_on_the_public_page_of_the_account(ours, say):
    assert len(ours.shows(say["unknown"])) == 1


def _anna_finds_what_was_said_and_answers_it(anna, slug, words):
    anna.opens(f"/b/{slug}/heard/?q={quote(words)}")
    anna.finds_after_a_while(anna.page.locator("article.post", has_text=words))
    anna.page.locator("article.post", has_text=words).first.locator("a.quiet-link").click()
    anna.finds_after_a_while(anna.page.get_by_role("link", name=anna.words("Answer"), exact=True))
    anna.follows("Answer", within=anna.page.locator("#main"))
    anna.reads(words, anna.page.locator("#conversation"))


def anna_answers_in_public(anna, slug, alice, say):
    _anna_finds_what_was_said_and_answers_it(anna, slug, say["asks"])
    anna.page.locator("#answer-text").fill(say["answer"])
    anna.presses("Send and stay")
    assert alice.told(say["answer"])["visibility"] == "public"


def anna_answers_with_a_public_line_and_goes_on_in_private(anna, slug, troll, say):
    _anna_finds_what_was_said_and_answers_it(anna, slug, say["pays"])
    anna.page.locator("button[name=to][value=both]").click()
    anna.page.locator("#answer-text").fill(say["line"])
    anna.page.locator("#private-text").fill(say["private"])
    anna.presses("Send both and next")
    assert troll.told(say["line"])["visibility"] == "public"
    # What is for one person only, this server calls private.
    assert troll.told(say["private"])["visibility"] in ("direct", "private")


# --- and back ------------------------------------------------------------------------------------------------------


def the_cheerful_post_waits_for_a_decision_and_is_dropped(anna, slug, say, due):
    anna.opens(f"/b/{slug}/calendar/")
    anna.waits_until(due)
    anna.follows("Open the resume review")
    anna.reads(say["cheerful"])
    anna.sees("Waits because")
    expect(
        anna.page.get_by_role(
            "button", name=anna.words("Send to %(n)s network now", "Send to %(n)s networks now", n=1)
        )
    ).to_have_attribute("aria-disabled", "true")
    anna.presses("Drop")
    anna.sees("Nothing is held")


def publishing_goes_on_and_the_crisis_is_over(anna, slug, say):
    anna.follows("Open the pause")
    anna.presses("End this pause")
    anna.sees("Publishing on", within=anna.page.locator("#strip"))
    anna.goes_to("Crisis room")
    for state, why in (("Contained", say["contained"]), ("Resolved", say["over"])):
        anna.presses("Change state")
        dialog = anna.page.locator("dialog#state")
        dialog.get_by_label(anna.words(state)).check()
        anna.writes("Why", why, within=dialog)
        if state == "Resolved":
            dialog.get_by_label(anna.words("Unlock the accounts")).check()
        anna.presses("Change the state", within=dialog)
        anna.sees(state)


def anna_writes_down_why_it_happened(anna, say):
    """Standing down has led to the review, which the desk has written as far as facts go."""
    anna.reads(say["title"], anna.page.locator("h1"))
    anna.reads(say["why"])
    anna.sees("the chain is whole")
    anna.page.locator("textarea[name=cause]").fill(say["learnt"])
    anna.presses("Save")
    expect(anna.page.locator("textarea[name=cause]")).to_have_value(say["learnt"])


def the_review_is_taken_along(anna, say):
    page = _exported(anna, "HTML").decode()
    assert say["title"] in page
    assert say["learnt"] in page
    assert "<svg" in page
    told = json.loads(_exported(anna, "JSON"))
    assert say["learnt"] in json.dumps(told, ensure_ascii=False)
    paper = PdfReader(io.BytesIO(_exported(anna, "PDF")))
    text = " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).split())
    assert say["title"] in text
    assert say["learnt"] in text
    assert anna.name in text
    # The picture is drawn, not printed: a page with curves, far more strokes than boxes and rules need.
    strokes = max(len(re.findall(rb"\b[lc]\s", sheet.get_contents().get_data())) for sheet in paper.pages)
    assert strokes > 100


def _exported(anna, form: str) -> bytes:
    with anna.page.expect_download() as download:
        anna.page.get_by_role("link", name=form, exact=True).click()
    return Path(download.value.path()).read_bytes()
