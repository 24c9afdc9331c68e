"""Single posts and what is known about them: approvals, findings, limits, the wire, what is held."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from django.db.models import Q
from django.http import Http404

from stormdesk import networks
from stormdesk.accounts.models import Account
from stormdesk.accounts.queries import may_use
from stormdesk.accounts.rules import Use
from stormdesk.declare.models import Crisis
from stormdesk.journal.queries import Told, history
from stormdesk.pause import rules as pause_rules
from stormdesk.pause.models import Pause
from stormdesk.pause.queries import open_pauses
from stormdesk.people.access import may
from stormdesk.people.models import Brand, User
from stormdesk.people.rules import Right
from stormdesk.policy.queries import findings
from stormdesk.policy.rules import Finding
from stormdesk.publish import rules
from stormdesk.publish.models import Post
from stormdesk.publish.rules import PostKind, PostState, Standing, Word


def get_post(brand: Brand, pk: int) -> Post:
    """Raises Http404 for another brand's post."""
    found = (
        Post.objects.filter(brand=brand, pk=pk)
        .select_related("account", "author", "edited_by", "scheduled_by", "brand", "statement", "delete_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


def last_sent(account: Account) -> Post | None:
    """The newest post that went out through this account."""
    return Post.objects.filter(account=account, state=PostState.SENT).order_by("-sent_at").first()


def posts_of(brand: Brand, *, kinds: tuple[str, ...] = (), states: tuple[str, ...] = ()) -> list[Post]:
    """Posts of a brand, by due time."""
    rows = Post.objects.filter(brand=brand).select_related("account", "author")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if states:
        rows = rows.filter(state__in=states)
    return list(rows)


def group_of(post: Post) -> list[Post]:
    """The posts composed together with this one, itself included."""
    if post.group is None:
        return [post]
    return list(
        Post.objects.filter(brand=post.brand_id, group=post.group)
        .select_related("account", "author", "brand", "edited_by")
        .order_by("account__network", "account__handle")
    )


def hash_of(post: Post) -> str:
    """The hash of what approvers see of the post now."""
    return rules.digest(
        post.text,
        media=post.media,
        account=post.account_id,
        audience=[post.visibility, post.to_handle, post.in_reply_to],
    )


def limit_of(account: Account) -> tuple[int | None, Callable[[str], int]]:
    """The network's longest post and how it counts; a Mastodon server may tell its own limit in the settings."""
    network = networks.ALL.get(account.network)
    if network is None:
        return None, len
    own = account.settings.get("text_limit")
    return (int(own) if own else network.text_limit), network.count


def findings_of(post: Post, now: datetime) -> list[Finding]:
    """What the brand's rules say about the post as it stands, the network's limit included."""
    limit, count = limit_of(post.account)
    return findings(
        post.brand,
        post.text,
        language=post.language,
        media=post.media,
        kind=post.kind,
        limit=limit,
        count=count,
        now=now,
    )


def standing_of(post: Post) -> Standing:
    """Which approvals the post has and lacks."""
    crisis = Crisis.objects.filter(pk=post.crisis).first() if post.crisis else None
    rule = rules.BY_SEVERITY[crisis.severity] if crisis else rules.ORDINARY
    return rules.standing(
        rule,
        [Word(a.by_id, a.yes, a.text_hash) for a in post.approvals.all()],
        text_hash=hash_of(post),
        author=post.author_id,
        edited_by=post.edited_by_id,
        lead=crisis.lead_id if crisis else None,
    )


def approvers(post: Post) -> list[User]:
    """Who could approve the post."""
    return people_who_approve(post.brand, author=post.author_id, edited_by=post.edited_by_id)


def people_who_approve(brand: Brand, *, author: int, edited_by: int) -> list[User]:
    """Everybody with the right to approve who did not write the text."""
    people = User.objects.filter(memberships__brand=brand, is_active=True).distinct().order_by("name")
    return [
        user
        for user in people
        if may(user, Right.APPROVE, brand) and rules.may_approve(user.pk, author=author, edited_by=edited_by)
    ]


def may_send(user: User, post: Post) -> bool:
    """Whether the person may schedule through this account, the lockdown aside."""
    return may_use(user, post.account, Use.PUBLISH)


def history_of(post: Post) -> list[Told]:
    """What was done with the post, newest first."""
    return history(post.brand, subject=f"post:{post.pk}")


def held(brand: Brand) -> list[Post]:
    """What waits for a person's decision, in the order in which it came due."""
    return list(
        Post.objects.filter(brand=brand, state__in=rules.DECIDABLE)
        .select_related("account", "author", "brand", "edited_by", "scheduled_by")
        .order_by("due_at", "id")
    )


def decide_unknown(brand: Brand) -> list[Post]:
    """Posts of which it is not known whether they went out."""
    return list(Post.objects.filter(brand=brand, state=PostState.UNKNOWN).select_related("account", "author"))


def scheduled_count(brand: Brand) -> int:
    """How many posts would go out by themselves."""
    return Post.objects.filter(brand=brand, state=PostState.SCHEDULED).count()


def covered(pause: Pause, posts: list[Post]) -> list[Post]:
    """Those of the posts that the pause covers."""
    return [
        post
        for post in posts
        if rules.obeys_pause(post.kind)
        and pause_rules.covers(
            pause.scope,
            network=post.account.network,
            account=post.account_id,
            paused_network=pause.network,
            paused_account=pause.account_id,
        )
    ]


def on_the_wire(of: Brand | Pause) -> list[Post]:
    """By name, what could not be stopped any more.

    Of a brand: what a publisher holds at this moment, and what may have gone out. Of a pause: what it covers and
    had been taken before it began: on its way still, unknown, or gone out after it was pressed.
    """
    rows = Post.objects.select_related("account", "author", "brand")
    if isinstance(of, Brand):
        return list(rows.filter(brand=of, state__in=[PostState.SENDING, PostState.UNKNOWN]))
    taken = Q(claimed_at__lte=of.started_at) & (
        Q(state__in=[PostState.SENDING, PostState.UNKNOWN])
        | Q(state__in=[PostState.SENT, PostState.DELETED], sent_at__gte=of.started_at)
    )
    racing = Q(state=PostState.SENDING)
    return covered(of, list(rows.filter(taken | racing, brand=of.brand_id, kind=PostKind.POST)))


def wire_of(brand: Brand) -> list[Post]:
    """What is on the wire at the brand now, and what an open pause came too late for; each once, newest first."""
    found = {post.pk: post for post in on_the_wire(brand)}
    for pause in open_pauses(brand):
        found |= {post.pk: post for post in on_the_wire(pause)}
    return sorted(found.values(), key=lambda post: post.claimed_at or post.changed_at, reverse=True)


def new_group() -> uuid.UUID:
    """A name for posts composed together."""
    return uuid.uuid4()
