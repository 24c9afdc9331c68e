"""The pages of the calendar, the composer, the review and the statements, as people use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from stormdesk.core.clock import utcnow
from stormdesk.declare.models import Crisis
from stormdesk.pause.actions import start_pause
from stormdesk.publish import actions, outbox, queries
from stormdesk.publish.models import Fact, Post, Statement
from stormdesk.publish.rules import PostState

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return utcnow()


@pytest.fixture
def crisis(brand, owner, now):
    return Crisis.objects.create(
        brand=brand, title="Faulty batch", type="faulty_product", severity=2, state="active", lead=owner,
        reason="batch 1107", declared_by=owner, declared_at=now, began_at=now,
    )  # fmt: skip


def page(client, name, *args, status=200, **data):
    answer = client.get(reverse(name, args=args), data)
    assert answer.status_code == status, answer.content[:600]
    return answer.content.decode()


def press(client, name, *args, status=200, **data):
    answer = client.post(reverse(name, args=args), data, follow=True)
    assert answer.status_code == status, answer.content[:600]
    return answer.content.decode()


PICTURES = {f"{name}_{n}": "" for n in range(4) for name in ("description", "origin", "licence", "credit")}


def test_a_post_from_the_composer_to_the_network(brand, author, boris, account, client_of, practice):
    gleb, approver = client_of(author), client_of(boris)
    assert "Draft a post" in page(gleb, "calendar", brand.slug)
    answer = gleb.post(
        reverse("compose", args=[brand.slug]), {"text": " ", f"to_{account.pk}": "on", **PICTURES}
    )
    assert answer.status_code == 422
    press(
        gleb,
        "compose",
        brand.slug,
        text="Breakfast in five minutes",
        **{f"to_{account.pk}": "on"},
        **PICTURES,
    )
    post = Post.objects.get()
    html = press(gleb, "post_review", brand.slug, post.pk)
    assert "Approve this text" not in html, "nobody is offered to approve their own text"
    html = page(approver, "post", brand.slug, post.pk)
    press(approver, "post_approve", brand.slug, post.pk, yes="1", seen=queries.hash_of(post))
    later = utcnow() + timedelta(hours=3)
    press(
        gleb, "post_schedule", brand.slug, post.pk, day=later.date().isoformat(), time=later.strftime("%H:%M")
    )
    post.refresh_from_db()
    assert post.state == PostState.SCHEDULED
    outbox.run_once(post.due_at, "a")
    html = page(gleb, "post", brand.slug, post.pk)
    assert "went out" in html
    assert [said.text for said in practice.said()] == ["Breakfast in five minutes"]


def test_approving_a_text_that_changed_on_the_way_is_refused(brand, author, boris, account, client_of, now):
    post = actions.draft_post(brand=brand, by=author, now=now, account=account, text="First words")
    actions.send_for_review(post=post, by=author, now=now)
    seen = queries.hash_of(post)
    Post.objects.filter(pk=post.pk).update(text="Other words")
    press(client_of(boris), "post_approve", brand.slug, post.pk, status=409, yes="1", seen=seen)
    assert not post.approvals.exists()


def test_findings_appear_as_one_writes(brand, author, account, client_of):
    answer = client_of(author).post(
        reverse("post_check", args=[brand.slug]),
        {"text": "Call {{hotline}}: " + "a" * 600, f"to_{account.pk}": "on"},
    )
    html = answer.content.decode()
    assert "Blank: hotline" in html
    assert "too long" in html


def test_a_picture_without_origin_does_not_go_out(brand, author, account, client_of, settings, tmp_path, now):
    settings.MEDIA_ROOT = tmp_path
    gleb = client_of(author)
    png = SimpleUploadedFile("lid.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    press(gleb, "compose", brand.slug, text="Look", file_0=png, **{f"to_{account.pk}": "on"}, **PICTURES)
    post = Post.objects.get()
    assert {f.title for f in queries.findings_of(post, now) if f.blocks} >= {
        "Picture 1: no origin",
        "Picture 1: no licence",
    }
    answer = gleb.get(reverse("post_picture", args=[brand.slug, post.media[0]["path"]]))
    assert answer["Content-Type"] == "image/png"
    assert gleb.get(reverse("post_picture", args=[brand.slug, "..%2f..%2fsecret.key"])).status_code == 404
    bad = SimpleUploadedFile("page.png", b"<html><script>alert(1)</script>")
    answer = gleb.post(
        reverse("compose", args=[brand.slug]),
        {"text": "x", "file_0": bad, f"to_{account.pk}": "on", **PICTURES},
    )
    assert "no PNG" in answer.content.decode()
    assert Post.objects.count() == 1


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_in_both_languages(
    brand, owner, author, boris, scheduled, crisis, client_of, now, language
):
    posts = [scheduled(f"Post {n}", minutes=n) for n in range(3)]
    start_pause(brand=brand, by=owner, now=now, reason="batch 1107")
    outbox.run_once(now + timedelta(minutes=1), "a")
    statement = actions.draft_statement(
        crisis=crisis,
        by=author,
        now=now,
        title="What we know",
        text="We are checking {{batch}}.",
        language=language,
    )
    actions.add_fact(crisis=crisis, by=owner, now=now, text="18,400 bottles", source="production log")
    anna = client_of(owner, language)
    for view in ("week", "month", "list"):
        assert "Post 1" in page(anna, "calendar", brand.slug, view=view)
    for name, *arguments in (
        ("compose",), ("post", posts[0].pk), ("post_edit", posts[0].pk), ("resume_review",),
        ("resume_post", posts[1].pk), ("on_the_wire",), ("statements",), ("statement", statement.pk),
        ("statement_edit", statement.pk), ("pause",),
    ):  # fmt: skip
        html = page(anna, name, brand.slug, *arguments)
        assert "%(" not in html
        assert "{{" not in html.replace("{{batch}}", "")


def test_the_review_is_a_queue_that_opens_the_next(brand, owner, author, scheduled, client_of, now):
    first, second = (scheduled(f"Post {n}", minutes=0) for n in range(2))
    start_pause(brand=brand, by=owner, now=now, reason="batch 1107")
    outbox.run_once(now, "a")
    gleb = client_of(author)
    assert "2 held posts need a decision" in page(gleb, "resume_review", brand.slug)
    answer = gleb.post(reverse("resume_decide", args=[brand.slug, first.pk]), {"decision": "drop"})
    assert answer.url == reverse("resume_post", args=[brand.slug, second.pk])
    html = press(gleb, "resume_decide", brand.slug, second.pk, status=422, decision="send")
    second.refresh_from_db()
    assert second.state == PostState.HELD
    assert "still paused" in html


def test_a_statement_from_template_to_three_words_in_the_ledger(
    brand, owner, author, boris, person, account, crisis, client_of, practice, now
):
    gleb, anna = client_of(author), client_of(owner)
    press(gleb, "statement_new", brand.slug, template="faulty_product.first", language="en")
    statement = Statement.objects.get()
    assert "{{" in statement.text
    html = page(gleb, "statement", brand.slug, statement.pk)
    assert 'class="blank"' in html
    assert "Against:" in html
    later = now + timedelta(hours=2)
    press(
        gleb, "statement_edit", brand.slug, statement.pk, title="Batch 1107", short_text="",
        text="Batch 1107 is recalled. We write again at 18:00.",
        day=later.date().isoformat(), time=later.strftime("%H:%M"),
    )  # fmt: skip
    press(gleb, "statement_review", brand.slug, statement.pk)
    press(gleb, "statement_publish", brand.slug, statement.pk, status=422, account=account.pk)
    assert Post.objects.count() == 0, "not approved yet"
    for approver in (client_of(boris), anna):
        press(approver, "statement_approve", brand.slug, statement.pk, yes="1")
    press(gleb, "statement_publish", brand.slug, statement.pk, account=account.pk)
    statement.refresh_from_db()
    assert statement.state == "published"
    assert statement.promise_task.owner == owner
    outbox.run_once(utcnow(), "a")
    assert [said.text for said in practice.said()] == ["Batch 1107 is recalled. We write again at 18:00."]
    press(
        anna,
        "fact_new",
        brand.slug,
        text="Whether 1106 is affected",
        state="unknown",
        source="",
        statement=statement.pk,
    )
    fact = Fact.objects.get()
    press(
        anna, "fact_settle", brand.slug, fact.pk, state="refuted", source="laboratory", statement=statement.pk
    )
    assert [f.state for f in queries.facts_of(crisis)] == ["refuted"]


def test_another_brands_posts_and_statements_are_not_there(
    make_brand, make_person, scheduled, crisis, author, client_of, now
):
    post = scheduled()
    statement = actions.draft_statement(crisis=crisis, by=author, now=now, title="x", text="y")
    other = make_brand("Kefir")
    stranger = client_of(make_person("Eve", {other: "owner"}))
    for name, pk in (
        ("post", post.pk),
        ("resume_post", post.pk),
        ("statement", statement.pk),
        ("post_edit", post.pk),
    ):
        answer = stranger.get(reverse(name, args=[other.slug, pk]))
        assert answer.status_code == 404 or (
            name == "resume_post" and post.text not in answer.content.decode()
        )
        assert stranger.get(reverse(name, args=[post.brand.slug, pk])).status_code == 404
