"""Saying something: everything is checked and addressed first, then sent in one request, at most once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stormdesk.networks import calls
from stormdesk.networks.base import Media, Outgoing, Permanent, Secret, Sent, Settings, gettext_noop
from stormdesk.networks.telegram import api, words
from stormdesk.networks.telegram.place import Place, link, place

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ALBUM = 10
PHOTO_BYTES = 10 * 10**6
FILE_BYTES = 50 * 10**6
"""core.telegram.org/bots/api#sending-files: 10 MB for photos, 50 MB for other files."""
UPLOAD_TIME = 300.0


def length(text: str) -> int:
    """Telegram counts UTF-16 units (core.telegram.org/api/entities#entity-length): most emoji count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


async def publish(settings: Settings, secret: Secret, outgoing: Outgoing) -> Sent:
    """One message, or one album. Raises as `Network.publish` does."""
    to = _addressed(settings, outgoing)
    files = [_file(number, media) for number, media in enumerate(outgoing.media)]
    _fits(outgoing, len(files))
    method, content = _request(outgoing, files)
    attached = {name: (media.name or name, media.content, _type(media)) for name, _, media in files}
    try:
        said = await _send(settings, secret, method, to | content, attached)
    except Permanent as error:
        if outgoing.visibility == "direct" and "chat not found" in str(error.facts.get("said", "")).lower():
            raise _writes_first(str(to["chat_id"])) from None
        # Refused, so surely not said: the group lives on under another number, and nothing else has changed.
        if error.code != "migrated" or outgoing.in_reply_to:
            raise
        said = await _send(
            settings, secret, method, to | content | {"chat_id": error.facts["chat"]}, attached
        )
    return sent(str(settings.get("server") or api.SERVER), said, str(to.get("business_connection_id", "")))


def sent(server: str, said: Any, connection: str = "") -> Sent:
    """Where the message stands, of what a sending method answers. Raises Unknown if that cannot be read."""
    found = [words.message(value) for value in (said if isinstance(said, list) else [said])]
    known = [one for one in found if one is not None and one.message_id > 0]
    at = words.moment(known[0].date) if known else None
    # Message 0 waits for its video inside Telegram: it has no place yet, and will have one.
    if at is None or len(known) != len(found):
        raise calls.unclear(server)
    chat = known[0].chat
    where = Place(str(chat.id), tuple(one.message_id for one in known), connection)
    url = "" if where.private else link(where.chat, chat.username, known[0].message_id)
    return Sent(where.native_id, url, at)


async def edit(settings: Settings, secret: Secret, native_id: str, text: str) -> None:
    """New words for an own message, be they its text or the caption of its picture."""
    where = place(native_id)
    for method, name in (("editMessageText", "text"), ("editMessageCaption", "caption")):
        try:
            await api.act(settings, secret, method, _at(where) | {name: text})
            return
        except Permanent as error:
            said = str(error.facts.get("said", "")).lower()
            if "message is not modified" in said:
                return
            if name == "caption" or "no text in the message" not in said:
                raise


async def delete(settings: Settings, secret: Secret, native_id: str) -> None:
    """Remove a message, or all of an album; content if it is gone.

    core.telegram.org/bots/api#deletemessage: within 48 hours, except where the bot is an administrator with the
    right to delete.
    """
    where = place(native_id)
    try:
        if where.connection:
            ids = {"business_connection_id": where.connection, "message_ids": list(where.messages)}
            await api.act(settings, secret, "deleteBusinessMessages", ids)
        elif len(where.messages) > 1:
            many = {"chat_id": where.chat_id, "message_ids": list(where.messages)}
            await api.act(settings, secret, "deleteMessages", many)
        else:
            one = {"chat_id": where.chat_id, "message_id": where.messages[0]}
            await api.act(settings, secret, "deleteMessage", one)
    except Permanent as error:
        said = str(error.facts.get("said", "")).lower()
        if "message to delete not found" in said or "message_id_invalid" in said:
            return
        if "can't be deleted" in said:
            raise Permanent(
                gettext_noop(
                    "Telegram does not let the bot delete this message: it is older than 48 hours or not its own. "
                    "Make the bot an administrator with the right to delete messages, or delete it by hand."
                ),
                code="too_old",
            ) from None
        raise


def _addressed(settings: Settings, outgoing: Outgoing) -> dict[str, Any]:
    """The chat, the message that is answered, and the business account that speaks."""
    answered = place(outgoing.in_reply_to) if outgoing.in_reply_to else None
    if outgoing.visibility == "direct":
        if answered is not None and answered.private:
            return _reply(answered)
        to = (outgoing.to_handle or "").lstrip("@").strip()
        if to.isascii() and to.isdigit():
            return {"chat_id": int(to)}
        raise _writes_first(to)
    if answered is not None:
        return _reply(answered)
    chat = str(settings.get("chat") or "").strip()
    if not chat:
        raise Permanent(
            gettext_noop("The account names no channel or group; enter it in the account."), code="no_chat"
        )
    number = chat.lstrip("-")
    return {"chat_id": int(chat) if number.isascii() and number.isdigit() else f"@{chat.lstrip('@')}"}


def _writes_first(who: str) -> Permanent:
    return Permanent(
        gettext_noop(
            "A bot cannot write to “%(who)s” first: Telegram tells it nobody's number. "
            "Ask the person to write to the bot; their message can then be answered."
        ),
        code="writes_first",
        who=who or "–",
    )


def _reply(answered: Place) -> dict[str, Any]:
    there: dict[str, Any] = {
        "chat_id": answered.chat_id,
        # Telegram would otherwise say the words to nobody in particular when the message is gone.
        "reply_parameters": {"message_id": answered.messages[0], "allow_sending_without_reply": False},
    }
    return there | ({"business_connection_id": answered.connection} if answered.connection else {})


def _fits(outgoing: Outgoing, files: int) -> None:
    limit = CAPTION_LIMIT if files else TEXT_LIMIT
    if length(outgoing.text) > limit:
        raise Permanent(
            gettext_noop(
                "The text is longer than the %(limit)s characters Telegram allows here; shorten it, "
                "or send pictures and text as two posts."
            ),
            code="too_long",
            limit=limit,
        )
    if files > ALBUM:
        raise Permanent(
            gettext_noop("Telegram takes at most %(limit)s files in one post; choose fewer."),
            code="too_many",
            limit=ALBUM,
        )
    if not files and not outgoing.text.strip():
        raise Permanent(gettext_noop("The post is empty; write something or attach a picture."), code="empty")


def _request(outgoing: Outgoing, files: list[tuple[str, str, Media]]) -> tuple[str, dict[str, Any]]:
    """The method and what it needs beside the chat."""
    if not files:
        return "sendMessage", {"text": outgoing.text}
    if len(files) == 1:
        name, kind, _ = files[0]
        return f"send{kind.capitalize()}", {kind: f"attach://{name}", "caption": outgoing.text}
    kinds = {kind for _, kind, _ in files}
    if "animation" in kinds or ("document" in kinds and len(kinds) > 1):
        raise Permanent(
            gettext_noop(
                "Telegram shows photos and videos together, but not with documents or animations; "
                "send those in a post of their own."
            ),
            code="mixed",
        )
    album: list[dict[str, str]] = [{"type": kind, "media": f"attach://{name}"} for name, kind, _ in files]
    album[0]["caption"] = outgoing.text
    return "sendMediaGroup", {"media": album}


async def _send(
    settings: Settings, secret: Secret, method: str, content: Mapping[str, Any], files: Mapping[str, Any]
) -> Any:
    if not files:
        return await api.act(settings, secret, method, content)
    # In a form, whatever is not a plain value is written as JSON (core.telegram.org/bots/api#making-requests).
    form = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in content.items()
        if value != ""
    }
    return await api.act(settings, secret, method, form, files=files, timeout=UPLOAD_TIME)


def _file(number: int, media: Media) -> tuple[str, str, Media]:
    """A name for the form, how Telegram shows it, and the file itself."""
    if media.content is None:
        raise Permanent(gettext_noop("A picture is missing its file; attach it again."), code="no_file")
    sort = _type(media).partition("/")[0]
    kind = {"image": "photo", "video": "video"}.get(sort, "document")
    if _type(media) == "image/gif":
        kind = "animation"
    most = PHOTO_BYTES if kind == "photo" else FILE_BYTES
    if len(media.content) > most:
        raise Permanent(
            gettext_noop("“%(name)s” is larger than the %(limit)s MB Telegram takes; make it smaller."),
            code="too_large",
            name=media.name or kind,
            limit=most // 10**6,
        )
    return f"file{number}", kind, media


def _type(media: Media) -> str:
    return media.content_type or "application/octet-stream"


def _at(where: Place) -> dict[str, Any]:
    there: dict[str, Any] = {"chat_id": where.chat_id, "message_id": where.messages[0]}
    return there | ({"business_connection_id": where.connection} if where.connection else {})
