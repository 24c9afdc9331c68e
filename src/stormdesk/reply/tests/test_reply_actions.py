"""Who answers whom: once, by one person at a time, and nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stormdesk.core.errors import AccessDenied, BadInput, Conflict, Refused
from stormdesk.listen.models import Mention
from stormdesk.publish.models import Post
from stormdesk.publish.rules import PostState
from stormdesk.reply import actions, queries
from stormdesk.reply.models import Conversation, Line, Macro, ReplyDraft

KIND = "I am so sorry, Oksana. Our doctor's line is open now."


def test_what_waits_becomes_conversations_once(account, wrote, now, brand):
    wrote("My son is ill", urgency=3, minutes=30)
    wrote("And nobody answers!", native_id="again", thread="post-thread", minutes=20)
    wrote("Same thread", native_id="more", thread="post-thread", minutes=10, urgency=2)
    wrote("Lovely day", waits=False)
    assert actions.open_conversations(now=now) == 3
    assert actions.open_conversations(now=now) == 0
    first, second = Conversation.objects.order_by("-urgency")
    assert (first.urgency, first.due_at) == (3, now - timedelta(minutes=15))
    assert (second.lines.count(), second.urgency) == (2, 2)
    assert second.waits_since == now - timedelta(minutes=20)
    assert first.account == account
    assert queries.waiting(brand, now=now) == queries.Waiting(2, now - timedelta(minutes=30))


def test_a_brand_begins_with_the_shipped_macros(conversation, brand, now):
    assert Macro.objects.filter(brand=brand, language="ru").count() > 5
    assert actions.begin_macros(brand=brand, by=None, now=now) == 0


def test_a_batch_is_bounded_and_the_urgent_come_first(account, wrote, now):
    for urgency in (0, 3, 1):
        wrote(urgency=urgency, handle=f"person{urgency}")
    assert actions.open_conversations(now=now, most=2) == 2
    assert set(Conversation.objects.values_list("urgency", flat=True)) == {3, 1}


def test_an_answer_goes_to_the_outbox_once_and_the_person_no_longer_waits(conversation, vera, now, brand):
    actions.save_draft(conversation=conversation, by=vera, now=now, text=KIND)
    post = actions.answer(conversation=conversation, by=vera, now=now, text=KIND)
    assert (post.state, post.kind, post.to_handle) == (PostState.SCHEDULED, "reply", "oksana")
    assert post.in_reply_to == Mention.objects.get().native_id
    conversation.refresh_from_db()
    assert (conversation.state, conversation.held_by, conversation.answered_at) == ("answered", None, now)
    assert not Mention.objects.filter(waits=True).exists()
    assert not ReplyDraft.objects.exists()
    assert queries.waiting(brand, now=now).count == 0


def test_two_people_at_once_one_answer(conversation, vera, max_, now, fresh):
    for_vera, for_max = fresh(conversation), fresh(conversation)
    actions.answer(conversation=for_vera, by=vera, now=now, text=KIND)
    with pytest.raises(Conflict):
        actions.answer(conversation=for_max, by=max_, now=now, text="Sorry! Call us.")
    assert Post.objects.count() == 1


def test_nobody_answers_what_a_colleague_is_answering(conversation, vera, max_, now, fresh):
    actions.check_out(conversation=conversation, by=vera, now=now)
    later = now + timedelta(minutes=9)
    with pytest.raises(Conflict, match="Vera Sokolova"):
        actions.answer(conversation=fresh(conversation), by=max_, now=later, text="Sorry! Call us.")
    with pytest.raises(Conflict, match="Vera Sokolova"):
        actions.check_out(conversation=fresh(conversation), by=max_, now=later)
    with pytest.raises(Conflict, match="Vera Sokolova"):
        actions.close(conversation=fresh(conversation), by=max_, now=later, reason="spam")


def test_a_hold_runs_out_unless_it_is_kept_up(conversation, vera, max_, now, fresh):
    actions.check_out(conversation=conversation, by=vera, now=now)
    actions.check_out(conversation=fresh(conversation), by=vera, now=now + timedelta(minutes=8))
    with pytest.raises(Conflict):
        actions.check_out(conversation=fresh(conversation), by=max_, now=now + timedelta(minutes=12))
    after = now + timedelta(minutes=18)
    actions.check_out(conversation=fresh(conversation), by=max_, now=after)
    with pytest.raises(Conflict, match="Max Kern"):
        actions.answer(conversation=fresh(conversation), by=vera, now=after, text=KIND)


def test_a_released_conversation_is_free(conversation, vera, max_, now, fresh):
    actions.check_out(conversation=conversation, by=vera, now=now)
    actions.release(conversation=conversation, by=vera, now=now)
    actions.check_out(conversation=fresh(conversation), by=max_, now=now)
    actions.release(conversation=fresh(conversation), by=vera, now=now)  # not hers to release
    assert queries.holder(fresh(conversation), now) == max_


def test_a_draft_survives_a_colleague_and_a_refusal(conversation, vera, max_, now, fresh):
    actions.check_out(conversation=conversation, by=max_, now=now)
    actions.save_draft(conversation=fresh(conversation), by=vera, now=now, text=KIND)
    with pytest.raises(Conflict):
        actions.answer(conversation=fresh(conversation), by=vera, now=now, text=KIND)
    assert queries.draft_of(conversation, vera).text == KIND
    assert queries.draft_of(conversation, max_).text == ""
    assert queries.holder(fresh(conversation), now) == max_


def test_what_was_just_sent_does_not_come_back_as_a_draft(conversation, vera, max_, now, fresh):
    actions.answer(conversation=conversation, by=vera, now=now, text=KIND)
    soon = now + timedelta(seconds=2)
    actions.save_draft(conversation=fresh(conversation), by=vera, now=soon, text=KIND)
    assert queries.holder(fresh(conversation), soon) is None
    assert not ReplyDraft.objects.exists()
    actions.save_draft(
        conversation=fresh(conversation), by=vera, now=soon, text=KIND + " And one more thing."
    )
    actions.save_draft(conversation=fresh(conversation), by=max_, now=soon, text=KIND)
    assert ReplyDraft.objects.count() == 2


def test_an_answer_to_what_was_said_before_is_refused(conversation, vera, wrote, now, fresh):
    seen = queries.last_seen(conversation)
    wrote("Never mind, it is worse now!", thread=conversation.thread, native_id="later", minutes=0)
    actions.open_conversations(now=now)
    with pytest.raises(Conflict, match="wrote again"):
        actions.answer(conversation=fresh(conversation), by=vera, now=now, text=KIND, seen=seen)
    assert not Post.objects.exists()


def test_who_writes_again_waits_again(conversation, vera, wrote, now, fresh):
    actions.answer(conversation=conversation, by=vera, now=now, text=KIND)
    later = now + timedelta(hours=1)
    wrote("The line is busy", thread=conversation.thread, native_id="busy", published_at=later)
    actions.open_conversations(now=later)
    again = fresh(conversation)
    assert (again.state, again.waits_since, again.lines.count()) == ("waiting", later, 3)
    actions.answer(conversation=again, by=vera, now=later, text="I am sorry, try 112.")


def test_an_answer_to_our_answer_stays_in_the_conversation(conversation, vera, wrote, now):
    post = actions.answer(conversation=conversation, by=vera, now=now, text=KIND)
    Post.objects.filter(pk=post.pk).update(native_id="ours-1", state=PostState.SENT)
    wrote("It rings and rings", in_reply_to="ours-1", thread="a-new-one", minutes=0)
    wrote("Me too", in_reply_to="ours-1", thread="a-new-one", handle="aygul", minutes=0)
    actions.open_conversations(now=now)
    assert conversation.lines.count() == 3
    assert Conversation.objects.count() == 2


def test_public_first_then_private_is_one_conversation_that_returns_to_the_public(
    conversation, vera, wrote, now, fresh
):
    public, direct = actions.move_to_private(
        conversation=conversation,
        by=vera,
        now=now,
        public_text="I am so sorry, Oksana. I am writing to you in private.",
        private_text="Oksana, sorry again. Which batch was it?",
    )
    assert (public.visibility, direct.visibility) == ("public", "direct")
    assert fresh(conversation).state == "private"
    later = now + timedelta(minutes=20)
    wrote("1107", kind="direct", thread="dm-1", native_id="dm-1", published_at=later)
    actions.open_conversations(now=later)
    same = fresh(conversation)
    assert (same.state, Conversation.objects.count()) == ("waiting", 1)
    actions.answer(
        conversation=same, by=vera, now=later, text="Thank you, money is coming.", visibility="direct"
    )
    assert fresh(conversation).state == "private"  # the public half is still open
    actions.close_public(
        conversation=fresh(conversation), by=vera, now=later, text="Settled, thank you, Oksana!"
    )
    closed = fresh(conversation)
    assert (closed.state, Post.objects.count()) == ("closed", 4)
    assert [said.private for said in queries.said_in(closed)] == [False, False, True, True, True, False]


def test_half_of_two_halves_is_not_sent(conversation, vera, now, fresh):
    with pytest.raises(BadInput):
        actions.move_to_private(
            conversation=conversation, by=vera, now=now, public_text="Sorry, Oksana.", private_text=" "
        )
    with pytest.raises(Refused):  # a blank stops the private half, and so the public one
        actions.move_to_private(
            conversation=fresh(conversation),
            by=vera,
            now=now,
            public_text="Sorry.",
            private_text="Call {{contact}}",
        )
    assert not Post.objects.exists()
    assert fresh(conversation).state == "waiting"


def test_a_rule_stops_an_answer_and_the_person_still_waits(conversation, vera, now, fresh):
    with pytest.raises(Refused):
        actions.answer(conversation=conversation, by=vera, now=now, text="{{name}}, sorry")
    assert fresh(conversation).state == "waiting"
    assert Mention.objects.get().waits


def test_without_an_account_nobody_answers(brand, wrote, vera, now):
    wrote(network="vk")
    actions.open_conversations(now=now)
    with pytest.raises(Refused, match="no connected account"):
        actions.answer(conversation=Conversation.objects.get(), by=vera, now=now, text=KIND)


def test_an_account_connected_later_answers(brand, wrote, vera, now, request, fresh):
    wrote()
    actions.open_conversations(now=now)
    conversation = Conversation.objects.get()
    account = request.getfixturevalue("account")
    actions.answer(conversation=fresh(conversation), by=vera, now=now, text=KIND)
    assert fresh(conversation).account == account


def test_who_may_not_use_the_account_may_not_answer_through_it(conversation, vera, person, now, account):
    viewer = person("viewer")
    with pytest.raises(AccessDenied):
        actions.answer(conversation=conversation, by=viewer, now=now, text=KIND)
    with pytest.raises(AccessDenied):
        actions.save_draft(conversation=conversation, by=viewer, now=now, text=KIND)
    type(account).objects.update(restricted=True)
    conversation.account.refresh_from_db()
    with pytest.raises(AccessDenied, match="may not answer through"):
        actions.answer(conversation=conversation, by=vera, now=now, text=KIND)


def test_in_a_lockdown_only_the_crisis_team_answers(conversation, vera, max_, owner, brand, now, fresh):
    from stormdesk.secure.actions import lock

    lock(brand=brand, by=owner, now=now, reason="break-in", keeps=[max_])
    with pytest.raises(AccessDenied, match="locked"):
        actions.answer(conversation=conversation, by=vera, now=now, text=KIND)
    actions.answer(conversation=fresh(conversation), by=max_, now=now, text=KIND)


def test_during_a_pause_an_answer_does_what_the_page_says(conversation, vera, owner, brand, now, practice):
    from stormdesk.pause.actions import start_pause
    from stormdesk.publish import outbox

    start_pause(brand=brand, by=owner, now=now, reason="think first")
    waits = queries.stopped_by(conversation) is not None
    post = actions.answer(conversation=conversation, by=vera, now=now, text=KIND)
    outbox.run_once(now, "test")
    post.refresh_from_db()
    assert post.state == (PostState.HELD if waits else PostState.SENT)
    assert len(practice.said()) == (0 if waits else 1)


def test_an_answer_that_did_not_go_out_lets_the_person_wait_again(conversation, vera, now, fresh):
    post = actions.answer(conversation=conversation, by=vera, now=now, text=KIND)
    assert actions.reopen_unsent(now=now) == 0
    Post.objects.filter(pk=post.pk).update(state=PostState.FAILED, failure="The post was deleted.")
    assert actions.reopen_unsent(now=now) == 1
    assert fresh(conversation).state == "waiting"
    assert actions.reopen_unsent(now=now) + actions.settle_conversations(now=now) == 0


def test_what_was_corrected_or_deleted_leaves_the_queue(conversation, now, fresh):
    assert actions.settle_conversations(now=now) == 0
    Mention.objects.update(waits=False)
    assert actions.settle_conversations(now=now) == 1
    assert fresh(conversation).state == "closed"


def test_closing_and_opening_again(conversation, vera, now, fresh):
    with pytest.raises(BadInput):
        actions.close(conversation=conversation, by=vera, now=now, reason=" ")
    actions.close(conversation=conversation, by=vera, now=now, reason="thanked us already")
    assert not Mention.objects.filter(waits=True).exists()
    actions.reopen(conversation=fresh(conversation), by=vera, now=now)
    actions.settle_conversations(now=now)
    assert fresh(conversation).state == "waiting"


def test_giving_a_conversation_to_somebody(conversation, vera, max_, person, now, fresh):
    actions.check_out(conversation=conversation, by=vera, now=now)
    actions.assign(conversation=conversation, by=vera, now=now, to=max_)
    given = fresh(conversation)
    assert (given.assigned_to, queries.holder(given, now)) == (max_, None)
    with pytest.raises(Refused):
        actions.assign(conversation=given, by=vera, now=now, to=person("viewer"))


def test_suggestions_are_good_answers_to_the_same_story_then_macros(conversation, vera, wrote, now, brand):
    from stormdesk.listen.models import Narrative

    story = Narrative.objects.create(brand=brand, key="practice:1", label="Ill", first_at=now, last_at=now)
    Conversation.objects.update(narrative=story)
    post = actions.answer(conversation=conversation, by=vera, now=now, text=KIND)
    Post.objects.filter(pk=post.pk).update(state=PostState.SENT)
    wrote("Same here", handle="dmitry", narrative=story)
    actions.open_conversations(now=now)
    other = Conversation.objects.get(handle="dmitry")
    found = queries.suggestions(other, vera)
    assert found[0].text == KIND.replace("Oksana", "Dmitry")
    assert all("{{name}}" not in suggestion.text for suggestion in found)
    macro = found[1].macro
    text = actions.use_macro(macro=macro, conversation=other, by=vera, now=now)
    assert text == found[1].text
    macro.refresh_from_db()
    assert macro.used == 1


def test_findings_of_an_answer_hold_the_rules_and_the_hints(conversation, now):
    Mention.objects.update(complaint=0.9)
    keys = [finding.rule for finding in queries.findings(conversation, "Call {{contact}}", now=now)]
    assert len(keys) == 2
    assert keys[-1] == "reply.sorry"


def test_one_form_letter_to_everybody_is_pointed_at(account, wrote, vera, now):
    for handle in ("oksana", "aygul", "dmitry"):
        wrote(handle=handle)
    actions.open_conversations(now=now)
    letter = "{}, we are sorry about the yoghurt. Write to us in private and we will return the money."
    *answered, last = Conversation.objects.order_by("pk")
    for conversation in answered:
        text = letter.format(conversation.name)
        actions.answer(conversation=conversation, by=vera, now=now, text=text)
    found = queries.findings(last, letter.format(last.name), now=now)
    assert "reply.alike" in [finding.rule for finding in found]
    later = queries.findings(last, letter.format(last.name), now=now + timedelta(hours=2))
    assert "reply.alike" not in [finding.rule for finding in later]


def test_other_brands_are_walls(conversation, make_brand, make_person, wrote, now):
    from django.http import Http404

    other = make_brand("River")
    stranger = make_person("Eve", {other: "owner"})
    with pytest.raises(Http404):
        queries.get_conversation(other, conversation.pk)
    with pytest.raises(AccessDenied):
        actions.answer(conversation=conversation, by=stranger, now=now, text=KIND)
    wrote(brand=other, native_id="elsewhere")
    actions.open_conversations(now=now)
    assert queries.waiting(other, now=now).count == 1
    assert Line.objects.filter(conversation=conversation).count() == 1
