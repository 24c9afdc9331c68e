"""What the journal says about posts, statements and facts."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register

register("post.drafted", _("%(by)s drafted a post for %(account)s: “%(title)s”"), icon="file-text")
register("post.edited", _("%(by)s changed “%(title)s”; earlier approvals no longer count"), icon="pencil")
register("post.sent_for_review", _("%(by)s sent “%(title)s” for approval"), icon="clipboard-check")
register("post.approved", _("%(by)s approved “%(title)s”"), icon="check", group="decision")
register("post.refused", _("%(by)s did not approve “%(title)s”: %(comment)s"), icon="x", group="decision")
register("post.scheduled", _("%(by)s scheduled “%(title)s” for %(account)s at %(due)s"), icon="calendar-days")
register("post.released", _("%(by)s let “%(title)s” go to %(account)s now"), icon="play", group="decision")
register("post.moved", _("%(by)s moved “%(title)s” to %(due)s"), icon="calendar-days", group="decision")
register("post.dropped", _("%(by)s dropped “%(title)s”"), icon="x", group="decision")
register("post.restored", _("%(by)s took “%(title)s” up again as a draft"), icon="undo-2")
register(
    "post.held",
    _("“%(title)s” for %(account)s waits for a person: %(reason)s"),
    icon="st-paused",
    group="system",
)
register("post.sent", _("“%(title)s” went out to %(account)s"), icon="send", mark=True)
register("reply.released", _("%(by)s answers through %(account)s: “%(title)s”"), icon="reply")
register("reply.sent", _("The answer went out through %(account)s"), icon="reply", group="system")
register(
    "post.failed", _("“%(title)s” did not go out to %(account)s: %(failure)s"), icon="st-attn", group="system"
)
register(
    "post.unknown",
    _(
        "It is not known whether “%(title)s” reached %(account)s; the network is asked before anything is repeated"
    ),
    icon="st-attn",
    group="system",
)
register(
    "post.not_there",
    _("%(account)s said twice that it has no “%(title)s”; it is sent again"),
    icon="clock",
    group="system",
)
register("post.settled_there", _("%(by)s saw “%(title)s” on %(account)s"), icon="check", group="decision")
register(
    "post.settled_absent", _("%(by)s did not find “%(title)s” on %(account)s"), icon="x", group="decision"
)
register(
    "post.delete_asked",
    _("%(by)s asked to delete “%(title)s” from %(account)s"),
    icon="trash-2",
    group="decision",
)
register("post.deleted", _("“%(title)s” was deleted from %(account)s"), icon="trash-2", mark=True)
register(
    "post.not_deleted",
    _("“%(title)s” could not be deleted from %(account)s: %(failure)s"),
    icon="st-attn",
    group="system",
)

register("statement.drafted", _("%(by)s drafted the statement “%(title)s”"), icon="file-text")
register("statement.edited", _("%(by)s changed the statement “%(title)s”"), icon="pencil")
register(
    "statement.sent_for_review",
    _("%(by)s sent the statement “%(title)s” for approval"),
    icon="clipboard-check",
)
register("statement.approved", _("%(by)s approved the statement “%(title)s”"), icon="check", group="decision")
register(
    "statement.refused",
    _("%(by)s did not approve the statement “%(title)s”: %(comment)s"),
    icon="x",
    group="decision",
)
register(
    "statement.ready", _("The statement “%(title)s” has all its approvals"), icon="st-ok", group="system"
)
register(
    "statement.published",
    _("%(by)s published “%(title)s” to %(accounts)s"),
    icon="send",
    group="decision",
    mark=True,
)
register("statement.withdrawn", _("%(by)s withdrew the statement “%(title)s”"), icon="x", group="decision")

register("fact.added", _("%(by)s wrote down as %(state)s: %(text)s"), icon="clipboard-check")
register("fact.settled", _("%(by)s settled as %(state)s: %(text)s"), icon="clipboard-check", group="decision")
