"""An emulation of the X API v2, built from docs.x.com. Not a test.

Way by way: method, rights, parameters with their choices and ranges, limits and refusals in the documented shape. It
refuses parameters and fields the documentation does not know. There is no library of others that could be pointed at it
(tweepy has its address built in), so nothing checks it from outside.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from stormdesk.networks.tests.served import Reply, Request, js

CLIENT, SECRET, CODE, BACK = "cLiEnT", "s3cret", "c0de", "https://desk.example/back"
US, ANNA, BORIS, HERMIT = "100", "200", "300", "400"
NAMES = {US: "kettle_desk", ANNA: "anna", BORIS: "boris", HERMIT: "hermit"}
EVERY = "tweet.read tweet.write tweet.moderate.write users.read dm.read dm.write media.write offline.access"
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
FIELDS = {
    "tweet.fields": "article attachments author_id card_uri community_id context_annotations conversation_id created_at "
    "edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang note_tweet possibly_sensitive "
    "public_metrics referenced_tweets reply_settings scopes source text withheld",
    "expansions": "author_id attachments.media_keys entities.mentions.username in_reply_to_user_id referenced_tweets.id "
    "edit_history_tweet_ids sender_id participant_ids",
    "user.fields": "created_at description id location name profile_image_url protected public_metrics receives_your_dm "
    "url username verified",
    "media.fields": "alt_text duration_ms height media_key preview_image_url public_metrics type url variants width",
    "dm_event.fields": "attachments created_at dm_conversation_id entities event_type id participant_ids referenced_tweets sender_id text",
}
_POSTS = {"tweet.fields", "expansions", "user.fields", "media.fields", "poll.fields", "place.fields"}
_DMS = {
    "max_results",
    "pagination_token",
    "event_types",
    "dm_event.fields",
    "expansions",
    "user.fields",
    "media.fields",
    "tweet.fields",
}
_PAGES = {"max_results", "since_id", "until_id", "start_time", "end_time", "pagination_token"}
WAYS: list[tuple[str, str, str, set[str], set[str], tuple[int, int]]] = [
    ("GET", r"/2/users/me", "users.read", set(), {"user.fields", "expansions", "tweet.fields"}, (0, 0)),
    ("GET", r"/2/users/by/username/(?P<name>\w{1,15})", "users.read", set(), {"user.fields", "expansions", "tweet.fields"}, (0, 0)),
    ("GET", r"/2/tweets", "tweet.read", {"ids"}, _POSTS, (0, 0)),
    ("GET", r"/2/tweets/search/recent", "tweet.read", {"query"}, _POSTS | _PAGES | {"next_token", "sort_order"}, (10, 100)),
    ("GET", r"/2/users/(?P<who>\d+)/mentions", "tweet.read", set(), _POSTS | _PAGES, (5, 100)),
    ("GET", r"/2/users/(?P<who>\d+)/tweets", "tweet.read", set(), _POSTS | _PAGES | {"exclude"}, (5, 100)),
    ("GET", r"/2/dm_events", "dm.read", set(), _DMS, (1, 100)),
    ("GET", r"/2/dm_conversations/with/(?P<whom>\d+)/dm_events", "dm.read", set(), _DMS, (1, 100)),
    ("GET", r"/2/dm_conversations/(?P<talk>[\d-]+)/dm_events", "dm.read", set(), _DMS, (1, 100)),
    ("GET", r"/2/media/upload", "media.write", {"media_id", "command"}, set(), (0, 0)),
    ("POST", r"/2/tweets", "tweet.write", set(), {"text", "reply", "media", "quote_tweet_id", "poll", "geo", "reply_settings"}, (0, 0)),
    ("DELETE", r"/2/tweets/(?P<number>\d+)", "tweet.write", set(), set(), (0, 0)),
    ("PUT", r"/2/tweets/(?P<number>\d+)/hidden", "tweet.moderate.write", {"hidden"}, set(), (0, 0)),
    ("POST", r"/2/dm_conversations/with/(?P<whom>\d+)/messages", "dm.write", set(), {"text", "attachments"}, (0, 0)),
    ("POST", r"/2/dm_conversations/(?P<talk>[\d-]+)/messages", "dm.write", set(), {"text", "attachments"}, (0, 0)),
    ("DELETE", r"/2/dm_events/(?P<number>\d+)", "dm.write", set(), set(), (0, 0)),
    ("POST", r"/2/media/upload/initialize", "media.write", {"media_type", "total_bytes", "media_category"}, {"additional_owners", "shared"}, (0, 0)),
    ("POST", r"/2/media/upload/(?P<number>\d+)/append", "media.write", {"segment_index"}, set(), (0, 0)),
    ("POST", r"/2/media/upload/(?P<number>\d+)/finalize", "media.write", set(), set(), (0, 0)),
    ("POST", r"/2/media/metadata", "media.write", {"id", "metadata"}, set(), (0, 0)),
]  # fmt: skip


class Refused(Exception):
    def __init__(self, code: int, title: str, detail: str, kind: str = "about:blank", **headers: str) -> None:
        kind = kind if ":" in kind else f"https://api.x.com/2/problems/{kind}"
        body = js({"title": title, "detail": detail, "type": kind, "status": code}, code)
        self.reply = Reply(code, body.body, headers={k.replace("_", "-"): v for k, v in headers.items()})


@dataclass
class XSite:
    """The state behind the server."""

    now: datetime = NOW
    scopes: str = EVERY
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    numbers: int = 10**17
    tokens: set[str] = field(default_factory=set)
    refresh: str = "refresh-0"
    challenge: str = ""
    left: int = 300
    credit: bool = True
    contract: bool = False
    """May it answer people who did not call on it?"""
    oldest: int = 0
    """Search refuses a `since_id` below this."""
    read: int = 0
    waits: int = 1
    """How often a video is said to be worked on."""

    def handle(self, request: Request) -> Reply:
        try:
            if request.path == "/2/oauth2/token":
                return self.token(request)
            for method, pattern, scope, required, known, sizes in WAYS:
                found = re.fullmatch(pattern, request.path)
                if found and method == request.method:
                    self.checked(request, scope, required, known, sizes)
                    name = re.sub(r"\W+", "_", re.sub(r"\(\?P<(\w+)>[^)]*\)", r"\1", pattern)).strip("_2")
                    return js(
                        *getattr(self, f"{method.lower()}_{name}")(
                            request.fields, request.files, **found.groupdict()
                        )
                    )
            raise Refused(404, "Not Found", "Not Found")
        except Refused as refused:
            return refused.reply

    def checked(
        self, request: Request, scope: str, required: set[str], known: set[str], sizes: tuple[int, int]
    ) -> None:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refused(401, "Unauthorized", "Unauthorized")
        if not self.credit:
            raise Refused(
                402,
                "CreditsDepleted",
                "Your enrolled account does not have any credits to fulfill this request.",
                "credits",
            )
        self.left -= 1
        if self.left < 0:
            reset = str(int(datetime.now(UTC).timestamp()) + 240)
            raise Refused(
                429,
                "Too Many Requests",
                "Too Many Requests",
                x_rate_limit_remaining="0",
                x_rate_limit_reset=reset,
            )
        if scope not in self.scopes.split():
            raise Refused(403, "Forbidden", f"The scope {scope} is missing", "client-forbidden")
        fields = request.fields
        if (strange := set(fields) - required - known) or (missing := required - set(fields)):
            raise Refused(
                400,
                "Invalid Request",
                f"unknown {strange or ''} missing {strange or missing}",
                "invalid-request",
            )
        for name, every in FIELDS.items():
            if set(str(fields.get(name, "")).split(",")) - set(every.split()) - {""}:
                raise Refused(
                    400, "Invalid Request", f"The {name} query parameter is invalid", "invalid-request"
                )
        if "max_results" in fields and not sizes[0] <= int(fields["max_results"]) <= sizes[1]:
            raise Refused(
                400,
                "Invalid Request",
                "The `max_results` query parameter value is invalid",
                "invalid-request",
            )
        if len(str(fields.get("query", ""))) > 512 or fields.get("sort_order", "recency") not in (
            "recency",
            "relevancy",
        ):
            raise Refused(400, "Invalid Request", "query", "invalid-request")

    def token(self, request: Request) -> Reply:
        form = request.fields
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        good = request.headers.get("authorization") == f"Basic {basic}"
        if form.get("grant_type") == "authorization_code":
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            good = (
                good
                and form.get("code") == CODE
                and form.get("redirect_uri") == BACK
                and proof == self.challenge
            )
        else:
            good = (
                good
                and form.get("grant_type") == "refresh_token"
                and form.get("refresh_token") == self.refresh
            )
        if not good:
            return js(
                {"error": "invalid_request", "error_description": "Value passed for the token was invalid."},
                400,
            )
        self.numbers += 1
        self.refresh, access = f"refresh-{self.numbers}", f"access-{self.numbers}"
        self.tokens.add(access)
        return js(
            {
                "token_type": "bearer",
                "expires_in": 7200,
                "access_token": access,
                "scope": self.scopes,
                "refresh_token": self.refresh,
            }
        )

    # Asking

    def get_users_me(self, fields: Any, files: Any) -> Any:
        return ({"data": {"id": US, "name": "Kettles", "username": NAMES[US]}},)

    def get_users_by_username_name(self, fields: Any, files: Any, name: str) -> Any:
        for number, known in NAMES.items():
            if known == name:
                data = {"id": number, "name": name, "username": name}
                if "receives_your_dm" in fields.get("user.fields", ""):
                    data["receives_your_dm"] = number not in (HERMIT,)
                return ({"data": data},)
        error = {"value": name, "detail": f"Could not find user with username: [{name}].", "title": "Not Found Error",
                 "resource_type": "user", "type": "https://api.x.com/2/problems/resource-not-found"}  # fmt: skip
        return ({"errors": [error]},)

    def get_tweets(self, fields: Any, files: Any) -> Any:
        found = [self.posts[i] for i in fields["ids"].split(",") if i in self.posts]
        return (self.page(found, fields, 100),) if found else ({"errors": [{"title": "Not Found Error"}]},)

    def get_tweets_search_recent(self, fields: Any, files: Any) -> Any:
        if int(fields.get("since_id", self.oldest)) < self.oldest:
            raise Refused(
                400,
                "Invalid Request",
                "'since_id' must be a tweet id created after [7 days ago].",
                "invalid-request",
            )
        query = fields["query"]
        found = list(self.posts.values())
        if talk := re.fullmatch(r"conversation_id:(\d+)", query):
            found = [p for p in found if p["conversation_id"] == talk[1] and p["id"] != talk[1]]
        else:
            if "-is:retweet" in query:
                found = [
                    p
                    for p in found
                    if not any(r["type"] == "retweeted" for r in p.get("referenced_tweets", []))
                ]
            words = query.replace("-is:retweet", "").strip(" ()").casefold().split(" or ")
            found = [p for p in found if any(w in p["text"].casefold() for w in words)]
        return (self.bounded(found, fields, "next_token"),)

    def get_users_who_mentions(self, fields: Any, files: Any, who: str) -> Any:
        found = [
            p
            for p in self.posts.values()
            if any(m["id"] == who for m in p["entities"]["mentions"]) or p.get("in_reply_to_user_id") == who
        ]
        return (self.bounded(found, fields, "pagination_token"),)

    def get_users_who_tweets(self, fields: Any, files: Any, who: str) -> Any:
        start = fields.get("start_time", "")
        return (
            self.bounded(
                [
                    p
                    for p in self.posts.values()
                    if p["author_id"] == who and p["created_at"][:19] >= start[:19]
                ],
                fields,
                "pagination_token",
            ),
        )

    def bounded(self, found: list[Any], fields: Any, turn: str) -> Any:
        low, high = int(fields.get("since_id", 0)), int(fields.get("until_id", 2**63))
        found = sorted((p for p in found if low < int(p["id"]) < high), key=lambda p: -int(p["id"]))
        return self.page(found, fields, int(fields.get("max_results", 10)), turn)

    def page(self, found: list[Any], fields: Any, size: int, turn: str = "") -> Any:
        start = int(str(fields.get(turn, "t0"))[1:])
        shown = found[start : start + size]
        self.read += len(shown)
        meta = {"result_count": len(shown)} | (
            {"next_token": f"t{start + size}"} if len(found) > start + size else {}
        )
        wanted = set(fields.get("tweet.fields", "").split(",")) | {
            "id",
            "text",
            "edit_history_tweet_ids",
            "event_type",
        }
        wanted |= set(fields.get("dm_event.fields", "").split(","))
        data = [{k: v for k, v in p.items() if k in wanted} for p in shown]
        who = {p.get("author_id") or p.get("sender_id") for p in shown}
        users = [
            {
                "id": n,
                "username": NAMES[n],
                "name": NAMES[n].title(),
                "public_metrics": {"followers_count": 7, "following_count": 1},
            }
            for n in who
        ]
        includes = {"users": users} if fields.get("expansions") else {}
        return {"meta": meta} | ({"data": data, "includes": includes} if data else {})

    def get_dm_events(self, fields: Any, files: Any) -> Any:
        found = sorted(self.messages.values(), key=lambda m: -int(m["id"]))
        return (self.page(found, fields, int(fields.get("max_results", 100)), "pagination_token"),)

    def get_dm_conversations_with_whom_dm_events(self, fields: Any, files: Any, whom: str) -> Any:
        return self.get_dm_conversations_talk_dm_events(fields, files, _talk(whom))

    def get_dm_conversations_talk_dm_events(self, fields: Any, files: Any, talk: str) -> Any:
        found = [m for m in self.messages.values() if m["dm_conversation_id"] == talk]
        return (self.page(sorted(found, key=lambda m: -int(m["id"])), fields, 100, "pagination_token"),)

    # Saying

    def post_tweets(self, fields: Any, files: Any) -> Any:
        text = fields.get("text", "")
        above = (fields.get("reply") or {}).get("in_reply_to_tweet_id")
        numbers = (fields.get("media") or {}).get("media_ids", [])
        if not text and not numbers:
            raise Refused(400, "Invalid Request", "text or media", "invalid-request")
        for number in numbers:
            if not self.media.get(number, {}).get("done"):
                raise Refused(400, "Invalid Request", "Your media IDs are invalid.", "invalid-request")
        if above and above not in self.posts:
            raise Refused(
                403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you."
            )
        if above and not self.contract and self.posts[above]["author_id"] != US:
            called = any(m["id"] == US for m in self.posts[above]["entities"]["mentions"])
            if not called:
                raise Refused(
                    403,
                    "Forbidden",
                    "Reply to this conversation is not allowed because you have not been mentioned.",
                )
        if any(p["author_id"] == US and p["text"] == text for p in self.posts.values()):
            raise Refused(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        made = self.write(US, text, above)
        return {"data": {"id": made["id"], "text": made["text"], "edit_history_tweet_ids": [made["id"]]}}, 201

    def delete_tweets_number(self, fields: Any, files: Any, number: str) -> Any:
        if number not in self.posts:
            raise Refused(404, "Not Found Error", "Could not find tweet", "resource-not-found")
        if self.posts[number]["author_id"] != US:
            raise Refused(403, "Forbidden", "You are not authorized to delete this Tweet.")
        del self.posts[number]
        return ({"data": {"deleted": True}},)

    def put_tweets_number_hidden(self, fields: Any, files: Any, number: str) -> Any:
        root = self.posts.get(self.posts.get(number, {}).get("conversation_id", ""))
        if root is None or root["author_id"] != US:
            raise Refused(403, "Forbidden", "You are not allowed to hide this reply.")
        (self.hidden.add if fields["hidden"] is True else self.hidden.discard)(number)
        return ({"data": {"hidden": fields["hidden"]}},)

    def post_dm_conversations_with_whom_messages(self, fields: Any, files: Any, whom: str) -> Any:
        if whom == HERMIT:
            raise Refused(403, "Forbidden", "You cannot send messages to this user.")
        return self.post_dm_conversations_talk_messages(fields, files, _talk(whom))

    def post_dm_conversations_talk_messages(self, fields: Any, files: Any, talk: str) -> Any:
        if not fields.get("text") and not fields.get("attachments"):
            raise Refused(400, "Invalid Request", "text or attachments", "invalid-request")
        made = self.tell(US, talk, fields.get("text", ""))
        return {"data": {"dm_conversation_id": talk, "dm_event_id": made["id"]}}, 201

    def delete_dm_events_number(self, fields: Any, files: Any, number: str) -> Any:
        if self.messages.pop(number, None) is None:
            raise Refused(404, "Not Found Error", "Could not find event", "resource-not-found")
        return ({"data": {"deleted": True}},)

    def get_media_upload(self, fields: Any, files: Any) -> Any:
        one = self.media[fields["media_id"]]
        one["waits"] -= 1
        state = "in_progress" if one["waits"] > 0 else "succeeded"
        one["done"] = state == "succeeded"
        return (
            {"data": {"id": fields["media_id"], "processing_info": {"state": state, "check_after_secs": 0}}},
        )

    def post_media_upload_initialize(self, fields: Any, files: Any) -> Any:
        kinds = {"tweet_image", "tweet_gif", "tweet_video", "dm_image", "dm_gif", "dm_video", "amplify_video"}
        if fields["media_category"] not in kinds or not isinstance(fields["total_bytes"], int):
            raise Refused(400, "Invalid Request", "media_category", "invalid-request")
        self.numbers += 1
        number = str(self.numbers)
        self.media[number] = {"pieces": {}, "waits": self.waits, "done": False, "alt": "", **fields}
        return ({"data": {"id": number, "media_key": f"3_{number}", "expires_after_secs": 86400}},)

    def post_media_upload_number_append(self, fields: Any, files: Any, number: str) -> Any:
        content = files["media"][2]
        if len(content) > 5 * 2**20:
            raise Refused(413, "Payload Too Large", "Payload Too Large")
        self.media[number]["pieces"][int(fields["segment_index"])] = content
        return ({"data": {"expires_at": 1}},)

    def post_media_upload_number_finalize(self, fields: Any, files: Any, number: str) -> Any:
        one = self.media[number]
        if sum(map(len, one["pieces"].values())) != one["total_bytes"] or list(one["pieces"]) != list(
            range(len(one["pieces"]))
        ):
            raise Refused(400, "Invalid Request", "Not all segments were uploaded", "invalid-request")
        data = {"id": number, "media_key": f"3_{number}"}
        if "video" in one["media_category"]:
            return ({"data": data | {"processing_info": {"state": "pending", "check_after_secs": 0}}},)
        one["done"] = True
        return ({"data": data},)

    def post_media_metadata(self, fields: Any, files: Any) -> Any:
        self.media[fields["id"]]["alt"] = fields["metadata"]["alt_text"]["text"]
        return ({"data": {"id": fields["id"]}},)

    # What is written

    def tick(self) -> str:
        self.numbers += 1
        self.now += timedelta(milliseconds=10)
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def write(self, who: str, text: str, above: str | None = None, *, repost_of: str = "") -> dict[str, Any]:
        at, number = self.tick(), str(self.numbers)
        links = [
            {"url": f"https://t.co/{n}x{number}", "expanded_url": link}
            for n, link in enumerate(re.findall(r"https?://\S+", text))
        ]
        shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for link in links:
            shown = shown.replace(link["expanded_url"].replace("&", "&amp;"), link["url"])
        mentions = [{"id": n, "username": name} for n, name in NAMES.items() if f"@{name}" in text]
        made = {
            "id": number, "text": shown, "author_id": who, "created_at": at, "lang": "ru", "edit_history_tweet_ids": [number],
            "conversation_id": self.posts[above]["conversation_id"] if above else number,
            "public_metrics": {"impression_count": 42, "like_count": 1, "reply_count": 0, "retweet_count": 0, "quote_count": 0, "bookmark_count": 0},
            "entities": {"urls": links, "mentions": mentions},
        }  # fmt: skip
        if above:
            made["referenced_tweets"] = [{"type": "replied_to", "id": above}]
            made["in_reply_to_user_id"] = self.posts[above]["author_id"]
        if repost_of:
            made["referenced_tweets"] = [{"type": "retweeted", "id": repost_of}]
        self.posts[number] = made
        return made

    def tell(self, who: str, talk: str, text: str) -> dict[str, Any]:
        at, number = self.tick(), str(self.numbers)
        made = {
            "id": number,
            "event_type": "MessageCreate",
            "text": text,
            "created_at": at,
            "sender_id": who,
            "dm_conversation_id": talk,
        }
        self.messages[number] = made
        return made


def _talk(whom: str) -> str:
    return "-".join(sorted((US, whom)))
