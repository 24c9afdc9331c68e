"""What the journal says about accounts."""

from django.utils.translation import gettext_lazy as _

from stormdesk.journal.registry import register

register("account.connected", _("%(by)s connected %(account)s"), icon="key-round")
register("account.secret_changed", _("%(by)s gave %(account)s a new secret"), icon="key-round")
register("account.disconnected", _("%(by)s disconnected %(account)s: %(reason)s"), icon="key-round")
register("account.failing", _("%(account)s does not work: %(problem)s"), icon="st-attn", group="system")
register("account.works_again", _("%(account)s works again"), icon="check", group="system")
register("account.grants_changed", _("%(by)s changed who may use %(account)s: %(people)s"), icon="users")
register(
    "account.legal_note",
    _("%(by)s noted how %(network)s stands in %(country)s: %(status)s"),
    icon="scroll-text",
)
