"""Keys that change by themselves: renewed once, kept before they are used, whichever process does it.

Many networks give a long key that is good for one renewal and comes with its successor. Whoever uses it twice, or
loses the successor, is signed out; some networks then end the whole sign-in. So a renewal is claimed first, the key
exchanged, the answer kept, and only then used. Where keys are kept is said once, when a process starts (`keep_in`);
a secret that bears no name is kept in this process only.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Protocol

from stormdesk.networks.errors import Retryable, Unauthorised, Unknown, gettext_noop

Secret = Mapping[str, str]

NAME = "kept_as"
"""The entry of a secret that says under which name it is kept; no secret itself, and never stored."""
LONG, SHORT, UNTIL = "refresh_token", "access_token", "access_until"
CLAIM = 90.0
"""Seconds a renewal may take; longer than any exchange, so that only a process that died or froze outlasts it."""
WAIT, TURN = 30.0, 0.1
ATTEMPTS, BUSY = 5, 0.1


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to renew a key once. `unfinished`: somebody had it before and never came back with a new key."""

    mark: str
    secret: Secret = field(repr=False)
    unfinished: bool = False


class Keeper(Protocol):
    """Where secrets are kept. Every method may be called from any thread, never from an event loop's own."""

    def look(self, name: str) -> Secret | None:
        """The secret as it is kept now; None if there is none any more."""

    def claim(self, name: str, seconds: float) -> Claim | None:
        """The right to renew it for so long, with the secret as it is kept; None while somebody else has it."""

    def keep(self, name: str, used: str, changes: Secret) -> Secret | None:
        """Put `changes` into the secret and end the claim, if its long key still is `used`; what is kept then."""

    def let_go(self, name: str, mark: str, unfinished: bool) -> None:
        """End a claim without a new key. `unfinished`: the old one may be used up, which the next claim is told."""


class Memory:
    """Known to this process only, and gone with it."""

    def __init__(self) -> None:
        self._secrets: dict[str, dict[str, str]] = {}
        self._claims: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def put(self, name: str, secret: Secret) -> None:
        """Keep this one, unless the name is known."""
        with self._lock:
            if len(self._secrets) > 10_000:
                self._secrets.clear()
            self._secrets.setdefault(name, dict(secret))

    def look(self, name: str) -> Secret | None:
        with self._lock:
            return dict(self._secrets[name]) if name in self._secrets else None

    def claim(self, name: str, seconds: float) -> Claim | None:
        with self._lock:
            mark, until = self._claims.get(name, ("", 0.0))
            if until > time.monotonic():
                return None
            mine = uuid.uuid4().hex
            self._claims[name] = (mine, time.monotonic() + seconds)
            return Claim(mine, dict(self._secrets.get(name, {})), unfinished=bool(mark))

    def keep(self, name: str, used: str, changes: Secret) -> Secret | None:
        with self._lock:
            present = self._secrets.get(name)
            if present is not None and present.get(LONG, "") == used:
                present.update(changes)
                self._claims.pop(name, None)
            return dict(present) if present is not None else None

    def let_go(self, name: str, mark: str, unfinished: bool) -> None:
        with self._lock:
            if self._claims.get(name, ("", 0.0))[0] == mark:
                self._claims[name] = (mark if unfinished else "", 0.0)


_keeper: Keeper = Memory()
_here = Memory()
_known: dict[tuple[str, str], dict[str, str]] = {}
_unkept: dict[str, tuple[str, dict[str, str]]] = {}
_guard = threading.Lock()


def keep_in(keeper: Keeper) -> None:
    """Keep named secrets there from now on; said once, when a process starts."""
    global _keeper
    _keeper = keeper


def named(secret: Secret, name: str) -> dict[str, str]:
    """The secret with the name it is kept under, where it has a long key; else as it is."""
    return {**secret, NAME: name} if secret.get(LONG) else dict(secret)


def latest(secret: Secret) -> dict[str, str]:
    """A secret that has no name yet, as this process knows it by now: trying it may have changed its keys."""
    return {**secret, **(_here.look(_digest(secret)) or {})} if secret.get(LONG) else dict(secret)


def forget() -> None:
    """Let go of everything this process knows, as a new process would begin (for tests)."""
    global _here
    with _guard:
        _known.clear()
        _unkept.clear()
        _here = Memory()


async def fresh(
    secret: Secret, good: Callable[[Secret], bool], exchange: Callable[[Secret], Awaitable[dict[str, str]]]
) -> Secret:
    """The secret with a short key that is `good`: in hand, kept by now, or after one `exchange` of the long key.

    `exchange` gives what changes in the secret and is called at most once at a time among all processes that share
    the account; what it gave is kept before it is returned. Raises what `exchange` raises, Unauthorised when the long
    key is lost, Retryable.
    """
    if good(secret):
        return secret
    key = (secret.get(NAME, ""), _digest(secret))
    with _guard:
        known = _known.get(key)
    if known and good(known):
        return known
    # In a thread of its own: whoever asked may be called off in the middle, and a key half exchanged is a key lost.
    context = copy_context()
    found = await asyncio.to_thread(context.run, _renewed, secret, good, exchange)
    with _guard:
        if len(_known) > 10_000:
            _known.clear()
        _known[key] = found
    return found


def _renewed(
    secret: Secret, good: Callable[[Secret], bool], exchange: Callable[[Secret], Awaitable[dict[str, str]]]
) -> dict[str, str]:
    name = secret.get(NAME, "")
    keeper: Keeper = _keeper if name else _here
    if not name:
        name = _digest(secret)
        _here.put(name, secret)
    _keep_later(keeper, name)
    ends = time.monotonic() + WAIT
    while True:
        kept = keeper.look(name)
        if kept is None:
            raise _gone()
        if good(kept):
            return {**secret, **kept}
        claim = keeper.claim(name, CLAIM)
        if claim is not None:
            break
        if time.monotonic() > ends:
            raise Retryable(
                gettext_noop(
                    "The account's key is being renewed elsewhere just now; this goes on when it is."
                )
            )
        time.sleep(TURN)
    if good(claim.secret):
        # Somebody renewed it between our look and our claim.
        keeper.let_go(name, claim.mark, claim.unfinished)
        return {**secret, **claim.secret}
    return {**secret, **_exchanged(keeper, name, claim, good, exchange)}


def _exchanged(
    keeper: Keeper,
    name: str,
    claim: Claim,
    good: Callable[[Secret], bool],
    exchange: Callable[[Secret], Awaitable[dict[str, str]]],
) -> dict[str, str]:
    used = claim.secret.get(LONG, "")

    async def asked() -> dict[str, str]:
        return await exchange(claim.secret)

    try:
        changes = asyncio.run(asked())
    except Unauthorised as error:
        kept = keeper.look(name)
        if kept is not None and good(kept):
            return dict(kept)
        keeper.let_go(name, claim.mark, False)
        raise (_lost() if claim.unfinished else error) from error
    except Unknown as error:
        # The old key may be used up: a refusal next time means just that.
        keeper.let_go(name, claim.mark, True)
        raise Retryable(error.message, code=error.code, **error.facts) from error
    except BaseException:
        keeper.let_go(name, claim.mark, claim.unfinished)
        raise
    kept = _kept(keeper, name, used, changes)
    if kept is not None and kept.get(LONG, "") == changes.get(LONG, used):
        return dict(kept)
    # Gone or replaced meanwhile: what a person did stands, and this one request ends with what it has.
    return {**claim.secret, **changes}


def _kept(keeper: Keeper, name: str, used: str, changes: dict[str, str]) -> Secret | None:
    """Keep a new key, however long the store needs: there is no second one. What is kept then."""
    attempt = 0
    while True:
        try:
            return keeper.keep(name, used, changes)
        except Exception as error:
            attempt += 1
            if attempt == ATTEMPTS:
                with _guard:
                    _unkept[name] = (used, changes)
                raise Retryable(
                    gettext_noop(
                        "The account's new key could not be stored, so it is not used yet; it is tried again. See "
                        "whether the database has room and answers."
                    ),
                    code="not_kept",
                ) from error
            time.sleep(BUSY * 2**attempt)


def _keep_later(keeper: Keeper, name: str) -> None:
    """A key that could not be stored when it came is stored before anything else."""
    with _guard:
        waiting = _unkept.get(name)
    if waiting:
        _kept(keeper, name, *waiting)
        with _guard, contextlib.suppress(KeyError):
            del _unkept[name]


def _lost() -> Unauthorised:
    return Unauthorised(
        gettext_noop(
            "The network has renewed this account's key, but the new one never came here: Stormdesk was stopped or cut "
            "off in that moment. It is given only once, so connect the account again."
        ),
        code="lost_key",
    )


def _gone() -> Unauthorised:
    return Unauthorised(
        gettext_noop("The account was disconnected here meanwhile; connect it again to use it."),
        code="disconnected",
    )


def _digest(secret: Secret) -> str:
    return hashlib.sha256(secret.get(LONG, "").encode()).hexdigest()
