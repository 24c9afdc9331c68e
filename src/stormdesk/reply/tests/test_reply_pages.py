"""The inbox in a browser's eyes."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from stormdesk.core.clock import utcnow
from stormdesk.publish.models import Post
from stormdesk.reply import actions, queries
from stormdesk.reply.models import Conversation

pytestmark = pytest.mark.django_db
KIND = "I am so sorry, Oksana. Our doctor's line is open now."


def url(name, conversation, *more):
    return reverse(name, args=[conversation.brand.slug, conversation.pk, *more])


def test_an_empty_inbox_says_what_comes_here(client_of, owner, brand):
    page = client_of(owner).get(reverse("inbox", args=[brand.slug])).content.decode()
    assert "Nobody waits" in page
    assert "the most urgent first" in page


def test_the_queue_shows_who_waits_and_hostile_words_stay_words(account, wrote, now, vera, client_of, brand):
    wrote("<script>alert(1)</script> \u202eevil", handle="<b>eve</b>", urgency=3)
    wrote("Hello?", handle="dmitry")
    actions.open_conversations(now=now)
    page = client_of(vera).get(reverse("inbox", args=[brand.slug])).content.decode()
    assert "2 people wait for an answer" in page
    assert "<script>alert(1)" not in page
    assert "<b>eve</b>" not in page.replace("&lt;b&gt;", "")
    assert "\u202e" not in page
    assert page.index("evil") < page.index("Hello?")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_conversation_in_both_languages(conversation, vera, client_of, language):
    page = client_of(vera, language).get(url("conversation", conversation))
    assert page.status_code == 200
    assert "Where do I call?" in page.content.decode()


def test_a_mention_leads_to_its_conversation(conversation, vera, client_of, brand, make_brand):
    mention = conversation.lines.get().mention_id
    client, inbox = client_of(vera), reverse("inbox", args=[brand.slug])
    assert client.get(f"{inbox}?mention={mention}").headers["location"] == url("conversation", conversation)
    assert client.get(f"{inbox}?mention={mention + 1}").status_code == 200
    assert queries.conversation_about(make_brand("Other"), mention) is None


def test_what_refreshes_itself_stays_with_the_person_on_the_page(account, wrote, now, vera, client_of, brand):
    wrote("first", urgency=1, handle="oksana")
    actions.open_conversations(now=now)
    page = client_of(vera).get(reverse("inbox", args=[brand.slug])).content.decode()
    asked = re.search(r'id="talk"[^>]*hx-get="([^"]+)"', page)[1]
    wrote("second, more urgent", urgency=3, handle="dmitry")
    actions.open_conversations(now=now)
    talk = client_of(vera).get(asked).content.decode().split('id="talk"')[1].split("</ol>")[0]
    assert "first" in talk
    assert "second" not in talk


def test_answer_and_next(account, wrote, now, vera, client_of, brand):
    wrote("first", urgency=3, handle="oksana")
    wrote("second", urgency=1, handle="dmitry")
    actions.open_conversations(now=now)
    first, second = Conversation.objects.order_by("-urgency")
    data = {
        "text": KIND,
        "visibility": "public",
        "seen": queries.last_seen(first),
        "next": "1",
        "back": "show=unassigned",
    }
    answer = client_of(vera).post(url("answer", first), data)
    assert answer.headers["location"] == url("conversation", second) + "?show=unassigned"
    assert Post.objects.get().text == KIND


def test_next_passes_over_what_a_colleague_is_answering(account, wrote, now, vera, max_, client_of, brand):
    for handle, urgency in (("oksana", 3), ("dmitry", 2), ("aygul", 1)):
        wrote(handle=handle, urgency=urgency)
    actions.open_conversations(now=now)
    first, second, third = Conversation.objects.order_by("-urgency")
    actions.check_out(conversation=second, by=max_, now=utcnow())
    answer = client_of(vera).post(url("answer", first), {"text": KIND, "visibility": "public", "next": "1"})
    assert answer.headers["location"] == url("conversation", third)


def test_a_refused_answer_stays_in_the_box_with_its_reason(conversation, vera, client_of):
    browser = client_of(vera)
    text = "Call {{contact}}, we are sorry"
    answer = browser.post(url("answer", conversation), {"text": text, "visibility": "public"}, follow=True)
    page = answer.content.decode()
    assert "A rule stops this text" in page
    assert text in page
    assert not Post.objects.exists()


def test_typing_keeps_the_draft_and_the_person(conversation, vera, max_, client_of):
    typing = {"text": "Oksana, I am", "visibility": "public"}
    kept = client_of(vera).post(
        url("reply_draft", conversation), typing, headers={"x-requested-with": "autosave"}
    )
    assert kept.status_code == 204
    page = client_of(vera).get(url("conversation", conversation)).content.decode()
    assert "Oksana, I am" in page
    other = client_of(max_).get(url("conversation", conversation)).content.decode()
    assert "Vera Sokolova is answering this person" in other
    assert "Oksana, I am" not in other


def test_switching_to_private_keeps_the_words(conversation, vera, client_of):
    data = {"text": "One line", "private_text": "", "visibility": "public", "to": "both"}
    page = client_of(vera).post(url("reply_draft", conversation), data, follow=True).content.decode()
    assert "One line" in page
    assert "2. Private message" in page


def test_a_macro_is_added_to_what_was_typed(conversation, vera, client_of, brand):
    macro = queries.suggestions(conversation, vera)[0].macro
    data = {"text": "Hello.", "visibility": "public", "macro": macro.pk}
    client_of(vera).post(url("reply_draft", conversation), data)
    draft = queries.draft_of(conversation, vera).text
    assert draft.startswith("Hello.\nOksana")


def test_findings_come_as_one_types(conversation, vera, client_of):
    page = client_of(vera).post(url("reply_findings", conversation), {"text": "Call {{contact}}"})
    assert "stops the answer" in page.content.decode()
    good = client_of(vera).post(url("reply_findings", conversation), {"text": KIND})
    assert "not a copy of an earlier answer" in good.content.decode()
    assert client_of(vera).post(url("reply_findings", conversation), {"text": ""}).content.strip() == b""


def test_a_reader_sees_no_telephone_number_and_no_box(account, wrote, now, person, client_of, vera):
    text = "Ring me: +7 921 555 44 33"
    wrote(text, personal_data=[{"kind": "phone", "start": 9, "end": len(text)}])
    actions.open_conversations(now=now)
    conversation = Conversation.objects.get()
    page = client_of(person("viewer")).get(url("conversation", conversation)).content.decode()
    assert "555" not in page
    assert 'id="answer"' not in page
    page = client_of(vera).get(url("conversation", conversation)).content.decode()
    assert "555 44 33" in page
    assert "Personal data stands in public" in page


@pytest.mark.parametrize("show", ["mine", "unassigned", "urgent", "late", "nonsense"])
def test_every_filter_has_a_page(conversation, vera, client_of, brand, show):
    page = client_of(vera).get(reverse("inbox", args=[brand.slug]), {"show": show, "narrative": "٣"})
    assert page.status_code == 200


@pytest.mark.parametrize(
    "button",
    ["take_conversation", "release_conversation", "assign_conversation", "close_conversation",
     "reopen_conversation", "conversation_note", "close_public", "answer", "reply_draft", "reply_findings"],
)  # fmt: skip
def test_every_button_asks_who_presses_it_and_at_which_brand(
    conversation, person, client_of, make_brand, make_person, button
):
    assert client_of(person("viewer")).post(url(button, conversation)).status_code == 403
    other = make_brand("River")
    stranger = make_person("Eve", {other: "owner"})
    path = reverse(button, args=[other.slug, conversation.pk])
    assert client_of(stranger).post(path).status_code == 404
    assert client_of(stranger).get(path).status_code in (404, 405)


def test_buttons_do_what_they_say(conversation, vera, max_, client_of, fresh):
    browser = client_of(vera)
    browser.post(url("take_conversation", conversation))
    assert fresh(conversation).assigned_to == vera
    browser.post(url("release_conversation", conversation))
    browser.post(url("assign_conversation", conversation), {"to": max_.pk})
    assert fresh(conversation).assigned_to == max_
    browser.post(url("conversation_note", conversation), {"text": "Her son is six"})
    assert "Her son is six" in browser.get(url("conversation", conversation)).content.decode()
    browser.post(url("close_conversation", conversation), {"reason": "rang her"})
    assert fresh(conversation).state == "closed"
    browser.post(url("reopen_conversation", conversation))
    assert fresh(conversation).state == "waiting"


def test_both_halves_through_the_page(conversation, vera, client_of, fresh):
    browser = client_of(vera)
    data = {"text": "I am sorry, I write to you.", "private_text": "Which batch?", "visibility": "both"}
    browser.post(url("answer", conversation), data)
    assert fresh(conversation).state == "private"
    assert "the public half is still open" in browser.get(url("conversation", conversation)).content.decode()
    browser.post(url("close_public", conversation), {"text": "Thank you, settled."})
    assert fresh(conversation).state == "closed"
    assert Post.objects.count() == 3
