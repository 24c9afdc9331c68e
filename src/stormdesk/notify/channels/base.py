"""What every way to reach a person gets, and how it says that it could not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.core.retry import retry_after
from stormdesk.notify.messages import Picture


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person, in the person's language.

    `key` names this message for ever, so that a way which knows it delivers it once. `acknowledge` is the address
    of the page with the button “I have it”; empty when there is nothing to take over. `picture`: only mail
    carries it.
    """

    key: str
    brand: str
    brand_name: str
    kind: str
    subject: str
    text: str
    link: str
    acknowledge: str = ""
    picture: Picture | None = None

    @property
    def title(self) -> str:
        """The subject with the brand's name before it."""
        return f"{self.brand_name}: {self.subject}"


Send = Callable[[str, Mapping[str, str], Letter], None]
"""(address as shown, sealed settings, letter); raises NotSent."""


class NotSent(Exception):
    """The sentence of why a message did not go out; `final` when trying again cannot help.

    `after`: seconds the service asked us to wait.
    """

    def __init__(self, sentence: str, *, final: bool = False, after: float | None = None) -> None:
        super().__init__(sentence)
        self.final = final
        self.after = after


def post(service: str, url: str, *, method: str = "POST", **options: Any) -> http.Answer:
    """Send one request to a service people are reached by. Raises NotSent for everything but success.

    `service` is how the sentence names it; the address is not shown, since it is often a secret itself.
    """
    try:
        answer = asyncio.run(http.request(method, url, **options))
    except http.HttpError as error:
        raise NotSent(str(error), final=isinstance(error, http.Blocked)) from None
    if answer.status < 300:
        return answer
    final = 400 <= answer.status < 500 and answer.status not in (408, 425, 429)
    raise NotSent(
        _("%(service)s answered %(status)s.") % {"service": service, "status": answer.status},
        final=final,
        after=retry_after(answer.headers, utcnow()),
    )
