"""An emulation of Meta's Graph API for a page and its Instagram account, built from developers.facebook.com. Not a test.

Edge by edge: the right it needs, parameters and fields the documentation knows, the proof of the app's secret, refusals
with their codes, pages of lists. No library of others could be pointed at it, so nothing checks it from outside.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stormdesk.networks.facebook.graph import VERSION
from stormdesk.networks.tests.served import Reply, Request, js

CLIENT, SECRET, CODE, BACK = "777", "s3cret", "c0de", "https://desk.example/back"
PAGE, OTHER_PAGE, GRAM = "1000", "1001", "17841400000000000"
PAGE_KEY, PERSON_KEY = "EAApage", "EAAperson"
APP_KEY = f"{CLIENT}|{SECRET}"
ANNA, BORIS = "2000", "2001"
NAMES = {PAGE: "Kettles", ANNA: "Анна", BORIS: "Boris", GRAM: "kettles"}
NOW = int(time.time()) - 60
DAY = 86_400

_POST = "id message story created_time updated_time from permalink_url full_picture parent_id comments is_published"
_COMMENT = "id message created_time from parent permalink_url is_hidden comment_count attachment"
_GRAM_MEDIA = "id caption media_type media_url permalink timestamp username comments children like_count"
_GRAM_COMMENT = "id text timestamp username from hidden parent_id replies media like_count user"
EDGES: list[tuple[str, str, str, set[str], str]] = [
    ("GET", r"me/accounts", "pages_show_list", {"limit"}, "id name access_token tasks instagram_business_account"),
    ("GET", r"me/permissions", "", {"limit"}, ""),
    ("GET", rf"{CLIENT}/subscriptions", "", set(), ""),
    ("POST", rf"{CLIENT}/subscriptions", "", {"object", "callback_url", "fields", "verify_token"}, ""),
    ("DELETE", rf"{CLIENT}/subscriptions", "", {"object", "fields"}, ""),
    ("GET", rf"{PAGE}/subscribed_apps", "pages_manage_metadata", set(), ""),
    ("POST", rf"{PAGE}/subscribed_apps", "pages_manage_metadata", {"subscribed_fields"}, ""),
    ("GET", rf"{PAGE}", "pages_read_engagement", set(), "id name"),
    ("GET", rf"{PAGE}/(?P<edge>feed|tagged|published_posts)", "pages_read_user_content", {"limit", "after"}, _POST),
    ("GET", rf"{PAGE}/scheduled_posts", "pages_manage_posts", {"limit", "after"}, "id message scheduled_publish_time attachments created_time"),
    ("GET", rf"{PAGE}/conversations", "pages_messaging", {"platform", "limit", "after", "user_id"}, "id participants updated_time messages"),
    ("GET", r"(?P<number>\d+_\d+)/comments", "pages_read_engagement", {"filter", "order", "limit", "after"}, _COMMENT),
    ("GET", r"(?P<number>\d+_\d+)", "pages_read_engagement", set(), f"{_POST} {_COMMENT}"),
    ("POST", rf"{PAGE}/feed", "pages_manage_posts", {"message", "link", "published", "scheduled_publish_time", "attached_media"}, ""),
    ("POST", rf"{PAGE}/photos", "pages_manage_posts", {"published", "alt_text_custom", "source", "url", "caption"}, ""),
    ("POST", rf"{PAGE}/messages", "pages_messaging", {"recipient", "message", "messaging_type", "tag"}, ""),
    ("POST", r"(?P<number>\d+_\d+)/comments", "pages_manage_engagement", {"message", "attachment_id"}, ""),
    ("POST", r"(?P<number>\d+_\d+)", "pages_manage_engagement", {"message", "is_hidden"}, ""),
    ("DELETE", r"(?P<number>\d+_\d+)", "pages_manage_engagement", set(), ""),
    ("GET", r"(?P<number>9\d+)", "pages_read_engagement", set(), "images"),
    ("GET", rf"{GRAM}", "instagram_basic", set(), "id username"),
    ("GET", rf"{GRAM}/(?P<edge>media|tags)", "instagram_basic", {"limit", "after", "since", "until"}, _GRAM_MEDIA),
    ("GET", r"ig_hashtag_search", "instagram_basic", {"user_id", "q"}, ""),
    ("GET", r"(?P<tag>5\d+)/recent_media", "instagram_basic", {"user_id", "limit", "after"}, "id caption media_type media_url permalink timestamp comments_count like_count children"),
    ("GET", r"(?P<number>178\d+)/comments", "instagram_manage_comments", {"limit", "after"}, _GRAM_COMMENT),
    ("GET", r"(?P<number>178\d+)/replies", "instagram_manage_comments", {"limit", "after"}, _GRAM_COMMENT),
    ("GET", r"(?P<number>17\d+)", "instagram_basic", set(), f"{_GRAM_MEDIA} {_GRAM_COMMENT} status_code"),
    ("POST", rf"{GRAM}/media", "instagram_content_publish", {"image_url", "caption", "alt_text", "is_carousel_item", "media_type", "children"}, ""),
    ("POST", rf"{GRAM}/media_publish", "instagram_content_publish", {"creation_id"}, ""),
    ("POST", r"(?P<number>178\d+)/comments", "instagram_manage_comments", {"message"}, ""),
    ("POST", r"(?P<number>178\d+)/replies", "instagram_manage_comments", {"message"}, ""),
    ("POST", r"(?P<number>178\d+)", "instagram_manage_comments", {"hide"}, ""),
    ("DELETE", r"(?P<number>178\d+)", "instagram_manage_comments", set(), ""),
]  # fmt: skip
EVERY = sorted({scope for _, _, scope, _, _ in EDGES if scope} | {"instagram_manage_messages"})


class Refused(Exception):
    def __init__(self, code: int, message: str, sub: int = 0, status: int = 400, **more: Any) -> None:
        error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "x"} | more
        self.reply = js({"error": error | ({"error_subcode": sub} if sub else {})}, status)


@dataclass
class GraphSite:
    """The state behind the server."""

    now: int = NOW
    rights: list[str] = field(default_factory=lambda: list(EVERY))
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    photos: dict[str, dict[str, Any]] = field(default_factory=dict)
    talks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gram: dict[str, dict[str, Any]] = field(default_factory=dict)
    boxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Instagram's containers."""
    pages: int = 1
    numbers: int = 100
    usage: int = 3
    refuse: tuple[Any, ...] | None = None
    replied: set[str] = field(default_factory=set)
    doors: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Object → the application's subscription."""
    joined: str = ""
    """What the page lets the application hear."""
    answers: Callable[[dict[str, str]], str] = lambda query: ""
    """Who answers Meta's question at the door."""
    waits: int = 0
    """How often a container is still being worked on."""

    def handle(self, request: Request) -> Reply:
        try:
            path = request.path.removeprefix(f"/{VERSION}/")
            if path == "oauth/access_token":
                return self.token(request.fields)
            who = self.entered(request)
            if self.refuse:
                raise Refused(*self.refuse)
            reply = self.edge(request, path, who)
        except Refused as refused:
            reply = refused.reply
        usage = json.dumps({"call_count": self.usage, "total_time": 1, "total_cputime": 1})
        return Reply(reply.status, reply.body, headers={"x-app-usage": usage, **reply.headers})

    def token(self, form: dict[str, Any]) -> Reply:
        good = form.get("client_id") == CLIENT and form.get("client_secret") == SECRET
        if (
            form.get("grant_type") == "fb_exchange_token"
            and good
            and form.get("fb_exchange_token") == "EAAshort"
        ):
            return js({"access_token": PERSON_KEY, "token_type": "bearer", "expires_in": 5_183_944})
        if not good or form.get("code") != CODE or form.get("redirect_uri") != BACK:
            return Refused(100, "This authorization code has been used.", 36_009).reply
        return js({"access_token": "EAAshort", "token_type": "bearer", "expires_in": 5_000})

    def entered(self, request: Request) -> str:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in (PAGE_KEY, PERSON_KEY, APP_KEY):
            raise Refused(190, "Error validating access token: Session has expired", 463, 401)
        proof = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if request.fields.pop("appsecret_proof", None) != proof:
            raise Refused(100, "Invalid appsecret_proof provided in the API argument")
        return token

    def edge(self, request: Request, path: str, who: str) -> Reply:
        for method, pattern, scope, known, fields in EDGES:
            found = re.fullmatch(pattern, path)
            if found is None or method != request.method:
                continue
            if pattern.startswith(f"{CLIENT}/") != (who == APP_KEY):
                raise Refused(15, "(#15) This method must be called with an app access_token.")
            if pattern.startswith("me/") != (who == PERSON_KEY):
                raise Refused(190, "This method must be called with a Page Access Token")
            if path.endswith("/conversations") and request.fields.get("platform") == "instagram":
                scope = "instagram_manage_messages"
            if scope and scope not in self.rights:
                raise Refused(200, f"(#200) Requires {scope} permission to manage the object")
            if strange := set(request.fields) - known - {"fields"}:
                raise Refused(100, f"(#100) Unknown parameter {strange}")
            if not path.endswith("/subscriptions"):
                self.fields(request.fields.get("fields", ""), set(fields.split()))
            name = re.sub(r"\W+", "_", re.sub(r"\(\?P<(\w+)>[^)]*\)", r"\1", pattern)).strip("_")
            name = name.replace(PAGE, "page").replace(GRAM, "gram").replace(CLIENT, "app")
            if "number" in found.groupdict():
                kind = (
                    "photo" if path.startswith("9") else "" if "_" in path.partition("/")[0] else "gram_node"
                )
                name = "_".join(filter(None, (kind or "number", path.partition("/")[2])))
            return js(getattr(self, f"{method.lower()}_{name}")(request, **found.groupdict()))
        raise Refused(2500, f"Unknown path components: /{path}", status=404)

    def fields(self, text: str, known: set[str]) -> None:
        """Names at the top of a list of fields; what stands in braces and round brackets belongs to the name before."""
        flat = text
        while flat != (flat := re.sub(r"\{[^{}]*\}|\([^()]*\)", "", flat)):
            pass
        names = {one.partition(".")[0] for one in flat.split(",") if one}
        if strange := names - known:
            raise Refused(100, f"(#100) Tried accessing nonexisting field ({', '.join(strange)})")

    def page(self, found: list[Any], fields: dict[str, Any]) -> dict[str, Any]:
        start, size = int(fields.get("after") or 0), int(fields.get("limit") or 25)
        if size > 100:
            raise Refused(1, "Please reduce the amount of data you're asking for", status=500)
        more = {"next": "https://graph.facebook.com/x"} if start + size < len(found) else {}
        cursors = {"before": str(start), "after": str(start + size)}
        return {"data": found[start : start + size], "paging": {"cursors": cursors, **more}}

    # The person

    def get_me_accounts(self, request: Request) -> Any:
        one = {
            "id": PAGE,
            "name": "Kettles",
            "access_token": PAGE_KEY,
            "tasks": ["MANAGE"],
            "instagram_business_account": {"id": GRAM, "username": "kettles"},
        }
        other = {"id": OTHER_PAGE, "name": "Pans", "access_token": "EAAother", "tasks": ["MANAGE"]}
        return self.page([one, other][: self.pages], request.fields)

    def get_me_permissions(self, request: Request) -> Any:
        return self.page(
            [{"permission": r, "status": "granted"} for r in self.rights]
            + [{"permission": "email", "status": "declined"}],
            {"limit": 100},
        )

    # The application's doors

    def get_app_subscriptions(self, request: Request) -> Any:
        return {"data": list(self.doors.values())}

    def post_app_subscriptions(self, request: Request) -> Any:
        form = request.fields
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": "1158201444",
            "hub.verify_token": form["verify_token"],
        }
        known = {"page": {"feed", "messages", "mention"}, "instagram": {"comments", "messages", "mentions"}}
        if set(form["fields"].split(",")) - known[form["object"]]:
            raise Refused(100, "(#100) Invalid field")
        if self.answers(query) != "1158201444":
            raise Refused(2200, "(#2200) Callback verification failed with the following errors: HTTP 401")
        self.doors[form["object"]] = {
            "object": form["object"],
            "callback_url": form["callback_url"],
            "active": True,
            "fields": [{"name": name, "version": VERSION} for name in form["fields"].split(",")],
        }
        return {"success": True}

    def delete_app_subscriptions(self, request: Request) -> Any:
        del self.doors[request.fields["object"]]
        return {"success": True}

    def get_page_subscribed_apps(self, request: Request) -> Any:
        one = {"id": CLIENT, "name": "Desk", "subscribed_fields": self.joined.split(",")}
        return {"data": [one] if self.joined else []}

    def post_page_subscribed_apps(self, request: Request) -> Any:
        if not request.fields.get("subscribed_fields"):
            raise Refused(100, "(#100) The parameter subscribed_fields is required.")
        self.joined = request.fields["subscribed_fields"]
        return {"success": True}

    # The page

    def get_page(self, request: Request) -> Any:
        return {"id": PAGE, "name": "Kettles"}

    def get_page_edge(self, request: Request, edge: str) -> Any:
        kept = {"feed": lambda t: t["where"] == "page", "tagged": lambda t: t["where"] == "elsewhere"}
        kept["published_posts"] = lambda t: t["where"] == "page" and t["from"]["id"] == PAGE
        found = [t for t in self.things.values() if "parent_post" not in t and kept[edge](t)]
        found.sort(key=lambda t: t["created_time"], reverse=True)
        shown = []
        for thing in found:
            one = _public(thing)
            limit = re.search(r"comments\.limit\((\d+)\)", request.fields.get("fields", ""))
            if limit:
                below = self.below(thing["id"])[::-1]
                one["comments"] = self.page([_public(c) for c in below], {"limit": limit[1]})
            shown.append(one)
        return self.page(shown, request.fields)

    def get_page_scheduled_posts(self, request: Request) -> Any:
        return self.page(list(self.waiting.values()), request.fields)

    def get_page_conversations(self, request: Request) -> Any:
        ours = PAGE if request.fields["platform"] == "messenger" else GRAM
        found = []
        for person, messages in sorted(
            self.talks.items(), key=lambda t: t[1][-1]["created_time"], reverse=True
        ):
            if request.fields.get("user_id", person) == person and messages[0]["ours"] == ours:
                people = {"data": [{"id": person, "name": NAMES[person]}, {"id": ours, "name": "Kettles"}]}
                told = [{k: v for k, v in m.items() if k != "ours"} for m in messages[::-1][:25]]
                found.append(
                    {
                        "id": f"t_{person}",
                        "participants": people,
                        "updated_time": messages[-1]["created_time"],
                        "messages": {"data": told},
                    }
                )
        return self.page(found, request.fields)

    def get_number_comments(self, request: Request, number: str) -> Any:
        if number not in self.things:
            raise Refused(100, "Unsupported get request. Object does not exist", 33)
        return self.page([_public(c) for c in self.below(number)[::-1]], request.fields)

    def get_number(self, request: Request, number: str) -> Any:
        thing = self.things.get(number)
        if thing is None:
            raise Refused(100, "Unsupported get request. Object does not exist", 33)
        self.fields(
            request.fields.get("fields", ""), set((_COMMENT if "parent_post" in thing else _POST).split())
        )
        return _public(thing)

    def get_photo(self, request: Request, number: str) -> Any:
        if number not in self.photos:
            raise Refused(100, "Object does not exist", 33)
        return {
            "id": number,
            "images": [{"source": f"https://scontent.example/{number}.jpg", "width": 1080, "height": 1080}],
        }

    def post_page_feed(self, request: Request) -> Any:
        form = request.fields
        numbers = [one["media_fbid"] for one in json.loads(form.get("attached_media", "[]"))]
        if not form.get("message") and not numbers and not form.get("link"):
            raise Refused(100, "(#100) Param message must be non-empty")
        if set(numbers) - set(self.photos):
            raise Refused(100, "(#100) Invalid media_fbid")
        if form.get("published") == "false":
            due = int(form["scheduled_publish_time"])
            if not time.time() + 600 <= due <= time.time() + 30 * DAY:
                raise Refused(100, "(#100) The specified scheduled publish time is invalid.")
            return {"id": self.wait(form.get("message", ""), due, numbers)["id"]}
        if any(
            t["message"] == form.get("message")
            and t["created_time"] > _iso(self.now - 30)
            and "parent_post" not in t
            and t["from"]["id"] == PAGE
            for t in self.things.values()
        ):
            raise Refused(506, "(#506) Duplicate status message")
        return {"id": self.post(PAGE, form.get("message", ""))["id"]}

    def post_page_photos(self, request: Request) -> Any:
        if "source" not in request.files or request.fields.get("published") != "false":
            raise Refused(324, "(#324) Missing or invalid image file")
        self.numbers += 1
        self.photos[f"9{self.numbers}"] = {
            "content": request.files["source"][2],
            "alt": request.fields.get("alt_text_custom", ""),
        }
        return {"id": f"9{self.numbers}"}

    def post_page_messages(self, request: Request) -> Any:
        recipient, message = json.loads(request.fields["recipient"]), json.loads(request.fields["message"])
        if len(message["text"]) > 2000:
            raise Refused(100, "(#100) Length of param message[text] must be less than or equal to 2000")
        if comment := recipient.get("comment_id"):
            thing = self.things.get(comment) or self.gram.get(comment)
            if thing is None or comment in self.replied:
                raise Refused(10900, "(#10900) Activity already replied to")
            self.replied.add(comment)
            person = thing["from"]["id"]
            ours = GRAM if comment in self.gram else PAGE
        else:
            person = recipient["id"]
            last = [m for m in self.talks.get(person, []) if m["from"]["id"] == person]
            if not last or datetime.fromisoformat(last[-1]["created_time"]).timestamp() < time.time() - DAY:
                raise Refused(10, "(#10) This message is sent outside of allowed window.", 2_018_278)
            ours = last[-1]["ours"]
        return {"recipient_id": person, "message_id": self.tell(ours, person, message["text"], ours)["id"]}

    def post_number_comments(self, request: Request, number: str) -> Any:
        if number not in self.things:
            raise Refused(100, "Unsupported post request. Object does not exist", 33)
        if not request.fields.get("message") and not request.fields.get("attachment_id"):
            raise Refused(100, "(#100) Param message must be non-empty")
        return {"id": self.comment(PAGE, number, request.fields.get("message", ""))["id"]}

    def post_number(self, request: Request, number: str) -> Any:
        thing = self.things.get(number)
        if thing is None:
            raise Refused(100, "Object does not exist", 33)
        if "message" in request.fields:
            if thing["from"]["id"] != PAGE:
                raise Refused(200, "(#200) Permissions error: pages_manage_posts")
            thing["message"] = request.fields["message"]
        if "is_hidden" in request.fields:
            thing["is_hidden"] = request.fields["is_hidden"] == "true"
        return {"success": True}

    def delete_number(self, request: Request, number: str) -> Any:
        if self.things.pop(number, None) is None and self.waiting.pop(number, None) is None:
            raise Refused(100, "Unsupported delete request. Object does not exist", 33)
        return {"success": True}

    # Instagram

    def get_gram(self, request: Request) -> Any:
        return {"id": GRAM, "username": "kettles"}

    def get_gram_edge(self, request: Request, edge: str) -> Any:
        ours = edge == "media"
        found = [m for m in self.gram.values() if "caption" in m and (m["username"] == "kettles") == ours]
        found = sorted(found, key=lambda m: m["timestamp"], reverse=True)
        shown = []
        for one in found:
            public = {k: v for k, v in one.items() if k != "from"}
            if limit := re.search(r"comments\.limit\((\d+)\)", request.fields.get("fields", "")):
                public["comments"] = self.page(self.gram_below(one["id"])[::-1], {"limit": limit[1]})
            shown.append(public)
        return self.page(shown, request.fields)

    def get_ig_hashtag_search(self, request: Request) -> Any:
        return {"data": [{"id": "5" + str(abs(hash(request.fields["q"])) % 10**9)}]}

    def get_tag_recent_media(self, request: Request, tag: str) -> Any:
        found = [m for m in self.gram.values() if "caption" in m and "#чайник" in m["caption"]]
        found = [{k: v for k, v in m.items() if k not in ("username", "from")} for m in found]
        return self.page(sorted(found, key=lambda m: m["timestamp"], reverse=True), request.fields)

    def get_gram_node(self, request: Request, number: str) -> Any:
        if number in self.boxes:
            box = self.boxes[number]
            box["waits"] -= 1
            return {
                "id": number,
                "status_code": "PUBLISHED"
                if box["used"]
                else "IN_PROGRESS"
                if box["waits"] >= 0
                else "FINISHED",
            }
        if number not in self.gram:
            raise Refused(100, "Object does not exist", 33)
        return self.gram[number]

    def get_gram_node_comments(self, request: Request, number: str) -> Any:
        return self.page(self.gram_below(number)[::-1], request.fields)

    def get_gram_node_replies(self, request: Request, number: str) -> Any:
        found = [c for c in self.gram.values() if c.get("parent_id") == number]
        return self.page([{k: v for k, v in c.items() if k != "parent_id"} for c in found], request.fields)

    def post_gram_media(self, request: Request) -> Any:
        form = request.fields
        if len(form.get("caption", "")) > 2200:
            raise Refused(100, "(#100) The caption was too long", 2_207_010)
        children = [c for c in form.get("children", "").split(",") if c]
        if form.get("media_type") == "CAROUSEL":
            if not 2 <= len(children) <= 10 or any(not self.boxes.get(c, {}).get("child") for c in children):
                raise Refused(100, "(#100) Invalid children")
        elif not form.get("image_url", "").startswith("https://"):
            raise Refused(9004, "Only photo or video can be accepted as media type.", 2_207_052)
        self.numbers += 1
        number = f"179{self.numbers:014d}"
        self.boxes[number] = {
            **form,
            "used": False,
            "waits": self.waits,
            "child": form.get("is_carousel_item") == "true",
        }
        return {"id": number}

    def post_gram_media_publish(self, request: Request) -> Any:
        box = self.boxes.get(request.fields["creation_id"])
        if box is None or box["used"] or box["child"]:
            raise Refused(24, "The requested resource does not exist", 2_207_006)
        if box["waits"] >= 0 and self.waits:
            raise Refused(9007, "Media ID is not available", 2_207_027)
        box["used"] = True
        return {"id": self.picture("kettles", box.get("caption", ""))["id"]}

    def post_gram_node_comments(self, request: Request, number: str) -> Any:
        return {"id": self.remark("kettles", number, request.fields["message"])["id"]}

    def post_gram_node_replies(self, request: Request, number: str) -> Any:
        if number not in self.gram or "parent_id" in self.gram[number]:
            raise Refused(100, "Object does not exist", 33)
        return {
            "id": self.remark("kettles", self.gram[number]["media"]["id"], request.fields["message"], number)[
                "id"
            ]
        }

    def post_gram_node(self, request: Request, number: str) -> Any:
        self.gram[number]["hidden"] = request.fields["hide"] == "true"
        return {"success": True}

    def delete_gram_node(self, request: Request, number: str) -> Any:
        if self.gram.pop(number, None) is None:
            raise Refused(100, "Object does not exist", 33)
        return {"success": True}

    def gram_below(self, media: str) -> list[dict[str, Any]]:
        found = [
            c for c in self.gram.values() if c.get("media", {}).get("id") == media and "parent_id" not in c
        ]
        shown = []
        for one in found:
            answers = [c for c in self.gram.values() if c.get("parent_id") == one["id"]]
            shown.append(one | ({"replies": {"data": answers}} if answers else {}))
        return shown

    # What is written

    def tick(self) -> str:
        self.numbers += 1
        self.now += 1
        return _iso(self.now)

    def post(self, who: str, text: str, where: str = "page") -> dict[str, Any]:
        at = self.tick()
        number = f"{PAGE if where == 'page' else who}_{self.numbers}"
        self.things[number] = {
            "id": number,
            "message": text,
            "created_time": at,
            "from": {"id": who, "name": NAMES[who]},
            "where": where,
            "permalink_url": f"https://www.facebook.com/{number}",
        }
        return self.things[number]

    def comment(self, who: str, under: str, text: str) -> dict[str, Any]:
        at = self.tick()
        above = self.things[under]
        post = above.get("parent_post", under)
        number = f"{post.partition('_')[2]}_{self.numbers}"
        made = {
            "id": number,
            "message": text,
            "created_time": at,
            "from": {"id": who, "name": NAMES[who]},
            "parent_post": post,
            "where": "",
            "is_hidden": False,
            "permalink_url": f"https://www.facebook.com/{number}",
        }
        if "parent_post" in above:
            made["parent"] = {"id": under}
        self.things[number] = made
        return made

    def below(self, number: str) -> list[dict[str, Any]]:
        return [
            t
            for t in self.things.values()
            if t.get("parent_post") == number or t.get("parent", {}).get("id") == number
        ]

    def wait(self, text: str, due: int, photos: list[str] | None = None) -> dict[str, Any]:
        self.numbers += 1
        number = f"{PAGE}_{self.numbers}"
        self.waiting[number] = {"id": number, "message": text, "scheduled_publish_time": due}
        if photos:
            inner = [{"target": {"id": p}} for p in photos]
            one = {"media_type": "album", "target": {"id": "x"}, "subattachments": {"data": inner}}
            self.waiting[number]["attachments"] = {
                "data": [one if len(photos) > 1 else {"media_type": "photo", **inner[0]}]
            }
        return self.waiting[number]

    def tell(self, who: str, person: str, text: str, ours: str = PAGE) -> dict[str, Any]:
        at = self.tick()
        made = {
            "id": f"m_{self.numbers}",
            "message": text,
            "from": {"id": who, "name": NAMES[who]},
            "to": {"data": []},
            "created_time": at,
            "ours": ours,
        }
        self.talks.setdefault(person, []).append(made)
        return made

    def picture(self, who: str, caption: str) -> dict[str, Any]:
        at = self.tick()
        number = f"178{self.numbers:014d}"
        self.gram[number] = {
            "id": number,
            "caption": caption,
            "media_type": "IMAGE",
            "media_url": "https://scontent.example/x.jpg",
            "permalink": f"https://www.instagram.com/p/{number}/",
            "timestamp": at,
            "username": who,
        }
        return self.gram[number]

    def remark(self, who: str, media: str, text: str, parent: str = "") -> dict[str, Any]:
        at = self.tick()
        number = f"178{self.numbers:014d}"
        numbers = {"kettles": GRAM, "anna": ANNA, "boris": BORIS}
        made = {
            "id": number,
            "text": text,
            "timestamp": at,
            "username": who,
            "from": {"id": numbers[who], "username": who},
            "hidden": False,
            "media": {"id": media},
        }
        self.gram[number] = made | ({"parent_id": parent} if parent else {})
        return self.gram[number]


def _public(thing: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in thing.items() if k not in ("where", "parent_post")}


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
