"""An emulation of the YouTube Data API v3. Not a test.

Every request and every answer is checked against Google's own discovery document (youtube.v3.json in the wheel of
google-api-python-client): path, parameters with type, choice and range, body and answer by their schemas. What the
document does not say (costs, refusals) is from developers.google.com/youtube/v3/docs.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from stormdesk.networks.tests.served import Reply, Request, js

KEY, CLIENT, SECRET, REFRESH, CODE, BACK = (
    "AIzaKey",
    "cLiEnT",
    "s3cret",
    "1//refresh",
    "4/code",
    "https://desk.example/back",
)
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
US, ANNA, BORIS = "UC" + "u" * 22, "UC" + "a" * 22, "UC" + "b" * 22
NAMES = {US: "@kettles", ANNA: "@anna", BORIS: "@boris"}
OURS, THEIRS, SILENT = "v" * 11, "w" * 11, "x" * 11
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
COST = {"GET": 1, "POST": 50, "PUT": 50, "DELETE": 50}
KNOWN = {"key", "access_token", "alt", "prettyPrint", "quotaUser", "fields", "uploadType", "$.xgafv"}


@cache
def contract() -> dict[str, Any]:
    """Google's discovery document of the API."""
    place = files("googleapiclient") / "discovery_cache" / "documents" / "youtube.v3.json"
    return json.loads(place.read_text())


@cache
def methods() -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for resource in contract()["resources"].values():
        for method in resource.get("methods", {}).values():
            found[method["httpMethod"], "/" + method["path"]] = method
    return found


class Refused(Exception):
    def __init__(self, code: int, reason: str, message: str = "", domain: str = "youtube.comment") -> None:
        one = {"message": message or reason, "domain": domain, "reason": reason}
        self.reply = js({"error": {"code": code, "message": message or reason, "errors": [one]}}, code)


def check(value: Any, name: str, where: str = "") -> None:
    """Does a value keep to a schema of the document? AssertionError if not."""
    schema = contract()["schemas"][name]
    for key, inner in value.items():
        assert key in schema["properties"], f"{where}{name} has no {key}"
        _typed(inner, schema["properties"][key], f"{where}{name}.{key}")


def _typed(value: Any, rule: dict[str, Any], where: str) -> None:
    if "$ref" in rule:
        assert isinstance(value, dict), where
        check(value, rule["$ref"], where + " → ")
    elif rule["type"] == "array":
        assert isinstance(value, list), where
        for one in value:
            _typed(one, rule["items"], where)
    else:
        kinds = {
            "string": str,
            "boolean": bool,
            "integer": int,
            "number": (int, float),
            "object": dict,
            "any": object,
        }
        assert isinstance(value, kinds[rule["type"]]), where
        assert "enum" not in rule or value in rule["enum"], where


@dataclass
class YouTubeSite:
    """The state behind the server."""

    now: datetime = NOW
    budget: int = 10_000
    searches: int = 100
    scope: str = SCOPE
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    videos: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    challenge: str = ""
    refuse: tuple[int, str] | None = None
    shown: int = 5
    """Answers that come along with a thread."""
    numbers: int = 0
    spent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.videos = {
            OURS: (US, "Наш чайник", NOW), THEIRS: (ANNA, "Обзор чайника", NOW), SILENT: (BORIS, "Тихо", NOW),
        } | self.videos  # fmt: skip

    # Doors

    def handle(self, request: Request) -> Reply:
        try:
            if request.path == "/token":
                return self.token(request.fields)
            method = methods().get((request.method, request.path))
            if method is None:
                raise Refused(404, "notFound")
            query, body = self.checked(request, method)
            self.entered(request, method)
            searching = request.path.endswith("/search")
            cost = 0 if searching else COST[request.method]
            if self.budget < cost or (searching and not self.searches):
                raise Refused(
                    403,
                    "quotaExceeded",
                    "The request cannot be completed because you have exceeded your quota.",
                    "youtube.quota",
                )
            self.budget, self.searches = self.budget - cost, self.searches - searching
            self.spent.append(method["id"])
            if self.refuse:
                raise Refused(*self.refuse)
            answer = getattr(self, "do_" + method["id"].removeprefix("youtube.").replace(".", "_"))(
                query, body
            )
        except Refused as refused:
            return refused.reply
        if answer is None:
            return Reply(204, b"")
        check(answer, method["response"]["$ref"])
        return js(answer)

    def checked(self, request: Request, method: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        schema = (
            contract()["schemas"][method["request"]["$ref"]] if "request" in method else {"properties": {}}
        )
        rules = method["parameters"]
        # Where a name is both (id), the body has it: the document gives such methods no parameter of that name.
        body = {k: v for k, v in request.fields.items() if k in schema["properties"] and k not in rules}
        query = {k: v for k, v in request.fields.items() if k not in body}
        for name, value in query.items():
            if name in KNOWN:
                continue
            if name not in rules:
                raise Refused(400, "unexpectedParameter", name, "global")
            rule = rules[name]
            if "enum" in rule and value not in rule["enum"]:
                raise Refused(400, "invalidParameter", name, "global")
            if rule["type"] == "integer" and not int(rule.get("minimum", 0)) <= int(value) <= int(
                rule.get("maximum", 2**31)
            ):
                raise Refused(400, "invalidParameter", name, "global")
            if rule["type"] == "boolean" and value not in ("true", "false"):
                raise Refused(400, "invalidParameter", name, "global")
            if rule.get("format") == "google-datetime":
                datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007
        if missing := [name for name, rule in rules.items() if rule.get("required") and name not in query]:
            raise Refused(400, "required", f"Required parameter: {missing[0]}", "global")
        if body:
            check(body, method["request"]["$ref"])
        return query, body

    def entered(self, request: Request, method: dict[str, Any]) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token:
            if token not in self.tokens:
                raise Refused(401, "authError", "Request had invalid authentication credentials.", "global")
            if not set(self.tokens[token].split()) & set(method["scopes"]):
                raise Refused(403, "insufficientPermissions", "Insufficient Permission", "global")
        elif KEY not in (request.headers.get("x-goog-api-key"), request.fields.get("key")):
            raise Refused(400, "badRequest", "API key not valid. Please pass a valid API key.", "global")
        elif request.method != "GET" or "mine" in request.fields or "moderationStatus" in request.fields:
            raise Refused(401, "required", "Login Required.", "global")

    def token(self, form: dict[str, Any]) -> Reply:
        good = form.get("client_id") == CLIENT and form.get("client_secret") == SECRET
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
            good = good and form.get("grant_type") == "refresh_token" and form.get("refresh_token") == REFRESH
        if not good:
            return js(
                {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400
            )
        token = f"ya29.{len(self.tokens)}"
        self.tokens[token] = self.scope
        more = {"refresh_token": REFRESH} if form["grant_type"] == "authorization_code" else {}
        return js(
            {"access_token": token, "expires_in": 3599, "scope": self.scope, "token_type": "Bearer", **more}
        )

    # Asking

    def page(self, kind: str, items: list[Any], query: dict[str, Any], most: int) -> dict[str, Any]:
        start, size = int(query.get("pageToken") or 0), int(query.get("maxResults") or min(most, 20))
        more = {"nextPageToken": str(start + size)} if start + size < len(items) else {}
        info = {"totalResults": len(items), "resultsPerPage": size}
        return {"kind": kind, "etag": "x", "pageInfo": info, "items": items[start : start + size], **more}

    def do_commentThreads_list(self, query: dict[str, Any], body: Any) -> Any:
        filters = [f for f in ("allThreadsRelatedToChannelId", "videoId", "id", "channelId") if f in query]
        if len(filters) != 1 or ("moderationStatus" in query and filters == ["id"]):
            raise Refused(400, "operationNotSupported", "exactly one filter", "youtube.commentThread")
        if query.get("videoId") == SILENT:
            raise Refused(
                403, "commentsDisabled", "The video has disabled comments.", "youtube.commentThread"
            )
        if "videoId" in query and query["videoId"] not in self.videos:
            raise Refused(404, "videoNotFound", "", "youtube.commentThread")
        status = query.get("moderationStatus", "published")
        found = []
        for one in self.comments.values():
            snippet = one["snippet"]
            if "." in one["id"] or one["status"] != status:
                continue
            if query.get("videoId", snippet["videoId"]) != snippet["videoId"]:
                continue
            if query.get("allThreadsRelatedToChannelId", snippet["channelId"]) != snippet["channelId"]:
                continue
            if one["id"] in query.get("id", one["id"]).split(","):
                found.append(one)
        found.sort(key=lambda one: one["snippet"]["publishedAt"], reverse=True)
        threads = [self.thread(one, "replies" in query["part"]) for one in found]
        return self.page("youtube#commentThreadListResponse", threads, query, 100)

    def do_comments_list(self, query: dict[str, Any], body: Any) -> Any:
        if ("id" in query) == ("parentId" in query):
            raise Refused(400, "operationNotSupported")
        if "parentId" in query:
            if query["parentId"] not in self.comments:
                raise Refused(404, "commentNotFound")
            found = self.below(query["parentId"])
        else:
            found = [self.comments[i] for i in query["id"].split(",") if i in self.comments]
        return self.page("youtube#commentListResponse", [_public(one) for one in found], query, 100)

    def do_search_list(self, query: dict[str, Any], body: Any) -> Any:
        words, after = query.get("q", "").casefold(), query.get("publishedAfter", "")
        found = [(i, v) for i, v in self.videos.items() if words in v[1].casefold() and _rfc(v[2]) >= after]
        found.sort(key=lambda one: one[1][2], reverse=True)
        items = [
            {"kind": "youtube#searchResult", "etag": "x", "id": {"kind": "youtube#video", "videoId": i}, "snippet": {
                "publishedAt": _rfc(at), "channelId": who, "title": title, "description": "…", "channelTitle": NAMES[who],
                "thumbnails": {"high": {"url": f"https://i.ytimg.com/vi/{i}/hq.jpg", "width": 480, "height": 360}}}}
            for i, (who, title, at) in found
        ]  # fmt: skip
        return self.page("youtube#searchListResponse", items, query, 50)

    def do_videos_list(self, query: dict[str, Any], body: Any) -> Any:
        items = [
            {"kind": "youtube#video", "id": i, "snippet": {"channelId": v[0], "title": v[1], "publishedAt": _rfc(v[2])}}
            for i, v in self.videos.items() if i in query["id"].split(",")
        ]  # fmt: skip
        return self.page("youtube#videoListResponse", items, query, 50)

    def do_channels_list(self, query: dict[str, Any], body: Any) -> Any:
        who = US if query.get("mine") == "true" else query.get("id")
        items = (
            [{"kind": "youtube#channel", "id": who, "snippet": {"title": "Kettles", "customUrl": NAMES[who]}}]
            if who in NAMES
            else []
        )
        return self.page("youtube#channelListResponse", items, query, 50)

    # Saying

    def do_commentThreads_insert(self, query: dict[str, Any], body: Any) -> Any:
        snippet = body["snippet"]
        text = snippet["topLevelComment"]["snippet"]["textOriginal"]
        if not snippet.get("channelId") or self.videos[snippet["videoId"]][0] != snippet["channelId"]:
            raise Refused(400, "channelOrVideoIdMissing", "", "youtube.commentThread")
        return self.thread(self.write(US, snippet["videoId"], text), False)

    def do_comments_insert(self, query: dict[str, Any], body: Any) -> Any:
        parent = body["snippet"]["parentId"]
        if parent not in self.comments or "." in parent:
            raise Refused(404, "parentCommentNotFound")
        return _public(self.answer(US, parent, body["snippet"]["textOriginal"]))

    def do_comments_update(self, query: dict[str, Any], body: Any) -> Any:
        found = self.mine(body["id"])
        found["snippet"] |= {
            "textOriginal": body["snippet"]["textOriginal"],
            "textDisplay": body["snippet"]["textOriginal"],
            "updatedAt": _rfc(self.tick()),
        }
        return _public(found)

    def do_comments_delete(self, query: dict[str, Any], body: Any) -> Any:
        del self.comments[self.mine(query["id"])["id"]]

    def do_comments_setModerationStatus(self, query: dict[str, Any], body: Any) -> Any:
        for number in query["id"].split(","):
            if number not in self.comments:
                raise Refused(404, "commentNotFound")
            if self.comments[number]["snippet"]["channelId"] != US:
                raise Refused(403, "forbidden", "The comment cannot be moderated.")
            self.comments[number]["status"] = query["moderationStatus"]

    def mine(self, number: str) -> dict[str, Any]:
        if number not in self.comments:
            raise Refused(404, "commentNotFound")
        if self.comments[number]["snippet"]["authorChannelId"]["value"] != US:
            raise Refused(403, "forbidden", "The comment could not be changed.")
        return self.comments[number]

    # What is written

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def write(self, who: str, video: str, text: str, status: str = "published") -> dict[str, Any]:
        self.numbers += 1
        return self._kept(f"Ug{self.numbers:024d}", who, video, text, status=status)

    def answer(self, who: str, parent: str, text: str) -> dict[str, Any]:
        self.numbers += 1
        above = self.comments[parent]["snippet"]
        return self._kept(f"{parent}.9{self.numbers:021d}", who, above["videoId"], text, parentId=parent)

    def _kept(
        self, number: str, who: str, video: str, text: str, status: str = "published", **more: Any
    ) -> dict[str, Any]:
        if len(text) > 10_000:
            raise Refused(400, "commentTextTooLong")
        if not text.strip():
            raise Refused(400, "commentTextRequired")
        at = _rfc(self.tick())
        snippet = {
            "channelId": self.videos[video][0], "videoId": video, "textDisplay": text, "textOriginal": text,
            "authorDisplayName": NAMES[who], "authorChannelId": {"value": who}, "canRate": True, "likeCount": 0,
            "publishedAt": at, "updatedAt": at, **more,
        }  # fmt: skip
        self.comments[number] = {
            "kind": "youtube#comment",
            "etag": "x",
            "id": number,
            "snippet": snippet,
            "status": status,
        }
        return self.comments[number]

    def below(self, parent: str) -> list[dict[str, Any]]:
        return [
            c
            for c in self.comments.values()
            if c["snippet"].get("parentId") == parent and c["status"] == "published"
        ]

    def thread(self, top: dict[str, Any], replies: bool) -> dict[str, Any]:
        below = self.below(top["id"])
        snippet = {
            "channelId": top["snippet"]["channelId"], "videoId": top["snippet"]["videoId"],
            "topLevelComment": _public(top), "canReply": True, "totalReplyCount": len(below), "isPublic": True,
        }  # fmt: skip
        more = (
            {"replies": {"comments": [_public(one) for one in below[: self.shown]]}}
            if replies and below[: self.shown]
            else {}
        )
        return {"kind": "youtube#commentThread", "etag": "x", "id": top["id"], "snippet": snippet, **more}


def _public(one: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in one.items() if k != "status"}


def _rfc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
