"""What a person does in a browser to say yes at the real server in a box: its pages' own requests. Not a test itself."""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlsplit

import httpx2

from stormdesk.networks.bluesky.tests.people import PASSWORD

API = "/@atproto/oauth-provider/~api"


class Browser:
    """Keeps cookies as a browser does for localhost, the secure ones too."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def send(self, method: str, url: str, headers: dict[str, str], **body) -> httpx2.Response:
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = httpx2.request(method, url, headers=headers | ({"cookie": sent} if sent else {}), **body)
        for line in answer.headers.get_list("set-cookie"):
            self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        return answer

    def allow(self, address: str, handle: str, did: str, *, yes: bool = True) -> dict[str, str]:
        """Sign in at `address` and say yes or no; what the person brings back."""
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
        came = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
        assert self.send("GET", address, came).status_code == 200
        within = {
            "sec-fetch-site": "same-origin",
            "sec-fetch-mode": "same-origin",
            "sec-fetch-dest": "empty",
            "origin": origin,
            "referer": address,
            "x-csrf-token": self.cookies["csrf-token"],
        }
        known = {"username": handle, "password": PASSWORD, "locale": "en"}
        signed = self.send("POST", f"{origin}{API}/sign-in", within, json=known)
        assert signed.status_code == 200, signed.text
        within |= {"authorization": f"Bearer {signed.json()['ephemeralToken']}"}
        what, body = ("consent", {"did": did}) if yes else ("reject", {})
        done = self.send("POST", f"{origin}{API}/{what}", within, json=body)
        assert done.status_code == 200, done.text
        return dict(parse_qsl(urlsplit(done.json()["url"]).query))
