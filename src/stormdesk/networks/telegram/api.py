"""How the Bot API is asked and what its answers mean (core.telegram.org/bots/api#making-requests).

Every answer is `{"ok": …, "result": …}` or `{"ok": false, "error_code": …, "description": …, "parameters": …}`;
`parameters` carries `retry_after` and `migrate_to_chat_id` (core.telegram.org/bots/api#responseparameters).
Answers do not tell how many messages are left of what the bot may send, so they are counted here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from stormdesk.core import http
from stormdesk.networks import calls, pace
from stormdesk.networks.base import (
    Limit,
    NetworkError,
    Permanent,
    Retryable,
    Secret,
    Settings,
    Unauthorised,
    Unknown,
    gettext_noop,
)
from stormdesk.networks.plain import clean_line

SERVER = "https://api.telegram.org"
TIMEOUT = 20.0
LONGEST_WAIT = 86_400
"""A wait longer than a day is a broken answer, not a request to be patient."""
_FAQ = "https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this"
ALL = Limit(gettext_noop("messages to all chats together"), 30, 1, _FAQ, requests=True)
CHAT = Limit(gettext_noop("messages to one chat"), 1, 1, _FAQ, requests=True)
GROUP = Limit(gettext_noop("messages to one group"), 20, 60, _FAQ, requests=True)


async def ask(
    settings: Settings,
    secret: Secret,
    method: str,
    params: Mapping[str, Any] | None = None,
    *,
    timeout: float = TIMEOUT,
) -> Any:
    """The result of a question; nothing changes there. Raises Retryable, Permanent, Unauthorised; never Unknown."""
    url = _url(settings, secret, method)
    try:
        with _counted(secret, method, params or {}):
            answer = await _paced(url, timeout, {"json": dict(params or {})})
    except http.HttpError as error:
        kind = Permanent if isinstance(error, http.Blocked | http.TooLarge) else Retryable
        raise kind(error.message, code=error.code, **error.facts) from error
    content = _content(answer)
    if content is not None and content["ok"] is True:
        if "result" in content:
            return content["result"]
        raise calls.unreadable(url)
    if content is not None and answer.status < 500:
        raise refusal(url, answer.status, content, secret)
    calls.judge(url, answer)
    raise calls.unreadable(url)


async def act(
    settings: Settings,
    secret: Secret,
    method: str,
    params: Mapping[str, Any],
    *,
    files: Mapping[str, Any] | None = None,
    timeout: float = TIMEOUT,
) -> Any:
    """Change something, sent at most once; the result. Raises Unknown when it may have happened all the same.

    The Bot API has no key against repetition: a message sent twice stands there twice.
    """
    url = _url(settings, secret, method)
    content: dict[str, Any] = (
        {"data": dict(params), "files": dict(files)} if files else {"json": dict(params)}
    )
    with _counted(secret, method, params):
        answer = await _send(url, timeout, content)
    said = _content(answer)
    if said is not None and said["ok"] is True:
        if "result" in said:
            return said["result"]
        raise calls.unclear(url)
    if said is not None and answer.status < 500:
        raise refusal(url, answer.status, said, secret)
    if answer.status >= 500:
        raise Unknown(
            gettext_noop("“%(host)s” failed (%(status)s) after it had the request; it may have acted on it."),
            host=http.host(url),
            status=answer.status,
        )
    calls.judge(url, answer)
    raise calls.unclear(url)


async def _send(url: str, timeout: float, content: Mapping[str, Any]) -> http.Answer:
    try:
        return await pace.patiently(lambda: _paced(url, timeout, content))
    except http.HttpError as error:
        if error.sent:
            raise Unknown(error.message, code=error.code, **error.facts) from error
        kind = Permanent if isinstance(error, http.Blocked) else Retryable
        raise kind(error.message, code=error.code, **error.facts) from error


async def _paced(url: str, timeout: float, content: Mapping[str, Any]) -> http.Answer:
    pace.take(url, {})
    answer = await http.request("POST", url, timeout=timeout, **content)
    said = _content(answer)
    wait = _wait(said) if said else None
    pace.note(url, {}, answer.status, answer.headers if wait is None else {"retry-after": str(int(wait))})
    return answer


@contextlib.contextmanager
def _counted(secret: Secret, method: str, params: Mapping[str, Any]) -> Iterator[None]:
    """What the request counts against: messages are counted for their chat and for the bot, questions for nothing."""
    bot = f"telegram {secret.get('token', '').strip()}"
    chat = str(params.get("chat_id") or "")
    if not (chat and method.startswith(("send", "edit", "copy", "forward")) and method != "sendChatAction"):
        with pace.account(bot):
            yield
        return
    # Groups have negative numbers, and channels too; one known by its @name is taken for a channel.
    limits = (CHAT, GROUP) if chat.startswith("-") else (CHAT,)
    with pace.account(bot, (ALL,)), pace.account(f"{bot} {chat}", limits):
        yield


def bot_id(secret: Secret) -> str:
    """The bot's own user id: a token begins with it."""
    return secret.get("token", "").partition(":")[0].strip()


def refusal(url: str, status: int, content: Mapping[str, Any], secret: Secret) -> NetworkError:
    """What `"ok": false` means. Descriptions are the only thing that tells most refusals apart."""
    code = content.get("error_code")
    code = code if isinstance(code, int) else status
    words = content.get("description")
    said = clean_line(words, 200) if isinstance(words, str) else ""
    if token := secret.get("token", "").strip():
        said = said.replace(token, "…")
    low = said.lower()
    parameters = content.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    facts: dict[str, Any] = {"host": http.host(url), "status": code, "said": said or "–"}
    if code == 429:
        return Retryable(
            gettext_noop("“%(host)s” asks us to slow down; it will be tried again later."),
            code="slow_down",
            after=_wait(content),
            **facts,
        )
    if code == 409:
        if "webhook" in low:
            return Permanent(
                gettext_noop(
                    "The bot hands its news to a webhook of another program, so they cannot be fetched; "
                    "remove that webhook or make a bot for Stormdesk alone."
                ),
                code="webhook",
                **facts,
            )
        return Retryable(
            gettext_noop(
                "Another program is fetching the news of this bot at the same time; only one may. "
                "Stop the other one, or make a bot for Stormdesk alone."
            ),
            code="conflict",
            **facts,
        )
    if code in (401, 404):
        return Unauthorised(
            gettext_noop(
                "Telegram does not know this bot token (%(status)s: %(said)s); take the current one from @BotFather."
            ),
            **facts,
        )
    new_chat = parameters.get("migrate_to_chat_id")
    if isinstance(new_chat, int) and not isinstance(new_chat, bool):
        return Permanent(
            gettext_noop(
                "The group became a supergroup and has a new number, %(chat)s; enter it in the account."
            ),
            code="migrated",
            chat=str(new_chat),
            **facts,
        )
    if code == 403 and any(
        mark in low for mark in ("blocked by the user", "initiate conversation", "deactivated")
    ):
        return Permanent(
            gettext_noop(
                "Telegram lets a bot write only to people who wrote to it first and have not blocked it "
                "(%(said)s); ask them to write to the bot."
            ),
            code="writes_first",
            **facts,
        )
    if code == 403 or "not enough rights" in low or "chat not found" in low or "need administrator" in low:
        return Unauthorised(
            gettext_noop(
                "The bot may not do this there (%(said)s); make it an administrator of the chat with the right to do it."
            ),
            **facts,
        )
    return Permanent(
        gettext_noop(
            "“%(host)s” refused this (%(status)s: %(said)s); it will not work until something is changed."
        ),
        code="gone" if "not found" in low or "message_id_invalid" in low else "refused",
        **facts,
    )


def _wait(content: Mapping[str, Any]) -> float | None:
    """Seconds that an answer asks us to wait, if it does and they make sense."""
    parameters = content.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(wait) if isinstance(wait, int) and 0 <= wait <= LONGEST_WAIT else None


def _url(settings: Settings, secret: Secret, method: str) -> str:
    token = secret.get("token", "").strip()
    if not token or any(sign in token for sign in "/?#% ") or not token.isascii():
        raise Unauthorised(
            gettext_noop("The bot token is missing or not one; copy it from @BotFather as it is."),
            code="token",
        )
    return f"{str(settings.get('server') or SERVER).strip().rstrip('/')}/bot{token}/{method}"


def _content(answer: http.Answer) -> dict[str, Any] | None:
    """The JSON object of an answer, if it is one that the Bot API could have written."""
    try:
        content = answer.json()
    except ValueError:
        return None
    return content if isinstance(content, dict) and isinstance(content.get("ok"), bool) else None
