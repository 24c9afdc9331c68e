"""The form of the switch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stormdesk.accounts.queries import accounts_of, get_account
from stormdesk.core.errors import BadInput
from stormdesk.pause.queries import networks_of
from stormdesk.pause.rules import Scope
from stormdesk.people.models import Brand

HOURS = [
    (1, _("in 1 hour")),
    (2, _("in 2 hours")),
    (4, _("in 4 hours")),
    (12, _("in 12 hours")),
    (24, _("tomorrow at this time")),
]


class PauseForm(forms.Form):
    """What is paused, why, and when people are asked about it again."""

    target = forms.ChoiceField(label=_("What stops"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        help_text=_("Everyone sees it in the strip and in the journal."),
    )
    review = forms.TypedChoiceField(
        label=_("Ask again"),
        choices=HOURS,
        coerce=int,
        initial=4,
        widget=forms.Select(attrs={"class": "input"}),
        help_text=_("The pause does not end by itself: people are reminded of it."),
    )

    def __init__(self, brand: Brand, *args: Any, many_brands: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand
        choices = [(Scope.BRAND.value, _("All accounts of %(brand)s") % {"brand": brand.name})]
        choices += [
            (f"network:{name}", _("Only %(network)s") % {"network": title})
            for name, title in networks_of(brand)
        ]
        choices += [
            (f"account:{account.pk}", _("Only the account %(account)s") % {"account": account})
            for account in accounts_of(brand)
        ]
        if many_brands:
            choices += [(Scope.EVERYTHING.value, str(_("Everything, at all brands I work for")))]
        self.fields["target"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField, see above
        self.fields["target"].initial = Scope.BRAND.value

    def arguments(self, now: datetime) -> dict[str, Any]:
        """The keyword arguments of `start_pause`."""
        scope, _colon, name = self.cleaned_data["target"].partition(":")
        if scope not in list(Scope):
            raise BadInput(_("Choose what stops."))
        return {
            "scope": scope,
            "network": name if scope == Scope.NETWORK else "",
            "account": get_account(self.brand, int(name)) if scope == Scope.ACCOUNT else None,
            "reason": self.cleaned_data["reason"],
            "review_at": now + timedelta(hours=self.cleaned_data["review"]),
        }
