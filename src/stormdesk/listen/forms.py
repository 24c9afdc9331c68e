"""Forms of listening: sources by what each network needs, queries with try-out, imports with their columns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from stormdesk.accounts.forms import network_field
from stormdesk.accounts.models import Account
from stormdesk.listen import words
from stormdesk.listen.actions.sources import new_key
from stormdesk.listen.matching import QueryError, parse
from stormdesk.listen.models import Query, Source
from stormdesk.networks.base import Source as Way


def told(error: QueryError) -> str:
    """A query's error in the active language."""
    return gettext(error.message) % error.facts


class QueryForm(forms.Form):
    """The words to listen for."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("What it finds"), choices=list(words.QUERY_KIND.items()))
    expression = forms.CharField(
        label=_("Words"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "input"}),
        help_text=_(
            'Words in any form, "phrases exactly so", #tags, @names, site.com, begin*. Words beside each other must '
            "all be there; OR (ИЛИ) finds either, NOT (НЕ, -word) leaves out from everything in the same brackets."
        ),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        choices=[(code, name) for code, name in words.LANGUAGE.items() if code != "unknown"],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: any language."),
    )
    is_active = forms.BooleanField(label=_("Listen for it"), required=False, initial=True)

    @classmethod
    def of(cls, query: Query) -> QueryForm:
        """The form filled from a query."""
        return cls(
            initial={
                "name": query.name,
                "kind": query.kind,
                "expression": query.expression,
                "languages": query.languages,
                "is_active": query.is_active,
            }
        )

    def clean_expression(self) -> str:
        try:
            parse(self.cleaned_data["expression"])
        except QueryError as error:
            raise forms.ValidationError(told(error)) from None
        return self.cleaned_data["expression"]


class SourceForm(forms.Form):
    """One source: its name and rhythm, and the fields its network declares for this way of listening."""

    name = forms.CharField(label=_("Name"), max_length=120)
    account = forms.ModelChoiceField(label=_("Account"), queryset=Account.objects.none())
    poll_every = forms.TypedChoiceField(
        label=_("Ask every"),
        coerce=int,
        choices=[(15, _("15 s")), (60, _("1 min")), (300, _("5 min")), (900, _("15 min")), (3600, _("1 h"))],
        initial=60,
    )
    speaks_every = forms.TypedChoiceField(
        label=_("Silence is an alarm after"),
        coerce=int,
        choices=[
            (900, _("15 min")),
            (3600, _("1 h")),
            (6 * 3600, _("6 h")),
            (86_400, _("a day")),
            (7 * 86_400, _("a week")),
            (0, _("never")),
        ],
        initial=86_400,
        help_text=_(
            "How long this place may say nothing about you before somebody is told. A gap is shown as a gap."
        ),
    )

    def __init__(
        self, *args: Any, way: Way, accounts: list[Account], source: Source | None = None, own: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.way = way.fields
        field = self.fields["account"]
        if way.needs_account:
            field.queryset = Account.objects.filter(pk__in=[account.pk for account in accounts])  # type: ignore[attr-defined]  # a ModelChoiceField
            field.help_text = "" if accounts else gettext("Connect an account of this network first.")
        elif accounts:
            # What is heard without one is heard all the same; with one it is known what speaks to us, and gaps are searched.
            field.queryset = Account.objects.filter(pk__in=[account.pk for account in accounts])  # type: ignore[attr-defined]  # a ModelChoiceField
            field.required = False
            field.help_text = gettext("Not needed; with it we know what is said to us.")
        else:
            del self.fields["account"]
        if own:
            del self.fields["poll_every"]
        for declared in self.way:
            made = network_field(declared, keep=source is not None)
            if own and declared.secret and source is None:
                # Whoever brings the messages needs the same one, so this is the moment to see and copy it.
                made.widget, made.initial = forms.TextInput({"data-copy": ""}), new_key()
            self.fields["f_" + declared.name] = made
        if source is not None:
            self.initial.update({"name": source.name, "account": source.account_id, "poll_every": source.poll_every,
                             "speaks_every": source.speaks_every})  # fmt: skip
            self.initial.update({"f_" + name: value for name, value in source.settings.items()})

    def settings(self) -> dict[str, Any]:
        """What is stored openly."""
        return {f.name: self.cleaned_data["f_" + f.name] for f in self.way
                if not f.secret and self.cleaned_data.get("f_" + f.name) not in (None, "")}  # fmt: skip

    def secret(self) -> dict[str, str]:
        """What is sealed."""
        return {f.name: self.cleaned_data["f_" + f.name] for f in self.way
                if f.secret and self.cleaned_data.get("f_" + f.name)}  # fmt: skip


class SwitchForm(forms.Form):
    """Why a source is switched off."""

    reason = forms.CharField(label=_("Why"), max_length=300)


class SaveViewForm(forms.Form):
    """A name for a kept view."""

    name = forms.CharField(label=_("Name of the view"), max_length=80)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1000)


class UploadForm(forms.Form):
    """A file of posts."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV with a first line of column names, or JSON Lines; also compressed with gzip."),
        max_length=200,
    )


def language() -> str:
    """The active language, for texts that networks keep themselves."""
    return get_language() or "en"


class SignForm(forms.Form):
    """What to remember of the daily review."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What stood out, if anything did."),
    )


class MappingForm(forms.Form):
    """Which column of a brought file holds what; built from its own columns."""

    def __init__(self, *args: Any, columns: list[str], mapping: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, name in words.COLUMN.items():
            present = mapping.of.get(field, "")
            choices = [("", "—"), *((column, column) for column in columns)]
            if present and present not in columns:
                choices.append((present, present))
            self.fields[field] = forms.ChoiceField(
                label=name, choices=choices, initial=present, required=field in ("text", "published_at")
            )
        self.fields["zone"] = forms.CharField(
            label=_("Time zone of times without one"), max_length=60, required=False, initial=mapping.zone
        )
        self.fields["network"] = forms.SlugField(
            label=_("Network the posts come from"), max_length=20, initial="import"
        )

    def clean_zone(self) -> str:
        from stormdesk.core.errors import BadInput
        from stormdesk.listen.files.mapping import check_zone

        try:
            check_zone(self.cleaned_data["zone"])
        except BadInput as error:
            raise forms.ValidationError(str(error)) from None
        return self.cleaned_data["zone"]
