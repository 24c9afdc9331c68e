"""Where a server is and how it is asked."""

from __future__ import annotations

from typing import Any

from stormdesk.core.http import Answer
from stormdesk.networks import calls
from stormdesk.networks.base import Secret, Settings


def server(settings: Settings) -> str:
    """The server's address without a slash at the end; https if nothing is said."""
    address = str(settings["server"]).strip().rstrip("/")
    return address if "://" in address else f"https://{address}"


def headers(secret: Secret) -> dict[str, str]:
    token = secret.get("access_token", "")
    return {"Authorization": f"Bearer {token}"} if token else {}


def content(url: str, answer: Answer) -> Any:
    """The JSON of an answer to a question. Raises Retryable if it is cut short or none."""
    try:
        return answer.json()
    except ValueError:
        raise calls.unreadable(url) from None
