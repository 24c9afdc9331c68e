"""One conversation with both of its halves, and its person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import Http404

from stormdesk import networks
from stormdesk.accounts.models import Account
from stormdesk.accounts.queries import accounts_of
from stormdesk.listen.models import Mention
from stormdesk.networks.base import Capability
from stormdesk.pause.models import Pause
from stormdesk.pause.queries import covering
from stormdesk.people.models import Brand, User
from stormdesk.publish.models import Post
from stormdesk.publish.rules import PostKind, obeys_pause
from stormdesk.reply import rules
from stormdesk.reply.models import Conversation, OfficeHours, ReplyDraft
from stormdesk.reply.rules import ConversationState


def get_conversation(brand: Brand, pk: int) -> Conversation:
    """Raises Http404 for another brand's conversation."""
    found = (
        Conversation.objects.filter(brand=brand, pk=pk)
        .select_related("brand", "account", "assigned_to", "held_by", "narrative")
        .first()
    )
    if found is None:
        raise Http404
    return found


def conversation_about(brand: Brand, mention: int) -> Conversation | None:
    """The conversation in which this mention stands; None while it has none."""
    return Conversation.objects.filter(brand=brand, lines__mention=mention).order_by("-pk").first()


def holder(conversation: Conversation, now: datetime) -> User | None:
    """Who is answering it at this moment."""
    if conversation.held_by and conversation.held_until and conversation.held_until > now:
        return conversation.held_by
    return None


@dataclass(frozen=True)
class Said:
    """One thing said, by the person or by the brand; `private` lines nobody else can see."""

    at: datetime
    private: bool
    mention: Mention | None = None
    post: Post | None = None


def said_in(conversation: Conversation) -> list[Said]:
    """Both halves in the order of time; the person's words that need no answer (“thank you!”) are among them."""
    lines = list(conversation.lines.select_related("mention", "post", "post__author"))
    told = [
        Said(line.at, line.mention.kind == "direct", mention=line.mention)
        for line in lines
        if line.mention is not None
    ]
    told += [
        Said(line.at, line.post.visibility == "direct", post=line.post)
        for line in lines
        if line.post is not None
    ]
    known = {line.mention_id for line in lines if line.mention_id}
    here = Q(thread=conversation.thread) | Q(native_id=conversation.thread)
    if any(said.private for said in told) or conversation.state == ConversationState.PRIVATE:
        here |= Q(kind="direct", published_at__gte=conversation.waits_since - timedelta(days=7))
    others = Mention.objects.filter(
        here,
        brand=conversation.brand_id,
        network=conversation.network,
        author_handle=conversation.handle,
    ).exclude(pk__in=known)
    told += [Said(row.published_at, row.kind == "direct", mention=row) for row in others[:50]]
    return sorted(told, key=lambda said: said.at)


def last_seen(conversation: Conversation) -> int:
    """A mark of what has been said so far: an answer to an older state of the conversation is refused."""
    return conversation.lines.order_by("-pk").values_list("pk", flat=True).first() or 0


def last_mention(conversation: Conversation, *, private: bool = False) -> Mention | None:
    """What the person said last, in public or in private."""
    rows = Mention.objects.filter(line__conversation=conversation, deleted_at__isnull=True)
    rows = rows.filter(kind="direct") if private else rows.exclude(kind="direct")
    return rows.order_by("-published_at", "-pk").first()


def public_half_open(conversation: Conversation) -> bool:
    """Whether others still see an open question: it began in public, and the public half was not closed."""
    return (
        conversation.public_closed_at is None
        and Mention.objects.filter(line__conversation=conversation).exclude(kind="direct").exists()
    )


def others_in_thread(conversation: Conversation) -> int:
    """How many other posts of the same thread were heard."""
    return (
        Mention.objects.filter(
            Q(thread=conversation.thread) | Q(native_id=conversation.thread),
            brand=conversation.brand_id,
            network=conversation.network,
        )
        .exclude(author_handle=conversation.handle)
        .count()
    )


def earlier_of(conversation: Conversation, most: int = 5) -> list[Conversation]:
    """Other conversations with the same person, newest first."""
    return list(
        Conversation.objects.filter(
            brand=conversation.brand_id, network=conversation.network, handle=conversation.handle
        )
        .exclude(pk=conversation.pk)
        .order_by("-waits_since")[:most]
    )


def other_words(conversation: Conversation, most: int = 5) -> list[Mention]:
    """What else the person said about the brand, newest first."""
    return list(
        Mention.objects.filter(
            brand=conversation.brand_id, network=conversation.network, author_handle=conversation.handle
        ).exclude(line__conversation=conversation)[:most]
    )


def account_for(brand: Brand, network: str) -> Account | None:
    """The brand's connected account that answers on this network."""
    return next((row for row in accounts_of(brand, connected=True) if row.network == network), None)


def account_of(conversation: Conversation) -> Account | None:
    """The account that answers this person: the conversation's own, or one that was connected since."""
    return conversation.account or account_for(conversation.brand, conversation.network)


def stopped_by(conversation: Conversation) -> Pause | None:
    """The pause in which an answer to this person would wait, if answers obey a pause."""
    account = account_of(conversation)
    if account is None or not obeys_pause(PostKind.REPLY):
        return None
    return covering(conversation.brand_id, conversation.network, account.pk)


def can_write_privately(conversation: Conversation) -> bool:
    """Whether the network lets the brand write to this person directly."""
    network = networks.ALL.get(conversation.network)
    return network is not None and network.can(Capability.DIRECT)


def draft_of(conversation: Conversation, user: User) -> ReplyDraft:
    """What this person has typed so far; an empty draft when nothing is kept."""
    return ReplyDraft.objects.filter(conversation=conversation, user=user).first() or ReplyDraft(
        conversation=conversation, user=user
    )


def hours_of(brand: Brand) -> rules.Hours:
    """When people of the brand answer."""
    row = OfficeHours.objects.filter(brand=brand).first()
    return rules.Hours(row.opens, row.closes, tuple(row.days)) if row else rules.Hours()


def due_of(brand: Brand, urgency: int, since: datetime) -> datetime:
    """Until when somebody who waits since then should have an answer."""
    return rules.due_at(urgency, since, ZoneInfo(brand.time_zone), hours_of(brand))
