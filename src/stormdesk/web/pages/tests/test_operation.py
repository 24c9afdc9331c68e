"""Metrics: numbers for operators, nothing for strangers."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_this_machine_reads_numbers_without_names(brand, settings):
    page = Client().get("/metrics").content.decode()
    assert "stormdesk_crises_open 0.0" in page
    assert brand.slug not in page


def test_a_stranger_and_one_behind_a_proxy_get_nothing():
    assert Client().get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert Client().get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 404


def test_with_a_token_only_the_token_counts(settings):
    settings.STORMDESK = settings.STORMDESK.model_copy(update={"metrics_token": "open sesame"})
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"authorization": "Bearer open sesame"}).status_code == 200
