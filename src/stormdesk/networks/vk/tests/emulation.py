"""An emulation of VK's API, built from its published schema (github.com/VKCOM/vk-api-schema, 5.199). Not a test.

Method by method: which keys are taken, what is required, of which type, which limits hold and which error is answered.
It refuses parameters the schema does not know (`owner_id` of `wall.get` stands in dev.vk.com only). What a repeated
`guid` or `random_id` is answered with is documented nowhere; here it is the first answer again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from stormdesk.networks.base import Limit
from stormdesk.networks.tests.served import Reply, Request, js
from stormdesk.networks.vk import api

GROUP, EDITOR, ANNA, BORIS = 500, 10, 100, 101
"""Anna has written to the community; Boris has not."""
USER_KEY, GROUP_KEY, SERVICE_KEY = "vk1.a.user", "vk1.a.group", "service"
NOW = 1_772_366_400
HOUR = 3600

WIDE = {name: Limit("requests", 10_000, 1, "") for name in api.LIMITS}
"""Limits that nobody meets, for tests of everything else."""

_U, _G, _S = {USER_KEY}, {GROUP_KEY}, {SERVICE_KEY}
_PAGE = {"extended": "bool", "count": "int", "offset": "int"}
_READ = _PAGE | {"fields": "str"}
# method → keys that are taken, required parameters, parameters by type
METHODS: dict[str, tuple[set[str], set[str], dict[str, str]]] = {
    "newsfeed.search": (_U | _S, set(), {"extended": "bool", "fields": "str", "count": "int"} | {"q": "str", "start_time": "int", "end_time": "int", "start_from": "str"}),
    "newsfeed.getMentions": (_U, set(), {"owner_id": "int", "start_time": "int", "end_time": "int", "offset": "int", "count": "int"}),
    "wall.get": (_U | _S, set(), _READ | {"owner_id": "int", "domain": "str", "filter": "str"}),
    "wall.getById": (_U | _S, {"posts"}, {"posts": "str", "extended": "bool", "fields": "str"}),
    "wall.getComments": (_U | _S, set(), _READ | {"owner_id": "int", "post_id": "int", "sort": "str", "preview_length": "int",
                         "thread_items_count": "int", "comment_id": "int", "start_comment_id": "int", "need_likes": "bool"}),
    "wall.getComment": (_U, {"comment_id"}, {"owner_id": "int", "comment_id": "int", "extended": "bool"}),
    "wall.post": (_U, set(), {"owner_id": "int", "from_group": "bool", "message": "str", "attachments": "str",
                  "publish_date": "int", "guid": "str", "signed": "bool"}),
    "wall.edit": (_U, {"post_id"}, {"owner_id": "int", "post_id": "int", "message": "str", "attachments": "str"}),
    "wall.delete": (_U, set(), {"owner_id": "int", "post_id": "int"}),
    "wall.createComment": (_U | _G, {"post_id"}, {"owner_id": "int", "post_id": "int", "from_group": "int", "message": "str",
                           "reply_to_comment": "int", "attachments": "str", "guid": "str"}),
    "wall.editComment": (_U, {"comment_id"}, {"owner_id": "int", "comment_id": "int", "message": "str", "attachments": "str"}),
    "wall.deleteComment": (_U, {"comment_id"}, {"owner_id": "int", "comment_id": "int"}),
    "wall.restoreComment": (_U, {"comment_id"}, {"owner_id": "int", "comment_id": "int"}),
    "wall.reportPost": (_U, {"owner_id", "post_id", "reason"}, {"owner_id": "int", "post_id": "int", "reason": "int"}),
    "wall.reportComment": (_U, {"owner_id", "comment_id", "reason"}, {"owner_id": "int", "comment_id": "int", "reason": "int"}),
    "board.createComment": (_U, {"group_id", "topic_id"}, {"group_id": "int", "topic_id": "int", "message": "str",
                            "attachments": "str", "from_group": "bool", "guid": "str"}),
    "board.getComments": (_U | _S, {"group_id", "topic_id"}, _PAGE | {"group_id": "int", "topic_id": "int", "sort": "str"}),
    "messages.send": (_U | _G, set(), {"peer_id": "int", "random_id": "int", "message": "str", "attachment": "str", "group_id": "int"}),
    "messages.edit": (_U | _G, {"peer_id"}, {"peer_id": "int", "message_id": "int", "message": "str", "group_id": "int",
                      "keep_forward_messages": "bool", "keep_snippets": "bool"}),
    "messages.delete": (_U | _G, set(), {"message_ids": "str", "delete_for_all": "bool", "group_id": "int"}),
    "messages.getHistory": (_U | _G, set(), {"peer_id": "int", "count": "int", "offset": "int", "group_id": "int", "rev": "bool"}),
    "users.get": (_U | _G | _S, set(), {"user_ids": "str", "fields": "str"}),
    "groups.getById": (_U | _G | _S, set(), {"group_id": "str", "group_ids": "str", "fields": "str"}),
    "groups.getLongPollServer": (_U | _G, {"group_id"}, {"group_id": "int"}),
    "groups.getTokenPermissions": (_G, set(), {}),
    "account.getAppPermissions": (_U, set(), {"user_id": "int"}),
    "photos.getWallUploadServer": (_U, set(), {"group_id": "int"}),
    "photos.saveWallPhoto": (_U, {"photo"}, {"group_id": "int", "photo": "str", "server": "int", "hash": "str", "caption": "str"}),
    "photos.getMessagesUploadServer": (_U | _G, set(), {"peer_id": "int"}),
    "photos.saveMessagesPhoto": (_U | _G, {"photo"}, {"photo": "str", "server": "int", "hash": "str"}),
}  # fmt: skip


class Refused(Exception):
    def __init__(self, code: int, words: str) -> None:
        self.code, self.words = code, words


@dataclass
class Vk:
    """The state behind the server. `now` stands still until a test moves it."""

    now: int = NOW
    mask: int = (1 << 2) | (1 << 13) | (1 << 18)
    permissions: tuple[str, ...] = ("messages", "manage", "photos")
    refuse: dict[str, list[int]] = field(default_factory=dict)
    """Method → errors it answers first."""
    posts: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    mentioned: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    lost: int = 0
    line: str = "key-1"
    files: list[bytes] = field(default_factory=list)
    once: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    numbers: int = 0
    asked: list[str] = field(default_factory=list)

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def handle(self, request: Request) -> Reply | None:
        if request.path == "/upload":
            return self.upload(request)
        if request.path == "/lp":
            return self.long_poll(request)
        method = request.path.removeprefix("/method/")
        self.asked.append(method)
        try:
            given = _checked(method, request)
            if self.refuse.get(method):
                code = self.refuse[method].pop(0)
                raise Refused(code, f"error {code}")
            do = getattr(self, "do_" + method.replace(".", "_"))
            return js({"response": do(given, request)})
        except Refused as refused:
            shown = [{"key": k, "value": v} for k, v in request.fields.items() if k != "access_token"]
            return js(
                {"error": {"error_code": refused.code, "error_msg": refused.words, "request_params": shown}}
            )

    # What people do

    def wall_post(self, owner: int, from_id: int, text: str, **more: Any) -> dict[str, Any]:
        number = self.number()
        made = {
            "id": number, "owner_id": owner, "from_id": from_id, "date": self.now, "text": text, "type": "post",
            "post_type": "post", "attachments": [], "comments": {"count": 0}, "views": {"count": 0},
        } | more  # fmt: skip
        self.posts[owner, number] = made
        return made

    def comment(
        self, post: dict[str, Any], from_id: int, text: str, above: int = 0, **more: Any
    ) -> dict[str, Any]:
        number = self.number()
        stack = [*self.comments[above]["parents_stack"], above][:1] if above else []
        made = {
            "id": number, "from_id": from_id, "date": self.now, "text": text, "owner_id": post["owner_id"],
            "post_id": post["id"], "parents_stack": stack, "attachments": [],
        } | more  # fmt: skip
        if above:
            made |= {"reply_to_comment": above, "reply_to_user": self.comments[above]["from_id"]}
        self.comments[number] = made
        post["comments"]["count"] += 1
        return made

    def write(self, user: int, text: str, **more: Any) -> dict[str, Any]:
        return self.message(user, user, text, 0, **more)

    def message(self, peer: int, from_id: int, text: str, random_id: int, **more: Any) -> dict[str, Any]:
        number = self.number()
        made = {
            "id": number, "conversation_message_id": number, "peer_id": peer, "from_id": from_id, "date": self.now,
            "text": text, "out": int(from_id != peer), "random_id": random_id, "version": 1, "fwd_messages": [],
            "attachments": [], "important": False, "is_hidden": False,
        } | more  # fmt: skip
        self.messages[number] = made
        return made

    def tell(self, kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        """An event as both Callback API and Long Poll give it."""
        event = {
            "type": kind,
            "object": thing,
            "group_id": GROUP,
            "event_id": f"e{self.number()}",
            "v": "5.199",
        }
        self.events.append(event)
        return event

    # Reading

    def do_newsfeed_search(self, given: dict[str, Any], request: Request) -> Any:
        start, end = given.get("start_time", self.now - 86_400), given.get("end_time", self.now)
        words = given.get("q", "").casefold()
        found = [
            post
            for post in self.posts.values()
            if start <= post["date"] <= end
            and words in post["text"].casefold()
            and post["post_type"] != "postpone"
        ]
        found.sort(key=lambda post: (-post["date"], -post["id"]))
        found = found[:1000] if (many := len(found) > 1000) else found
        count, offset = min(given.get("count", 30), 200), int(given.get("start_from", "0"))
        page = found[offset : offset + count]
        answer = {"items": page, "count": len(found), "total_count": len(found)} | self.who(page, given)
        if offset + count < len(found) or (many and offset + count >= 1000):
            answer["next_from"] = str(offset + count)
        return answer

    def do_newsfeed_getMentions(self, given: dict[str, Any], request: Request) -> Any:
        start, end = given.get("start_time", self.now - 86_400), given.get("end_time", self.now)
        found = [m for m in self.mentioned if start <= m["date"] <= end]
        return {
            "count": len(found),
            "items": found[given.get("offset", 0) :][: min(given.get("count", 20), 50)],
        }

    def do_wall_get(self, given: dict[str, Any], request: Request) -> Any:
        found = [post for post in self.posts.values() if post["owner_id"] == given["owner_id"]]
        waiting = given.get("filter") == "postponed"
        found = [post for post in found if (post["post_type"] == "postpone") == waiting]
        if given.get("filter") == "owner":
            found = [post for post in found if post["from_id"] == given["owner_id"]]
        found.sort(key=lambda post: (-int(post.get("is_pinned", 0)), -post["id"]))
        page = found[given.get("offset", 0) :][: min(given.get("count", 20), 100)]
        return {"count": len(found), "items": page} | self.who(page, given)

    def do_wall_getById(self, given: dict[str, Any], request: Request) -> Any:
        keys = [tuple(map(int, one.split("_")[:2])) for one in given["posts"].split(",")]
        found = [self.posts[key] for key in keys if key in self.posts]
        return {"items": found} | self.who(found, given)

    def do_wall_getComments(self, given: dict[str, Any], request: Request) -> Any:
        all_of_it = [
            c for c in self.comments.values() if c["post_id"] == given["post_id"] and not c.get("deleted")
        ]
        inner = given.get("comment_id")
        found = [c for c in all_of_it if (c["parents_stack"] == [inner] if inner else not c["parents_stack"])]
        found.sort(key=lambda comment: comment["id"], reverse=given.get("sort") == "desc")
        page = []
        for comment in found[given.get("offset", 0) :][: min(given.get("count", 10), 100)]:
            below = [c for c in all_of_it if c["parents_stack"] == [comment["id"]]]
            shown = below[: given.get("thread_items_count", 0)]
            page.append(comment if inner else comment | {"thread": {"count": len(below), "items": shown}})
        return {"count": len(all_of_it), "current_level_count": len(found), "items": page} | self.who(
            page, given
        )

    def do_wall_getComment(self, given: dict[str, Any], request: Request) -> Any:
        found = self.comments.get(given["comment_id"])
        return {"items": [found] if found and not found.get("deleted") else []}

    def do_board_getComments(self, given: dict[str, Any], request: Request) -> Any:
        found = [c for c in self.comments.values() if c.get("topic_id") == given["topic_id"]]
        return {"count": len(found), "items": sorted(found, key=lambda c: -c["id"])}

    def do_messages_getHistory(self, given: dict[str, Any], request: Request) -> Any:
        found = [m for m in self.messages.values() if m["peer_id"] == given["peer_id"]]
        return {
            "count": len(found),
            "items": sorted(found, key=lambda m: -m["id"])[: min(given.get("count", 20), 200)],
        }

    def do_users_get(self, given: dict[str, Any], request: Request) -> Any:
        people = {"anna": ANNA, str(ANNA): ANNA, "boris": BORIS}
        return [_person(people[name]) for name in given.get("user_ids", "").split(",") if name in people]

    def do_groups_getById(self, given: dict[str, Any], request: Request) -> Any:
        named = given.get("group_ids") or given.get("group_id", "")
        if named != str(GROUP):
            raise Refused(100, "One of the parameters specified was missing or invalid: group_id")
        return {"groups": [_group(GROUP)], "profiles": []}

    def do_groups_getTokenPermissions(self, given: dict[str, Any], request: Request) -> Any:
        return {"mask": 1, "permissions": [{"name": name, "setting": 1} for name in self.permissions]}

    def do_account_getAppPermissions(self, given: dict[str, Any], request: Request) -> Any:
        return self.mask

    def do_groups_getLongPollServer(self, given: dict[str, Any], request: Request) -> Any:
        return {
            "key": self.line,
            "server": f"http://{request.headers['host']}/lp",
            "ts": str(self.lost + len(self.events)),
        }

    def long_poll(self, request: Request) -> Reply | None:
        """dev.vk.com/ru/api/bots-long-poll/getting-started."""
        given = request.fields
        if given["key"] != self.line:
            return js({"failed": 2})
        since = int(given["ts"]) - self.lost
        if since < 0:
            return js({"failed": 1, "ts": self.lost})
        news = self.events[since:]
        if not news and int(given["wait"]) > 1:
            return None
        return js({"ts": str(self.lost + len(self.events)), "updates": news})

    # Saying

    def do_wall_post(self, given: dict[str, Any], request: Request) -> Any:
        def post() -> Any:
            author = -GROUP if given.get("from_group") else EDITOR
            kept = _attached(given.get("attachments", ""))
            if "publish_date" in given:
                if given["publish_date"] <= self.now:
                    raise Refused(100, "One of the parameters specified was missing or invalid: publish_date")
                more = {"post_type": "postpone", "date": given["publish_date"]}
            else:
                more = {}
            made = self.wall_post(
                given["owner_id"], author, given.get("message", "").strip(), attachments=kept, **more
            )
            return {"post_id": made["id"]}

        _something(given)
        return self.repeated("post", given.get("guid", ""), post)

    def do_wall_createComment(self, given: dict[str, Any], request: Request) -> Any:
        def comment() -> Any:
            post = self.posts.get((given["owner_id"], given["post_id"]))
            above = given.get("reply_to_comment", 0)
            if post is None or (above and above not in self.comments):
                raise Refused(15, "Access denied: post or comment is deleted")
            author = -given["from_group"] if given.get("from_group") else EDITOR
            made = self.comment(post, author, given.get("message", ""), above)
            return {"comment_id": made["id"], "parents_stack": made["parents_stack"]}

        _something(given)
        return self.repeated("comment", given.get("guid", ""), comment)

    def do_board_createComment(self, given: dict[str, Any], request: Request) -> Any:
        number = self.number()
        self.comments[number] = {
            "id": number, "from_id": -GROUP, "date": self.now, "text": given["message"], "topic_id": given["topic_id"],
            "post_id": 0, "parents_stack": [],
        }  # fmt: skip
        return number

    def do_messages_send(self, given: dict[str, Any], request: Request) -> Any:
        if "random_id" not in given:
            raise Refused(100, "One of the parameters specified was missing or invalid: random_id")
        if len(given.get("message", "")) > 9000:
            raise Refused(914, "Message is too long")
        if not given.get("message") and not given.get("attachment"):
            raise Refused(100, "One of the parameters specified was missing or invalid: message is empty")
        peer = given["peer_id"]
        if not any(m["peer_id"] == peer and m["from_id"] == peer for m in self.messages.values()):
            raise Refused(901, "Can't send messages for users without permission")
        kept = _attached(given.get("attachment", ""))
        random_id = given["random_id"]

        def message() -> Any:
            return self.message(peer, -GROUP, given.get("message", ""), random_id, attachments=kept)["id"]

        return self.repeated(f"message to {peer}", str(random_id or ""), message)

    def repeated(self, what: str, key: str, make: Any) -> Any:
        if key and (known := self.once.get((what, key))) and self.now - known[0] < HOUR:
            return known[1]
        answer = make()
        self.once[what, key] = self.now, answer
        return answer

    # Changing

    def do_wall_edit(self, given: dict[str, Any], request: Request) -> Any:
        post = self.posts.get((given["owner_id"], given["post_id"]))
        if post is None:
            raise Refused(15, "Access denied: post not found")
        post |= {
            "text": given.get("message", ""),
            "attachments": _attached(given.get("attachments", "")),
            "edited": self.now,
        }
        return {"post_id": post["id"]}

    def do_wall_delete(self, given: dict[str, Any], request: Request) -> Any:
        if self.posts.pop((given["owner_id"], given["post_id"]), None) is None:
            raise Refused(15, "Access denied: post not found")
        return 1

    def do_wall_editComment(self, given: dict[str, Any], request: Request) -> Any:
        self.mine(given["comment_id"])["text"] = given.get("message", "")
        return 1

    def do_wall_deleteComment(self, given: dict[str, Any], request: Request) -> Any:
        self.mine(given["comment_id"])["deleted"] = True
        return 1

    def do_wall_restoreComment(self, given: dict[str, Any], request: Request) -> Any:
        comment = self.comments.get(given["comment_id"])
        if comment is None or not comment.get("deleted"):
            raise Refused(243, "Comment has not been deleted")
        del comment["deleted"]
        return 1

    def mine(self, number: int) -> dict[str, Any]:
        comment = self.comments.get(number)
        if comment is None or comment.get("deleted"):
            raise Refused(211, "Access to wall's comment denied")
        return comment

    def do_wall_reportPost(self, given: dict[str, Any], request: Request) -> Any:
        if given["reason"] not in (0, 1, 2, 3, 4, 5, 6, 8, 11):
            raise Refused(100, "One of the parameters specified was missing or invalid: reason")
        return 1

    do_wall_reportComment = do_wall_reportPost

    def do_messages_edit(self, given: dict[str, Any], request: Request) -> Any:
        message = self.messages.get(given["message_id"])
        if message is None or message["from_id"] != -GROUP:
            raise Refused(920, "Can't edit this kind of message")
        message["text"] = given["message"]
        return 1

    def do_messages_delete(self, given: dict[str, Any], request: Request) -> Any:
        numbers = [int(one) for one in given["message_ids"].split(",")]
        return [
            {"peer_id": 1, "message_id": n, "response": int(self.messages.pop(n, None) is not None)}
            for n in numbers
        ]

    # Pictures

    def do_photos_getWallUploadServer(self, given: dict[str, Any], request: Request) -> Any:
        return {"upload_url": f"http://{request.headers['host']}/upload", "album_id": -14, "user_id": EDITOR}

    do_photos_getMessagesUploadServer = do_photos_getWallUploadServer

    def upload(self, request: Request) -> Reply:
        name, kind, content = request.files["photo"]
        if not kind.startswith("image/") or not content:
            return js({"server": 1, "photo": "[]", "hash": "h"})
        self.files.append(content)
        return js({"server": 1, "photo": json.dumps([{"photo": name}]), "hash": "h"})

    def do_photos_saveWallPhoto(self, given: dict[str, Any], request: Request) -> Any:
        if given.get("hash") != "h" or given.get("server") != 1:
            raise Refused(121, "Invalid hash")
        number = self.number()
        return [
            {
                "id": number,
                "owner_id": -GROUP,
                "album_id": -14,
                "date": self.now,
                "has_tags": False,
                "access_key": "ak",
            }
        ]

    do_photos_saveMessagesPhoto = do_photos_saveWallPhoto

    def who(self, page: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
        if not given.get("extended"):
            return {}
        numbers = {one["from_id"] for one in page}
        return {
            "profiles": [_person(n) for n in numbers if n > 0],
            "groups": [_group(-n) for n in numbers if n < 0],
        }


def _person(number: int) -> dict[str, Any]:
    names = {ANNA: ("Анна", "Кузнецова", "anna"), BORIS: ("Борис", "Орлов", "boris")}
    first, last, screen = names.get(number, ("Некто", str(number), f"id{number}"))
    return {
        "id": number,
        "first_name": first,
        "last_name": last,
        "screen_name": screen,
        "followers_count": 40,
    }


def _group(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": "Чайник",
        "screen_name": "teapot",
        "type": "page",
        "is_closed": 0,
        "members_count": 9000,
    }


def _attached(written: str) -> list[dict[str, Any]]:
    found = []
    for one in filter(None, written.split(",")):
        if one.startswith("http"):
            found.append({"type": "link", "link": {"url": one}})
            continue
        kind = one.rstrip("0123456789_-abcdefghijk") or "photo"
        kind = "photo" if one.startswith("photo") else kind
        owner, number, *key = one.removeprefix(kind).split("_")
        thing = {"id": int(number), "owner_id": int(owner), "album_id": -7, "date": NOW, "has_tags": False}
        found.append({"type": kind, kind: thing | ({"access_key": key[0]} if key else {})})
    return found


def _something(given: dict[str, Any]) -> None:
    if not given.get("message", "").strip() and not given.get("attachments"):
        raise Refused(100, "One of the parameters specified was missing or invalid: message is empty")


def _checked(method: str, request: Request) -> dict[str, Any]:
    given = dict(request.fields)
    if method not in METHODS:
        raise Refused(3, "Unknown method passed")
    keys, required, types = METHODS[method]
    if given.pop("v", None) != "5.199":
        raise Refused(8, "Invalid request: v is required")
    key = given.pop("access_token", "")
    if key not in {USER_KEY, GROUP_KEY, SERVICE_KEY}:
        raise Refused(5, "User authorization failed: invalid access_token (4).")
    if key not in keys:
        raise Refused(
            27 if key == GROUP_KEY else 28,
            "Group authorization failed: method is unavailable with group auth.",
        )
    for name, value in given.items():
        if name not in types:
            raise Refused(100, f"the schema knows no {name} of {method}")
        if types[name] in ("int", "bool"):
            if not value.lstrip("-").isdigit() or (types[name] == "bool" and value not in "01"):
                raise Refused(
                    100, f"One of the parameters specified was missing or invalid: {name} not integer"
                )
            given[name] = int(value)
    for name in required - given.keys():
        raise Refused(100, f"One of the parameters specified was missing or invalid: {name} is undefined")
    return given
