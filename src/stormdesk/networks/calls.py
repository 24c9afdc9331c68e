"""From an HTTP exchange to what it means for a post: surely not out, never will be, or maybe out already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stormdesk.core import http
from stormdesk.core.clock import utcnow
from stormdesk.core.retry import retry_after
from stormdesk.networks import pace
from stormdesk.networks.errors import NetworkError, Permanent, Retryable, Unauthorised, Unknown, gettext_noop
from stormdesk.networks.plain import clean_line

NAMES = ("error", "code", "error_code")
"""Where networks name a fault: OAuth and Mastodon, MAX and WordPress, Telegram."""


async def read(url: str, *, method: str = "GET", **options: Any) -> http.Answer:
    """Ask for something, if the account's budget allows; nothing changes there. Raises Retryable, Permanent, Unauthorised; never Unknown."""
    try:
        answer = await _paced(method, url, options)
    except http.HttpError as error:
        kind = Permanent if isinstance(error, http.Blocked | http.TooLarge) else Retryable
        raise kind(error.message, code=error.code, **error.facts) from error
    judge(url, answer, _keys(options))
    return answer


def judge(url: str, answer: http.Answer, keys: tuple[str, ...] = ()) -> None:
    """Raise what the status of an answer to a question means; nothing for success and "not changed"."""
    if answer.status >= 500:
        raise Retryable(
            gettext_noop("“%(host)s” has a fault of its own (%(status)s); it will be asked again."),
            after=retry_after(answer.headers, utcnow()),
            **_facts(url, answer),
        )
    _refusal(url, answer, keys)


async def write(method: str, url: str, **options: Any) -> http.Answer:
    """Change something there, sent at most once. Raises Unknown when it may have happened all the same."""
    try:
        answer = await _paced(method, url, options)
    except http.HttpError as error:
        if error.sent:
            raise Unknown(error.message, code=error.code, **error.facts) from error
        kind = Permanent if isinstance(error, http.Blocked) else Retryable
        raise kind(error.message, code=error.code, **error.facts) from error
    if answer.status >= 500:
        raise Unknown(
            gettext_noop("“%(host)s” failed (%(status)s) after it had the request; it may have acted on it."),
            **_facts(url, answer),
        )
    _refusal(url, answer, _keys(options))
    return answer


async def _paced(method: str, url: str, options: Mapping[str, Any]) -> http.Answer:
    headers = options.get("headers") or {}
    pace.take(url, headers)
    answer = await http.request(method, url, **options)
    pace.note(url, headers, answer.status, answer.headers)
    return answer


def stream_ended(error: http.HttpError) -> NetworkError:
    """What the end of a stream means: come back, unless the address itself is not for us."""
    kind = Permanent if isinstance(error, http.Blocked) else Retryable
    return kind(error.message, code=error.code, **error.facts)


def unclear(url: str) -> Unknown:
    """The answer to a change came with success, and cannot be read: cut short, or not what was promised."""
    return Unknown(
        gettext_noop(
            "“%(host)s” took the request and answered something that cannot be read; it may have acted on it."
        ),
        code="unreadable",
        host=http.host(url),
    )


def unreadable(url: str) -> NetworkError:
    """The answer to a question cannot be read."""
    return Retryable(
        gettext_noop("“%(host)s” answered something that cannot be read; it will be asked again."),
        code="unreadable",
        host=http.host(url),
    )


def _refusal(url: str, answer: http.Answer, keys: tuple[str, ...]) -> None:
    if answer.status < 300 or answer.status == 304:
        return
    facts = _facts(url, answer, keys)
    if answer.status == 429:
        raise Retryable(
            gettext_noop("“%(host)s” asks us to slow down; it will be tried again later."),
            code="slow_down",
            after=retry_after(answer.headers, utcnow()),
            **facts,
        )
    if answer.status in (401, 403):
        raise Unauthorised(
            gettext_noop(
                "“%(host)s” does not accept the account's key for this (%(status)s: %(said)s); connect the account again."
            ),
            **facts,
        )
    if answer.status in (408, 425):
        raise Retryable(
            gettext_noop("“%(host)s” did not take the request (%(status)s); it will be tried again."), **facts
        )
    if answer.status < 400:
        raise Permanent(
            gettext_noop("“%(host)s” passes requests on to another address; give the final address instead."),
            code="moved",
            **facts,
        )
    code = "gone" if answer.status in (404, 410) else "refused"
    raise Permanent(
        gettext_noop(
            "“%(host)s” refused this (%(status)s: %(said)s); it will not work until something is changed."
        ),
        code=code,
        **facts,
    )


def _facts(url: str, answer: http.Answer, keys: tuple[str, ...] = ()) -> dict[str, Any]:
    facts = {"host": http.host(url), "status": answer.status, "said": _said(answer, keys)}
    content = _content(answer)
    # The name programs know the fault by, where the network gives one; no part of the sentence.
    named = next((content[name] for name in NAMES if isinstance(content.get(name), str | int)), None)
    return (
        facts if named is None or isinstance(named, bool) else facts | {"named": clean_line(str(named), 60)}
    )


def _said(answer: http.Answer, keys: tuple[str, ...]) -> str:
    """The server's own short explanation, without our keys should it echo them."""
    content = _content(answer)
    names = ("error_description", "message", "description", "error")
    said = next((content[name] for name in names if isinstance(content.get(name), str) and content[name]), "")
    for key in keys:
        said = said.replace(key, "…")
    return clean_line(said, 200) or "–"


def _content(answer: http.Answer) -> Mapping[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _keys(options: Mapping[str, Any]) -> tuple[str, ...]:
    headers = options.get("headers") or {}
    return tuple(v.split()[-1] for k, v in headers.items() if k.lower() == "authorization" and v.strip())
