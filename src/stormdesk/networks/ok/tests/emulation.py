"""An emulation of OK's Bot API for groups, built from apiok.ru/dev/graph_api. Not the real server; not a test itself.

It keeps what the documentation says: chats by latest event with a marker, messages newest first between `from` and
`to` with both ends, the shapes of the examples, errors with status 200.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from stormdesk.core.tests.hostile import Asked, hostile, reply

KEY = "tkn18YdUJZe:CQABPOJKAKEKEKEKE"
GROUP = "group:12345678901234"


@dataclass
class Odnoklassniki:
    url: str = ""
    chats: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    clock: int = field(default_factory=lambda: int(time.time() * 1000))
    lose_answers: int = 0
    asked: list[Asked] = field(default_factory=list)

    def write(self, chat: str, text: str, who: str, name: str = "Ольга", **more: Any) -> dict[str, Any]:
        """Somebody writes into a chat."""
        self.clock += 1
        messages = self.chats.setdefault(chat, [])
        if who.startswith("user:"):
            self.people[chat] = who
        made = {
            "sender": {"name": name, "user_id": who},
            "recipient": {"chat_id": chat},
            "message": {"text": text, "seq": self.clock, "mid": f"mid:{chat[5:]}.{self.clock:x}"} | more,
            "timestamp": self.clock,
        }
        messages.append(made)
        return made

    async def behave(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.asked.append(asked)
        query = {k: v[0] for k, v in parse_qs(asked.query).items()}
        if query.get("access_token") != KEY:
            content: Any = {"error_code": 103, "error_msg": "PARAM_SESSION_KEY : Invalid session key"}
        elif asked.method == "POST":
            assert asked.headers["content-type"] == "application/json;charset=utf-8"
            body = json.loads(asked.body)
            chat = body["recipient"]["chat_id"]
            if chat not in self.chats:
                content = {"error_code": 100, "error_msg": "PARAM : Invalid chat"}
            else:
                self.write(chat, body["message"]["text"], GROUP, "Acme")
                content = {"success": True}
                if self.lose_answers:
                    self.lose_answers -= 1
                    writer.transport.abort()
                    return
        elif asked.path.endswith("/info"):
            content = {"name": "Acme", "group_id": GROUP}
        elif asked.path.endswith("/chats"):
            content = self._chats(query)
        else:
            content = self._messages(query)
        await reply(200, json.dumps(content).encode())(asked, writer)

    def _chats(self, query: dict[str, str]) -> dict[str, Any]:
        ordered = sorted(self.chats, key=lambda c: -self.chats[c][-1]["timestamp"])
        begin, count = int(query.get("marker", "0")), int(query["count"])
        assert 1 <= count <= 100
        page = [
            {
                "type": "GROUP_CHAT", "status": "ACTIVE", "title": "", "chat_id": chat, "group_id": GROUP,
                "participants": {self.people.get(chat, "user:0"): self.clock},
                "lastEventTime": self.chats[chat][-1]["timestamp"], "owner_id": "user:1",
            }
            for chat in ordered[begin : begin + count]
        ]  # fmt: skip
        more = {"marker": str(begin + count)} if begin + count < len(ordered) else {}
        return {"chats": page} | more

    def _messages(self, query: dict[str, str]) -> dict[str, Any]:
        latest, first = int(query.get("from", 2**63 - 1)), int(query.get("to", 0))
        fitting = [m for m in self.chats.get(query["chat_id"], []) if first <= m["timestamp"] <= latest]
        return {"messages": fitting[::-1][: int(query.get("count", 50))]}


@contextlib.asynccontextmanager
async def odnoklassniki() -> AsyncIterator[Odnoklassniki]:
    """Run it on a free loopback port while the block runs."""
    it = Odnoklassniki()
    paths = ["info", "chats", "messages", *(f"messages/chat:C{n}" for n in range(300)), "messages/chat:Cx"]
    async with hostile({f"/graph/me/{path}": it.behave for path in paths}) as server:
        it.url = server.url
        yield it
