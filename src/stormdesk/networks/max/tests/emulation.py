"""An emulation of the bot API of MAX, built from its published schema (github.com/max-messenger/api-schema, 0.0.32)
and the pages of comments (dev.max.ru/docs-api/methods/GET/messages/-messageId-/comments). Not a test.

It refuses parameters and fields the schema does not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from stormdesk.networks.tests.served import Reply, Request, js

TOKEN = "f9LHodD0cOL5Te"
BOT, ANNA, BORIS = 9, 100, 101
CHANNEL, CHAT, DIALOG = -70, -71, 72
NOW = 1_773_000_000_000

_MID = r"([\w.-]+)"
ROUTES: list[tuple[str, str, str, set[str]]] = [
    ("GET", r"/me", "me", set()),
    ("GET", r"/chats/(-?\d+)", "chat", set()),
    ("GET", r"/chats/(-?\d+)/members/me", "membership", set()),
    ("GET", r"/subscriptions", "doors", set()),
    ("POST", r"/subscriptions", "subscribe", set()),
    ("DELETE", r"/subscriptions", "unsubscribe", {"url"}),
    ("GET", r"/updates", "updates_", {"limit", "timeout", "marker", "types"}),
    ("POST", r"/uploads", "uploads", {"type"}),
    ("GET", r"/messages", "list_messages", {"chat_id", "message_ids", "from", "to", "count"}),
    ("POST", r"/messages", "send", {"chat_id", "user_id", "disable_link_preview"}),
    ("PUT", r"/messages", "edit", {"message_id"}),
    ("DELETE", r"/messages", "delete", {"message_id"}),
    ("GET", rf"/messages/{_MID}", "get_message", set()),
    ("GET", rf"/messages/{_MID}/comments", "list_comments", {"comment_ids", "after", "before", "count"}),
    ("POST", rf"/messages/{_MID}/comments", "send_comment", set()),
    ("PUT", rf"/messages/{_MID}/comments", "edit_comment", {"comment_id"}),
    ("DELETE", rf"/messages/{_MID}/comments", "delete_comment", {"comment_id"}),
]
BODY = {"text", "attachments", "link", "notify", "format"}

DOOR = {"url", "update_types", "secret"}


class Refused(Exception):
    def __init__(self, status: int, code: str, words: str) -> None:
        self.status, self.code, self.words = status, code, words


@dataclass
class Max:
    """The state behind the server. `now` (milliseconds) stands still until a test moves it."""

    now: int = NOW
    permissions: tuple[str, ...] = ("read_all_messages", "write", "edit_message", "delete")
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    not_ready: int = 0
    refuse: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    numbers: int = 0
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def handle(self, request: Request) -> Reply | None:
        if request.path == "/upload":
            self.files.append(request.files["data"][2])
            return js({"photos": {"1": {"token": f"photo-{len(self.files)}"}}})
        try:
            if request.headers.get("authorization") != TOKEN:
                raise Refused(401, "verify.token", "Invalid access_token")
            for method, path, name, known in ROUTES:
                found = re.fullmatch(path, request.path)
                if found and method == request.method:
                    return self.answer(name, known, found.groups(), request)
            raise Refused(404, "not.found", f"Unknown path {request.path}")
        except Refused as refused:
            return js({"code": refused.code, "message": refused.words}, refused.status)

    def answer(self, name: str, known: set[str], parts: tuple[str, ...], request: Request) -> Reply | None:
        given = dict(request.fields)
        query = {k: given.pop(k) for k in list(given) if k in known}
        if unknown := given.keys() - (DOOR if name == "subscribe" else BODY):
            raise Refused(400, "proto.payload", f"the schema knows no {unknown}")
        if self.refuse.get(name):
            status, code = self.refuse[name].pop(0)
            raise Refused(status, code, code)
        result = getattr(self, name)(*parts, query, given, request)
        return None if result is None else js(result)

    def number(self) -> str:
        self.numbers += 1
        return f"mid.{self.numbers:08x}"

    # What people do

    def say(self, chat: int, text: str | None, sender: int | None, **more: Any) -> dict[str, Any]:
        made = _message(self.number(), chat, text, sender, self.now) | more
        self.messages[made["body"]["mid"]] = made
        return made

    def comment(self, post: str, text: str, sender: int | None, above: str = "") -> dict[str, Any]:
        made = _message(self.number(), CHANNEL, text, sender, self.now)
        made["recipient"]["post_id"] = post
        del made["body"]["attachments"]
        if above:
            made["link"] = {"type": "reply", "message": self.comments[post][above]["body"]}
        self.comments.setdefault(post, {})[made["body"]["mid"]] = made
        return made

    def tell(self, kind: str, **thing: Any) -> None:
        self.events.append({"update_type": kind, "timestamp": self.now} | thing)

    # Asking

    def me(self, query: Any, body: Any, request: Request) -> Any:
        return _user(BOT) | {"description": None, "commands": []}

    def chat(self, number: str, query: Any, body: Any, request: Request) -> Any:
        kinds = {CHANNEL: "channel", CHAT: "chat", DIALOG: "dialog"}
        if int(number) not in kinds:
            raise Refused(404, "chat.not.found", "Chat not found")
        return {
            "chat_id": int(number), "type": kinds[int(number)], "status": "active", "title": "Чайник", "icon": None,
            "last_event_time": self.now, "participants_count": 9000, "is_public": True, "description": None,
        }  # fmt: skip

    def membership(self, number: str, query: Any, body: Any, request: Request) -> Any:
        return _user(BOT) | {
            "last_access_time": 0, "is_owner": False, "is_admin": True, "join_time": 0, "permissions": list(self.permissions),
        }  # fmt: skip

    def updates_(self, query: Any, body: Any, request: Request) -> Any:
        if not 1 <= int(query.get("limit", 100)) <= 1000 or not 0 <= int(query.get("timeout", 30)) <= 90:
            raise Refused(400, "proto.payload", "limit or timeout")
        start = int(query["marker"]) if "marker" in query else max(0, len(self.events) - 1)
        news = self.events[start : start + int(query.get("limit", 100))]
        if not news and int(query.get("timeout", 30)) > 0:
            return None
        return {"updates": news, "marker": start + len(news)}

    def doors(self, query: Any, body: Any, request: Request) -> Any:
        return {
            "subscriptions": [
                {k: one[k] for k in ("url", "time", "update_types")} for one in self.subscriptions.values()
            ]
        }

    def subscribe(self, query: Any, body: Any, request: Request) -> Any:
        if not body["url"].startswith("https://"):
            return {"success": False, "message": "Webhook URL must use HTTPS"}
        if not re.fullmatch(r"[a-zA-Z0-9_-]{5,256}", body.get("secret", "12345")):
            raise Refused(400, "proto.payload", "secret")
        self.subscriptions[body["url"]] = body | {"time": self.now}
        return {"success": True}

    def unsubscribe(self, query: Any, body: Any, request: Request) -> Any:
        found = self.subscriptions.pop(query["url"], None)
        return {"success": True} if found else {"success": False, "message": "Subscription not found"}

    def list_messages(self, query: Any, body: Any, request: Request) -> Any:
        count = int(query.get("count", 50))
        if not 1 <= count <= 100:
            raise Refused(400, "proto.payload", "count")
        here = [m for m in self.messages.values() if m["recipient"]["chat_id"] == int(query["chat_id"])]
        return {"messages": here[::-1][:count]}

    def get_message(self, mid: str, query: Any, body: Any, request: Request) -> Any:
        if mid not in self.messages:
            raise Refused(404, "message.not.found", "Message not found")
        return self.messages[mid]

    def list_comments(self, post: str, query: Any, body: Any, request: Request) -> Any:
        self.get_message(post, query, body, request)
        return {"messages": list(self.comments.get(post, {}).values())[::-1][: int(query.get("count", 50))]}

    # Saying and changing

    def send(self, query: Any, body: Any, request: Request) -> Any:
        if ("chat_id" in query) == ("user_id" in query):
            raise Refused(400, "proto.payload", "chat_id or user_id")
        if "user_id" in query and int(query["user_id"]) != ANNA:
            raise Refused(403, "dialog.not.found", "The user has not started the bot")
        chat = int(query["chat_id"]) if "chat_id" in query else DIALOG
        self.chat(str(chat), query, body, request)
        text, link = _text(body), body.get("link")
        shown = [self.attachment(one) for one in body.get("attachments") or []]
        if not text and not shown:
            raise Refused(400, "proto.payload", "empty message")
        more: dict[str, Any] = {"url": f"https://max.ru/teapot/{self.numbers + 1}"} if chat == CHANNEL else {}
        if link:
            more["link"] = {
                "type": link["type"],
                "message": self.get_message(link["mid"], query, body, request)["body"],
            }
        made = self.say(chat, text, None if chat == CHANNEL else BOT, **more)
        made["body"]["attachments"] = shown
        return {"message": made}

    def attachment(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["type"] not in ("image", "video", "audio", "file") or not given["payload"]:
            raise Refused(400, "proto.payload", "attachment")
        if self.not_ready:
            self.not_ready -= 1
            raise Refused(400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed")
        return {"type": "image", "payload": {"photo_id": 1, "token": "t", "url": "https://i.max.ru/1.jpg"}}

    def uploads(self, query: Any, body: Any, request: Request) -> Any:
        if query["type"] not in ("image", "video", "audio", "file"):
            raise Refused(400, "proto.payload", "type")
        opened = {"url": f"http://{request.headers['host']}/upload"}
        return opened | ({"token": "video-1"} if query["type"] in ("video", "audio") else {})

    def edit(self, query: Any, body: Any, request: Request) -> Any:
        message = self.get_message(query["message_id"], query, body, request)
        if "sender" in message and not message["sender"]["is_bot"]:
            return {"success": False, "message": "Only own messages can be edited"}
        message["body"]["text"] = _text(body)
        if body.get("attachments") is not None:
            message["body"]["attachments"] = body["attachments"]
        return {"success": True}

    def delete(self, query: Any, body: Any, request: Request) -> Any:
        self.get_message(query["message_id"], query, body, request)
        del self.messages[query["message_id"]]
        return {"success": True}

    def send_comment(self, post: str, query: Any, body: Any, request: Request) -> Any:
        self.get_message(post, query, body, request)
        if "attachments" in body or not _text(body):
            raise Refused(400, "proto.payload", "comments carry words only")
        link = body.get("link") or {}
        if link and link["mid"] not in self.comments.get(post, {}):
            raise Refused(404, "comment.not.found", "Comment not found")
        return {"message": self.comment(post, _text(body), None, link.get("mid", ""))}

    def edit_comment(self, post: str, query: Any, body: Any, request: Request) -> Any:
        comment = self.comments.get(post, {}).get(query["comment_id"])
        if comment is None:
            raise Refused(404, "comment.not.found", "Comment not found")
        if self.now - comment["timestamp"] > 26 * 3_600_000:
            raise Refused(422, "comments.timeout_exceeded", "Too late to edit")
        comment["body"]["text"] = _text(body)
        return {"success": True}

    def delete_comment(self, post: str, query: Any, body: Any, request: Request) -> Any:
        if self.comments.get(post, {}).pop(query["comment_id"], None) is None:
            return {"success": False, "message": "Comment not found"}
        return {"success": True}


def _text(body: dict[str, Any]) -> str:
    text = body.get("text") or ""
    if len(text) > 4000:
        raise Refused(400, "proto.payload", "text: size must be between 0 and 4000")
    return text


def _user(number: int) -> dict[str, Any]:
    names = {BOT: ("Чайник-бот", "teapot_bot"), ANNA: ("Анна", "anna_k"), BORIS: ("Борис", None)}
    first, username = names[number]
    return {
        "user_id": number, "first_name": first, "last_name": None, "username": username, "is_bot": number == BOT,
        "last_activity_time": NOW, "name": first,
    }  # fmt: skip


def _message(mid: str, chat: int, text: str | None, sender: int | None, at: int) -> dict[str, Any]:
    kind = {CHANNEL: "channel", CHAT: "chat", DIALOG: "dialog"}[chat]
    made: dict[str, Any] = {
        "recipient": {"chat_id": chat, "chat_type": kind, "user_id": BOT if chat == DIALOG else None},
        "timestamp": at,
        "body": {"mid": mid, "seq": int(mid[4:], 16), "text": text, "attachments": []},
    }
    if sender is not None:
        made["sender"] = _user(sender)
    if kind == "channel":
        made["stat"] = {"views": 700}
    return made
