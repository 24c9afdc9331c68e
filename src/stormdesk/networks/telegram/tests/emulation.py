"""An emulation of the Bot API and of the public pages of channels, built from core.telegram.org/bots/api. Not a test.

Method by method: what is required, of which type, which limits hold, and how a refusal is worded. It refuses
parameters the documentation does not know. Wordings of refusals are those of the open server (tdlib/telegram-bot-api).
"""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from stormdesk.networks.tests.served import Reply, Request, js

TOKEN = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcK"
BOT = {"id": 4839574812, "is_bot": True, "first_name": "Kettle", "username": "kettle_bot"}
CHANNEL, DISCUSSION, OLD_GROUP, NEW_GROUP = -1001000000001, -1001000000002, -500, -1001000000003
ANNA, BORIS = 700, 701
"""Anna has written to the bot; Boris has not."""
NOW = 1_772_366_400

_SENDING = {
    "chat_id": (int, str),
    "business_connection_id": str,
    "reply_parameters": dict,
    "disable_notification": bool,
    "link_preview_options": dict,
}
_FILE = _SENDING | {"caption": str}
_MESSAGE = {"chat_id": (int, str), "message_id": int, "business_connection_id": str}
METHODS: dict[str, tuple[set[str], dict[str, Any]]] = {
    "getMe": (set(), {}),
    "getChat": ({"chat_id"}, {"chat_id": (int, str)}),
    "getChatMember": ({"chat_id", "user_id"}, {"chat_id": (int, str), "user_id": int}),
    "getUpdates": (set(), {"offset": int, "limit": int, "timeout": int, "allowed_updates": list}),
    "setWebhook": ({"url"}, {"url": str, "secret_token": str, "allowed_updates": list}),
    "deleteWebhook": (set(), {"drop_pending_updates": bool}),
    "getWebhookInfo": (set(), {}),
    "sendMessage": ({"chat_id", "text"}, _SENDING | {"text": str}),
    "sendPhoto": ({"chat_id", "photo"}, _FILE | {"photo": str}),
    "sendVideo": ({"chat_id", "video"}, _FILE | {"video": str}),
    "sendAnimation": ({"chat_id", "animation"}, _FILE | {"animation": str}),
    "sendDocument": ({"chat_id", "document"}, _FILE | {"document": str}),
    "sendMediaGroup": ({"chat_id", "media"}, _SENDING | {"media": list}),
    "editMessageText": ({"chat_id", "message_id", "text"}, _MESSAGE | {"text": str}),
    "editMessageCaption": ({"chat_id", "message_id"}, _MESSAGE | {"caption": str}),
    "deleteMessage": ({"chat_id", "message_id"}, {"chat_id": (int, str), "message_id": int}),
    "deleteMessages": ({"chat_id", "message_ids"}, {"chat_id": (int, str), "message_ids": list}),
    "deleteBusinessMessages": (
        {"business_connection_id", "message_ids"},
        {"business_connection_id": str, "message_ids": list},
    ),
}


_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
    "can_send_welcome_messages",
)  # fmt: skip


class Refused(Exception):
    def __init__(self, code: int, description: str, **parameters: int) -> None:
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Telegram:
    """The state behind the server. `now` stands still until a test moves it."""

    now: int = NOW
    rights: dict[int, dict[str, bool] | None] = field(default_factory=dict)
    """Chat → the bot's rights as an administrator, None where it is an ordinary member."""
    reads_all: bool = False
    webhook: str = ""
    known: str = ""
    failed: dict[str, Any] = field(default_factory=dict)
    """What getWebhookInfo tells of deliveries."""
    public: bool = True
    messages: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    numbers: int = 0
    sent_at: dict[int, list[int]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    turns: bool = True
    """Does the public page know `?after=`?"""

    def __post_init__(self) -> None:
        every = {f"can_{what}_messages": True for what in ("post", "edit", "delete")}
        self.rights = {CHANNEL: dict(every), DISCUSSION: {"can_delete_messages": True}} | self.rights

    def chat(self, chat_id: int | str) -> dict[str, Any]:
        text = str(chat_id).casefold()
        named = {"username": "teapot_news"} if self.public else {}
        known = {
            CHANNEL: {"id": CHANNEL, "type": "channel", "title": "Teapot", **named},
            DISCUSSION: {"id": DISCUSSION, "type": "supergroup", "title": "Teapot: comments"},
            OLD_GROUP: {"id": OLD_GROUP, "type": "group", "title": "Fans"},
            NEW_GROUP: {"id": NEW_GROUP, "type": "supergroup", "title": "Fans"},
            ANNA: {"id": ANNA, "type": "private", "first_name": "Анна", "username": "anna_k"},
            BORIS: {"id": BORIS, "type": "private", "first_name": "Boris"},
        }
        for chat in known.values():
            if text in (str(chat["id"]), f"@{chat.get('username', '')}"):
                return chat
        raise Refused(400, "Bad Request: chat not found")

    def handle(self, request: Request) -> Reply | None:
        if request.path.startswith("/s/"):
            return self.page(request)
        start, _, method = request.path.strip("/").partition("/")
        try:
            if start != f"bot{TOKEN}":
                raise Refused(401, "Unauthorized")
            if method not in METHODS:
                raise Refused(404, "Not Found: method not found")
            result = getattr(self, f"do_{method}")(request, _checked(method, request.fields))
        except Refused as refused:
            content = {"ok": False, "error_code": refused.code, "description": refused.description}
            if refused.parameters:
                content["parameters"] = refused.parameters
            return js(content, refused.code)
        return None if result is None else js({"ok": True, "result": result})

    # Asking

    def do_getMe(self, request: Request, given: dict[str, Any]) -> Any:
        return BOT | {"can_join_groups": True, "can_read_all_group_messages": self.reads_all}

    def do_getChat(self, request: Request, given: dict[str, Any]) -> Any:
        gifts = dict.fromkeys(_GIFTS, False)
        chat = self.chat(given["chat_id"]) | {"accent_color_id": 1, "max_reaction_count": 11}
        chat |= {"accepted_gift_types": gifts}
        return chat | ({"linked_chat_id": DISCUSSION} if chat["id"] == CHANNEL else {})

    def do_getChatMember(self, request: Request, given: dict[str, Any]) -> Any:
        chat = self.chat(given["chat_id"])
        rights = self.rights.get(chat["id"])
        if rights is None:
            return {"status": "member", "user": BOT}
        least = {"status": "administrator", "user": BOT, "can_be_edited": False, "is_anonymous": False}
        return least | dict.fromkeys(_RIGHTS, False) | rights

    def do_getUpdates(self, request: Request, given: dict[str, Any]) -> Any:
        if self.webhook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if not 1 <= given.get("limit", 100) <= 100:
            raise Refused(400, "Bad Request: limit must be between 1 and 100")
        if "offset" in given:
            self.updates = [u for u in self.updates if u["update_id"] >= given["offset"]]
        allowed = given.get("allowed_updates") or []
        waiting = [u for u in self.updates if not allowed or set(u) & set(allowed)][: given.get("limit", 100)]
        return waiting if waiting or not given.get("timeout") else None

    def do_setWebhook(self, request: Request, given: dict[str, Any]) -> Any:
        address = urlsplit(given["url"])
        if address.scheme != "https":
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if (address.port or 443) not in (443, 80, 88, 8443):
            raise Refused(
                400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
            )
        if not (address.hostname or "").endswith(".example"):
            raise Refused(400, "Bad Request: bad webhook: Failed to resolve host: Name or service not known")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", given["secret_token"]):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.webhook, self.known, self.failed = given["url"], given["secret_token"], {}
        return True

    def do_deleteWebhook(self, request: Request, given: dict[str, Any]) -> Any:
        self.webhook = ""
        if given.get("drop_pending_updates"):
            self.updates = []
        return True

    def do_getWebhookInfo(self, request: Request, given: dict[str, Any]) -> Any:
        waiting = len(self.updates) if self.webhook else 0
        return {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": waiting,
        } | self.failed

    # Saying

    def do_sendMessage(self, request: Request, given: dict[str, Any]) -> Any:
        if not given["text"].strip():
            raise Refused(400, "Bad Request: message text is empty")
        if _units(given["text"]) > 4096:
            raise Refused(400, "Bad Request: message is too long")
        return self.keep(given, {"text": given["text"].strip()})

    def do_sendPhoto(self, request: Request, given: dict[str, Any], kind: str = "photo") -> Any:
        part = self.attached(request, given[kind], {"photo": 10 * 10**6}.get(kind, 50 * 10**6))
        return self.keep(given, _shown(kind, part) | self.caption(given))

    def do_sendVideo(self, request: Request, given: dict[str, Any]) -> Any:
        return self.do_sendPhoto(request, given, "video")

    def do_sendAnimation(self, request: Request, given: dict[str, Any]) -> Any:
        return self.do_sendPhoto(request, given, "animation")

    def do_sendDocument(self, request: Request, given: dict[str, Any]) -> Any:
        return self.do_sendPhoto(request, given, "document")

    def do_sendMediaGroup(self, request: Request, given: dict[str, Any]) -> Any:
        album = given["media"]
        if not 2 <= len(album) <= 10:
            raise Refused(400, "Bad Request: wrong number of messages in the album")
        kinds = {one["type"] for one in album}
        if not kinds <= {"photo", "video", "document", "audio"} or ("document" in kinds and len(kinds) > 1):
            raise Refused(400, "Bad Request: document can't be mixed with other media types")
        shown = [
            _shown(one["type"], self.attached(request, one["media"], 50 * 10**6)) | self.caption(one)
            for one in album
        ]
        return [self.keep(given, content | {"media_group_id": "13"}) for content in shown]

    def attached(self, request: Request, named: str, most: int) -> str:
        name = named.removeprefix("attach://")
        if not named.startswith("attach://") or name not in request.files:
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        content = request.files[name][2]
        if len(content) > most:
            raise Refused(413, "Request Entity Too Large")
        self.files[request.files[name][0]] = content
        return request.files[name][0]

    def caption(self, given: dict[str, Any]) -> dict[str, str]:
        caption = given.get("caption", "")
        if _units(caption) > 1024:
            raise Refused(400, "Bad Request: message caption is too long")
        return {"caption": caption} if caption else {}

    def keep(self, given: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        chat = self.chat(given["chat_id"])
        where = chat["id"]
        if where == OLD_GROUP:
            raise Refused(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=NEW_GROUP
            )
        if where == BORIS:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        if chat["type"] == "channel" and not (self.rights.get(where) or {}).get("can_post_messages"):
            raise Refused(400, "Bad Request: need administrator rights in the channel chat")
        answered = given.get("reply_parameters") or {"allow_sending_without_reply": True}
        if (
            not answered.get("allow_sending_without_reply")
            and (where, answered["message_id"]) not in self.messages
        ):
            raise Refused(400, "Bad Request: message to be replied not found")
        self.limited(where, chat["type"])
        self.numbers += 1
        message = {"message_id": self.numbers, "date": self.now, "chat": chat} | content
        message |= {"sender_chat": chat} if chat["type"] == "channel" else {"from": BOT}
        if connection := given.get("business_connection_id"):
            message["business_connection_id"] = connection
        self.messages[where, self.numbers] = message
        return message

    def limited(self, chat: int, kind: str) -> None:
        """core.telegram.org/bots/faq: one message a second to a chat, twenty a minute to a group."""
        times = self.sent_at.setdefault(chat, [])
        if kind in ("group", "supergroup") and len([t for t in times if t > self.now - 60]) >= 20:
            raise Refused(429, "Too Many Requests: retry after 37", retry_after=37)
        times.append(self.now)

    # Changing

    def do_editMessageText(self, request: Request, given: dict[str, Any], name: str = "text") -> Any:
        message = self.messages.get((self.chat(given["chat_id"])["id"], given["message_id"]))
        if message is None:
            raise Refused(400, "Bad Request: message to edit not found")
        if name == "text" and "text" not in message:
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        if message.get("from", BOT) != BOT:
            raise Refused(400, "Bad Request: message can't be edited")
        if message.get(name) == given[name]:
            raise Refused(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup "
                "are exactly the same as a current content and reply markup of the message",
            )
        message |= {name: given[name], "edit_date": self.now}
        return message

    def do_editMessageCaption(self, request: Request, given: dict[str, Any]) -> Any:
        return self.do_editMessageText(request, given, "caption")

    def do_deleteMessage(self, request: Request, given: dict[str, Any]) -> Any:
        where = self.chat(given["chat_id"])["id"], given["message_id"]
        if where not in self.messages:
            raise Refused(400, "Bad Request: message to delete not found")
        if self.now - self.messages[where]["date"] > 48 * 3600 and not self.rights.get(where[0]):
            raise Refused(400, "Bad Request: message can't be deleted for everyone")
        del self.messages[where]
        return True

    def do_deleteMessages(self, request: Request, given: dict[str, Any]) -> Any:
        if not 1 <= len(given["message_ids"]) <= 100:
            raise Refused(400, "Bad Request: too many messages to delete")
        for number in given["message_ids"]:
            self.messages.pop((self.chat(given["chat_id"])["id"], number), None)
        return True

    def do_deleteBusinessMessages(self, request: Request, given: dict[str, Any]) -> Any:
        for where in [w for w in self.messages if w[1] in given["message_ids"]]:
            del self.messages[where]
        return True

    # What others do

    def tell(self, kind: str, **message: Any) -> dict[str, Any]:
        """Something happens that the bot is told of; the update."""
        self.numbers += 1
        made = {"message_id": self.numbers, "date": self.now} | message
        if "chat" in made:
            self.messages[made["chat"]["id"], made["message_id"]] = made
        update = {"update_id": 1000 + self.numbers, kind: made}
        self.updates.append(update)
        return update

    def page(self, request: Request) -> Reply:
        """https://t.me/s/<name> in the markup of the page (payloads/channel_page.html)."""
        if request.path.casefold() != "/s/teapot_news" or not self.public:
            return Reply(302, b"", headers={"location": request.path.replace("/s/", "/")})
        posts = sorted((m for (chat, _), m in self.messages.items() if chat == CHANNEL), key=_number)
        if "before" in request.fields:
            posts = [m for m in posts if _number(m) < int(request.fields["before"])]
        if "after" in request.fields and self.turns:
            posts = [m for m in posts if _number(m) > int(request.fields["after"])][:20]
        body = "".join(_post(message) for message in posts[-20:])
        return Reply(
            200,
            f"""<html><body><header><div class="tgme_header_title">Teapot</div>
            <div class="tgme_header_counter">1.2K subscribers</div></header><main>
            <section class="tgme_channel_history js-message_history">{body}</section></main></body></html>""".encode(),
            "text/html; charset=utf-8",
        )


def _number(message: dict[str, Any]) -> int:
    return message["message_id"]


def _post(message: dict[str, Any]) -> str:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(message["date"], UTC).isoformat()
    text = html.escape(message.get("text", message.get("caption", ""))).replace("\n", "<br/>")
    view = base64.b64encode(json.dumps({"c": -(-CHANNEL - 10**12), "p": _number(message)}).encode()).decode()
    where = f"teapot_news/{_number(message)}"
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
    <div class="tgme_widget_message js-widget_message" data-post="{where}" data-view="{view.rstrip("=")}">
    <div class="tgme_widget_message_bubble"><div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>
    <div class="tgme_widget_message_footer"><span class="tgme_widget_message_views">4.62K</span>
    <span class="tgme_widget_message_meta"><a class="tgme_widget_message_date" href="https://t.me/{where}">
    <time datetime="{at}" class="time">12:00</time></a></span></div></div></div></div>"""


def _shown(kind: str, name: str) -> dict[str, Any]:
    file = {"file_id": name, "file_unique_id": name}
    if kind == "photo":
        return {"photo": [file | {"width": 1, "height": 1}]}
    return {kind: file | ({"width": 1, "height": 1, "duration": 1} if kind != "document" else {})}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _checked(method: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The parameters by their documented types; in forms, numbers and objects come as text."""
    required, types = METHODS[method]
    given = {}
    for name, value in fields.items():
        if name not in types:
            raise Refused(400, f"Bad Request: the documentation knows no {name} of {method}")
        kind = types[name]
        if isinstance(value, str) and kind in (int, bool, dict, list):
            try:
                value = json.loads(value)
            except ValueError:
                raise Refused(400, f"Bad Request: can't parse {name}") from None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise Refused(400, f"Bad Request: field {name} must be of type {kind}")
        given[name] = value
    for name in required - given.keys():
        raise Refused(400, f"Bad Request: {name} is empty")
    return given
