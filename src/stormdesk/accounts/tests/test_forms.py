"""One form field for what a network declares, the same wherever it is asked for."""

from __future__ import annotations

import pytest
from django import forms

from stormdesk.accounts.forms import NetworkForm, network_field
from stormdesk.networks.base import Field

FIELDS = (
    Field("server", "Server", "url"),
    Field("key", "Key", "password", secret=True),
    Field("way", "Way", "choice", required=False, choices=("a", "b")),
)


def test_a_form_parts_what_is_open_from_what_is_sealed():
    form = NetworkForm({"server": "meadow.example", "key": "k3y", "way": ""}, fields=FIELDS)
    assert form.is_valid(), form.errors
    assert form.split() == ({"server": "https://meadow.example"}, {"key": "k3y"})
    assert "k3y" not in form.as_p()


def test_a_choice_that_need_not_be_made_can_be_left_open():
    form = NetworkForm({"server": "https://a.example", "key": "k"}, fields=FIELDS)
    assert form.is_valid(), form.errors


@pytest.mark.parametrize("keep", [False, True])
def test_a_secret_is_typed_unseen_and_may_be_kept(keep):
    made = network_field(FIELDS[1], keep=keep)
    assert isinstance(made.widget, forms.PasswordInput)
    assert made.required is not keep
    assert bool(made.help_text) is keep
