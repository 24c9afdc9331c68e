"""The first run: brand, words, first source; or a drill. Everything can be changed later."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from stormdesk.core.clock import utcnow
from stormdesk.core.errors import StormdeskError
from stormdesk.flows.first_run import begin_brand, save_words
from stormdesk.listen.actions import add_source
from stormdesk.people.access import PersonRequest, brand_page, may_begin_brand
from stormdesk.people.forms import time_zones
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.policy.forms import Lines


class BrandForm(forms.Form):
    """Whom the desk works for."""

    name = forms.CharField(
        label=gettext_lazy("Brand"), max_length=120, widget=forms.TextInput({"autofocus": True})
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of templates and playbooks"), choices=settings.LANGUAGES
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zones()
        self.fields["time_zone"].widget.attrs["data-guess-zone"] = ""


class WordsForm(forms.Form):
    """By which words the brand is known."""

    any_of = Lines(
        label=gettext_lazy("Any of these"),
        help_text=gettext_lazy(
            "One a line: words, phrases, @handles, #hashtags, addresses. Russian forms are added for you."
        ),
    )
    never = Lines(
        label=gettext_lazy("Never with"),
        required=False,
        help_text=gettext_lazy("Words that show that somebody means something else."),
    )


class FeedForm(forms.Form):
    """A feed needs no key, so it is the quickest first source."""

    url = forms.URLField(
        label=gettext_lazy("Address of a news feed (RSS or Atom)"), assume_scheme="https", max_length=1000
    )


def start(request: PersonRequest) -> HttpResponse:
    """The brand."""
    if not may_begin_brand(request.user):
        return redirect("home")
    form = BrandForm(
        request.POST or None,
        initial={"language": (get_language() or "en")[:2], "time_zone": settings.STORMDESK.time_zone},
    )
    if request.method == "POST" and form.is_valid():
        try:
            brand = begin_brand(by=request.user, now=utcnow(), **form.cleaned_data)
        except StormdeskError as error:
            form.add_error(None, str(error))
        else:
            return redirect("start_words", brand.slug)
    return render(request, "web/start/brand.html", {"form": form, "step": 1})


@brand_page(Right.SETTINGS)
def words(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The words."""
    form = WordsForm(request.POST or None, initial={"any_of": [brand.name]})
    if request.method == "POST" and form.is_valid():
        try:
            save_words(brand=brand, by=request.user, now=utcnow(), **form.cleaned_data)
        except StormdeskError as error:
            form.add_error(None, str(error))
        else:
            return redirect("start_source", brand.slug)
    return render(request, "web/start/words.html", {"form": form, "step": 2})


@brand_page(Right.SETTINGS)
def source(request: PersonRequest, brand: Brand) -> HttpResponse:
    """The first source: a feed here, or one of the ways that lead further."""
    form = FeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_source(
                brand=brand,
                by=request.user,
                now=utcnow(),
                network="rss",
                kind="feed",
                name=_("News feed"),
                settings=form.cleaned_data,
            )
        except StormdeskError as error:
            form.add_error(None, str(error))
        else:
            return redirect("pulse", brand.slug)
    return render(request, "web/start/source.html", {"form": form, "step": 3})
