"""What Bluesky's servers read about this desk before an account may sign in (atproto.com/specs/oauth)."""

from __future__ import annotations

import json

import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from stormdesk import networks
from stormdesk.accounts import connecting
from stormdesk.accounts.models import ClientKey
from stormdesk.core.errors import Refused
from stormdesk.networks.base import Connecting
from stormdesk.networks.bluesky import proof, signin

pytestmark = pytest.mark.django_db
ADDRESS = "/b/meadow/accounts/connected/bluesky/client.json"
SITE = "https://desk.meadow.example"


def test_it_stands_where_the_client_s_name_says_and_shows_no_private_key(client, settings):
    settings.SITE_URL = SITE
    answer = client.get(ADDRESS)
    read = answer.json()
    assert (answer.status_code, answer["content-type"]) == (200, "application/json")
    assert read["client_id"] == SITE + ADDRESS
    assert read["redirect_uris"] == [SITE + ADDRESS.removesuffix("client.json")]
    assert (read["dpop_bound_access_tokens"], read["scope"]) == (True, " ".join(signin.SCOPES))
    assert "d" not in read["jwks"]["keys"][0]
    assert json.loads(connecting.client_key("bluesky"))["d"] not in answer.text
    assert json.loads(connecting.client_key("bluesky"))["d"] not in str(list(ClientKey.objects.values()))


def test_what_is_signed_is_verified_with_what_it_shows(client, settings):
    settings.SITE_URL = SITE
    read = client.get(ADDRESS).json()
    signed = proof.assertion(connecting.client_key("bluesky"), read["client_id"], "https://pds.example")
    key = ECAlgorithm.from_jwk(read["jwks"]["keys"][0])
    told = jwt.decode(signed["client_assertion"], key, ["ES256"], audience="https://pds.example")
    assert told["iss"] == told["sub"] == read["client_id"]
    assert jwt.get_unverified_header(signed["client_assertion"])["kid"] == read["jwks"]["keys"][0]["kid"]


@pytest.mark.parametrize("site", ["http://desk.meadow.example", "https://localhost", "https://10.0.0.7"])
def test_a_desk_that_nobody_reaches_says_why_signing_in_is_not_offered(
    client, settings, site, client_of, owner
):
    settings.SITE_URL = site
    assert client.get(ADDRESS).status_code == 404
    page = client_of(owner).post(
        "/b/meadow/accounts/connect/bluesky/", {"handle": "meadow.example", "server": "", "app_password": ""}
    )
    assert "app password" in page.content.decode()
    assert site in page.content.decode()


def test_other_networks_have_none(client, settings):
    settings.SITE_URL = SITE
    for name in ("vk", "nothing"):
        assert client.get(ADDRESS.replace("bluesky", name)).status_code == 404


def test_nobody_is_sent_to_an_address_that_is_no_page(monkeypatch):
    async def hostile(*_given):
        return Connecting("javascript:alert(1)", {})

    monkeypatch.setattr(networks.get("mastodon"), "begin_connecting", hostile)
    with pytest.raises(Refused):
        connecting.begin("mastodon", {}, SITE, "s")
