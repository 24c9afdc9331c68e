"""An emulation of Bluesky's service of private messages, built from the lexicons chat.bsky.convo.*. Not a test itself.

Asked directly it stands in for an account server that passes on; behind the real one it sees who asks by the signed
token that server makes (atproto.com/specs/xrpc, service proxying).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from stormdesk.networks.tests.served import Reply, Request, js

US, ANNA, BORIS = "did:plc:us", "did:plc:anna", "did:plc:boris"
SERVICE = "did:web:api.bsky.chat#bsky_chat"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def token(scope: str) -> str:
    part = base64.urlsafe_b64encode(json.dumps({"scope": scope, "exp": 4e9}).encode()).rstrip(b"=").decode()
    return f"h.{part}.s"


@dataclass
class Chat:
    """Conversations of everybody; `refuse`: people who take no messages, by the name of the refusal."""

    scope: str = "com.atproto.appPassPrivileged"
    us: str = US
    handles: dict[str, str] = field(default_factory=lambda: {"anna.test": ANNA, "boris.test": BORIS})
    convos: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    number: int = 0
    asked: list[str] = field(default_factory=list)

    def rev(self) -> str:
        self.number += 1
        return f"2222222{self.number:06d}"

    def convo(self, *members: str) -> str:
        wanted = sorted({self.us, *members})
        for made in self.convos.values():
            if made["who"] == wanted:
                return made["id"]
        name = f"convo{len(self.convos) + 1}"
        self.convos[name] = {"id": name, "rev": self.rev(), "who": wanted, "unread": 0}
        self.messages[name] = []
        return name

    def say(self, who: str, convo: str, text: str) -> dict[str, Any]:
        """Somebody writes."""
        rev = self.rev()
        made = {
            "$type": "chat.bsky.convo.defs#messageView", "id": f"m{self.number}", "rev": rev, "text": text,
            "sender": {"did": who}, "sentAt": (NOW + timedelta(seconds=self.number)).isoformat(),
        }  # fmt: skip
        self.messages[convo].append(made)
        self.convos[convo] |= {"rev": rev, "unread": self.convos[convo]["unread"] + (who != self.us)}
        return made

    def handle(self, request: Request) -> Reply | None:
        name = request.path.removeprefix("/xrpc/")
        self.asked.append(name)
        if name == "/.well-known/did.json":
            host = request.headers["host"]
            service = {"id": "#bsky_chat", "type": "BskyChatService", "serviceEndpoint": f"http://{host}"}
            return js({"id": f"did:web:{host.replace(':', '%3A')}", "service": [service]})
        if name == "com.atproto.server.createSession":
            return js({"did": US, "handle": "us.test", "accessJwt": token(self.scope), "refreshJwt": "r.e.f"})
        if name == "com.atproto.identity.resolveHandle":
            return js({"did": self.handles[request.fields["handle"]]})
        if name.startswith("chat.bsky.convo."):
            through = "authorization" in request.headers and "lxm" in _claims(request)
            if not through and request.headers.get("atproto-proxy") != SERVICE:
                return js({"error": "MethodNotImplemented", "message": "no service named"}, 501)
            return getattr(self, name.rpartition(".")[2])(request.fields)
        return js({"error": "MethodNotImplemented"}, 501)

    def listConvos(self, given: dict[str, Any]) -> Reply:
        found = sorted(self.convos.values(), key=lambda made: made["rev"], reverse=True)
        return self.page("convos", [self.shown(made) for made in found], given)

    def getMessages(self, given: dict[str, Any]) -> Reply:
        return self.page("messages", self.messages[given["convoId"]][::-1], given)

    def page(self, name: str, found: list[Any], given: dict[str, Any]) -> Reply:
        start, size = int(given.get("cursor", 0)), int(given.get("limit", 50))
        if not 1 <= size <= 100:
            return js({"error": "InvalidRequest", "message": "limit"}, 400)
        more = {"cursor": str(start + size)} if len(found) > start + size else {}
        return js({name: found[start : start + size]} | more)

    def getConvoForMembers(self, given: dict[str, Any]) -> Reply:
        if refusal := self.refuse.get(given["members"]):
            return js({"error": refusal, "message": "recipient has disabled incoming messages"}, 400)
        return js({"convo": self.shown(self.convos[self.convo(given["members"])])})

    def sendMessage(self, given: dict[str, Any]) -> Reply:
        return js(self.say(self.us, given["convoId"], given["message"]["text"]))

    def deleteMessageForSelf(self, given: dict[str, Any]) -> Reply:
        kept = self.messages[given["convoId"]]
        kept[:] = [one for one in kept if one["id"] != given["messageId"]]
        return js(
            {"id": given["messageId"], "rev": self.rev(), "sender": {"did": US}, "sentAt": NOW.isoformat()}
        )

    def shown(self, made: dict[str, Any]) -> dict[str, Any]:
        names = {did: handle for handle, did in self.handles.items()}
        members = [
            {"did": did, "handle": names.get(did, "us.test"), "displayName": ""} for did in made["who"]
        ]
        return {
            "id": made["id"], "rev": made["rev"], "members": members, "muted": False, "unreadCount": made["unread"],
            "status": "accepted",
        }  # fmt: skip


def _claims(request: Request) -> dict[str, Any]:
    part = request.headers["authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
