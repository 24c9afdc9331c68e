"""Asking and changing over HTTP where the network says in the body of its answer what went wrong.

`calls` knows the status of an answer; most networks say more. Each gives a `Judge`, asked first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from stormdesk.core import http
from stormdesk.networks import calls, pace
from stormdesk.networks.base import NetworkError, Permanent, Retryable, Unauthorised, Unknown, gettext_noop
from stormdesk.networks.plain import clean_line

T = TypeVar("T", bound=msgspec.Struct)
Judge = Callable[[http.Answer, Any], NetworkError | None]
"""What an answer below 500 means (the answer, its JSON or None); None where the status alone says it."""
Allowance = Callable[[Mapping[str, str]], Mapping[str, str]]
"""The headers of an answer, with what they tell of the account's budget put the way `pace` reads it."""


async def ask(
    url: str,
    judge: Judge,
    *,
    method: str = "GET",
    keys: tuple[str, ...] = (),
    allowance: Allowance | None = None,
    **options: Any,
) -> Any:
    """The JSON of an answer to a question, if the account's budget allows. `keys`: what must not stand in an error.

    Raises Retryable, Permanent, Unauthorised; never Unknown.
    """
    try:
        answer = await _paced(method, url, allowance, options)
    except http.HttpError as error:
        kind = Permanent if isinstance(error, http.Blocked | http.TooLarge) else Retryable
        raise kind(error.message, code=error.code, **error.facts) from error
    content = _json(answer)
    if answer.status < 500 and (refusal := judge(answer, content)):
        raise refusal
    calls.judge(url, answer, keys)
    if content is None:
        raise calls.unreadable(url)
    return content


async def act(
    method: str,
    url: str,
    judge: Judge,
    *,
    keys: tuple[str, ...] = (),
    empty: bool = False,
    allowance: Allowance | None = None,
    **options: Any,
) -> Any:
    """Change something, sent at most once; the JSON of the answer, None where it is `empty` and may be.

    Raises Unknown when it may have happened all the same.
    """
    try:
        answer = await _paced(method, url, allowance, options)
    except http.HttpError as error:
        if error.sent:
            raise Unknown(error.message, code=error.code, **error.facts) from error
        kind = Permanent if isinstance(error, http.Blocked) else Retryable
        raise kind(error.message, code=error.code, **error.facts) from error
    content = _json(answer)
    if answer.status >= 500:
        raise Unknown(
            gettext_noop("“%(host)s” failed (%(status)s) after it had the request; it may have acted on it."),
            host=http.host(url),
            status=answer.status,
        )
    if refusal := judge(answer, content):
        raise refusal
    calls.judge(url, answer, keys)
    if content is None and not (empty and not answer.body.strip()):
        raise calls.unclear(url)
    return content


def shaped(value: Any, shape: type[T]) -> T | None:
    """`value` (JSON) as a struct; None if it is none: a stranger's nonsense must not stop the listening."""
    try:
        return msgspec.convert(value, shape, strict=False)
    except (msgspec.ValidationError, RecursionError, OverflowError, SystemError):
        # msgspec fails with a SystemError at whole numbers too large for a float.
        return None


def said(words: Any, keys: tuple[str, ...] = ()) -> str:
    """A network's own short explanation on one line, without our keys should it echo them; – if there is none."""
    text = words if isinstance(words, str) else ""
    for key in filter(None, keys):
        text = text.replace(key, "…")
    return clean_line(text, 200) or "–"


def expired(url: str, words: str, **facts: Any) -> Unauthorised:
    """The key is not good any more. A short one may be renewed and the request repeated: it was not let in."""
    return Unauthorised(
        gettext_noop("“%(host)s” no longer lets this account in (%(said)s); connect the account again."),
        code="expired",
        host=http.host(url),
        said=words,
        **facts,
    )


def slow_down(url: str, after: float | None, **facts: Any) -> Retryable:
    """The network asks for patience: `after` seconds, or it does not say."""
    return Retryable(
        gettext_noop("“%(host)s” asks us to slow down; it will be tried again later."),
        code="slow_down",
        after=after,
        host=http.host(url),
        **facts,
    )


def refused(url: str, status: int, words: str, *, code: str = "refused", **facts: Any) -> Permanent:
    """The network will not do this, now or later."""
    return Permanent(
        gettext_noop(
            "“%(host)s” refused this (%(status)s: %(said)s); it will not work until something is changed."
        ),
        code=code,
        host=http.host(url),
        status=status,
        said=words,
        **facts,
    )


def too_long(network: str, length: int, limit: int) -> Permanent:
    """Said before anything is sent."""
    return Permanent(
        gettext_noop("The text has %(length)s characters and %(network)s takes %(limit)s here; shorten it."),
        code="too_long",
        network=network,
        length=length,
        limit=limit,
    )


def empty() -> Permanent:
    """There is nothing to say."""
    return Permanent(gettext_noop("The post is empty; write something."), code="empty")


def nobody() -> Permanent:
    """A private message without anybody it goes to."""
    return Permanent(gettext_noop("The message names nobody it goes to; name a person."), code="nobody")


async def _paced(
    method: str, url: str, allowance: Allowance | None, options: Mapping[str, Any]
) -> http.Answer:
    headers = options.get("headers") or {}
    pace.take(url, headers)
    answer = await http.request(method, url, **options)
    pace.note(url, headers, answer.status, allowance(answer.headers) if allowance else answer.headers)
    return answer


def _json(answer: http.Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
