"""An emulation of Reddit's Data API, built from www.reddit.com/dev/api and the wiki of its archived source. Not a test.

Endpoint by endpoint: the right it needs, what is required, what is known at all, and how a refusal is worded (the names
of errors are those of reddit-archive/reddit, r2/lib/errors.py). It refuses parameters the documentation does not know.
"""

from __future__ import annotations

import base64
import re
import time
from dataclasses import dataclass, field
from typing import Any

from stormdesk.networks.tests.served import Reply, Request, js

NOW = float(int(time.time())) - 60
"""Now, as Reddit's clock says it: what a private message became is looked for by our clock."""
CLIENT, SECRET, CODE, REFRESH, BACK = "cLiEnT", "s3cret", "c0de", "r3fresh", "https://desk.example/back"
EVERY = "identity read history submit edit privatemessages modposts report"
US, SUB, OWN_SUB = "kettle_desk", "tea", "kettles"
AGENT = re.compile(r"\S+:\S+:\S+ \(by /u/[\w-]+\)")

_LIST = {"after", "before", "limit", "count", "show", "sr_detail", "raw_json", "sort", "t"}
ENDPOINTS: list[tuple[str, str, str, set[str], set[str]]] = [
    ("GET", r"/api/v1/me", "identity", set(), {"raw_json"}),
    ("GET", r"/api/info", "read", {"id"}, {"raw_json", "sr_name", "url"}),
    ("GET", r"(?:/r/(?P<sub>[\w+]+))?/search", "read", {"q"}, _LIST | {"restrict_sr", "type", "include_facets", "category", "syntax"}),
    ("GET", r"/r/(?P<sub>[\w+]+)/new", "read", set(), _LIST),
    ("GET", r"/r/(?P<sub>[\w+]+)/comments", "read", set(), _LIST),
    ("GET", r"/comments/(?P<post>\w+)", "read", set(), {"comment", "context", "depth", "limit", "sort", "raw_json", "showmore", "truncate", "threaded"}),
    ("GET POST", r"/api/morechildren", "read", {"link_id", "children"}, {"api_type", "sort", "depth", "id", "limit_children", "raw_json"}),
    ("GET", r"/message/(?P<box>inbox|mentions|sent|unread|messages)", "privatemessages", set(), _LIST | {"mark", "mid", "max_replies"}),
    ("GET", r"/user/(?P<who>[\w-]+)(?:/(?P<what>overview|comments|submitted))?", "history", set(), _LIST | {"context", "type"}),
    ("POST", r"/api/submit", "submit", {"sr", "kind", "title"}, {"api_type", "text", "url", "sendreplies", "resubmit", "nsfw", "spoiler", "flair_id", "flair_text", "extension", "validate_on_submit", "raw_json", "richtext_json", "ad"}),
    ("POST", r"/api/comment", "", {"thing_id", "text"}, {"api_type", "return_rtjson", "richtext_json", "raw_json", "validate_on_submit"}),
    ("POST", r"/api/editusertext", "edit", {"thing_id", "text"}, {"api_type", "return_rtjson", "raw_json", "validate_on_submit"}),
    ("POST", r"/api/del", "edit", {"id"}, {"api_type", "raw_json"}),
    ("POST", r"/api/compose", "privatemessages", {"to", "subject", "text"}, {"api_type", "from_sr", "raw_json"}),
    ("POST", r"/api/remove", "modposts", {"id", "spam"}, {"api_type", "raw_json"}),
    ("POST", r"/api/approve", "modposts", {"id"}, {"api_type", "raw_json"}),
    ("POST", r"/api/report", "report", set(), {"id", "thing_id", "api_type", "reason", "other_reason", "site_reason", "rule_reason", "custom_text", "sr_name", "raw_json"}),
]  # fmt: skip


class Refused(Exception):
    def __init__(self, reply: Reply) -> None:
        self.reply = reply


def no(code: str, words: str, field: str = "", **more: Any) -> Refused:
    return Refused(js({"json": {"errors": [[code, words, field]], **more}}))


def status(number: int, message: str, **more: Any) -> Refused:
    headers = more.pop("headers", {})
    reply = js({"message": message, "error": number, **more}, number)
    return Refused(Reply(number, reply.body, headers=headers))


@dataclass
class RedditSite:
    """The state behind the server. `now` moves a second with everything that is written."""

    # Now, and not when the tests were gathered: that may be a quarter of an hour ago.
    now: float = field(default_factory=lambda: float(int(time.time())) - 60)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    boxes: dict[str, list[str]] = field(default_factory=lambda: {"inbox": [], "sent": []})
    scopes: str = EVERY
    tokens: dict[str, str] = field(default_factory=dict)
    given: int = 0
    numbers: int = 1000
    left: float = 100.0
    wait: float | None = None
    """Seconds Reddit wants this account to wait before it writes again."""
    moderates: tuple[str, ...] = (OWN_SUB,)
    closed: dict[str, str] = field(default_factory=lambda: {"secret": "private"})
    hidden_children: int = 0
    """So many of the newest comments stand behind “more”."""
    reports: list[dict[str, str]] = field(default_factory=list)

    # Doors

    def handle(self, request: Request) -> Reply:
        try:
            if not AGENT.match(request.headers.get("user-agent", "")):
                raise Refused(Reply(429, b"<html>whoa there, pardner!", "text/html"))
            path = request.path.rstrip("/").removesuffix(".json")
            if path == "/api/v1/access_token":
                return self.token(request)
            scopes = self.entered(request)
            self.left -= 1
            if self.left < 0:
                raise status(429, "Too Many Requests", headers=self.limits())
            reply = self.asked(request, path, scopes)
        except Refused as refused:
            return refused.reply
        return Reply(reply.status, reply.body, headers=self.limits() | reply.headers)

    def limits(self) -> dict[str, str]:
        return {
            "x-ratelimit-used": str(int(100 - self.left)),
            "x-ratelimit-remaining": str(float(max(self.left, 0))),
            "x-ratelimit-reset": "42",
        }

    def token(self, request: Request) -> Reply:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            raise status(401, "Unauthorized")
        form = request.fields
        match form.get("grant_type"):
            case "authorization_code":
                good = form.get("code") == CODE and form.get("redirect_uri") == BACK
            case "refresh_token":
                good = form.get("refresh_token") == REFRESH
            case _:
                raise Refused(js({"error": "unsupported_grant_type"}, 400))
        if not good:
            raise Refused(js({"error": "invalid_grant"}, 400))
        self.given += 1
        token = f"t0ken-{self.given}"
        self.tokens[token] = self.scopes
        answer = {"access_token": token, "token_type": "bearer", "expires_in": 86400, "scope": self.scopes}
        return js(answer | {"refresh_token": REFRESH})

    def entered(self, request: Request) -> set[str]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ").removeprefix("bearer ")
        if token not in self.tokens:
            raise status(
                401,
                "Unauthorized",
                headers={"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'},
            )
        return set(self.tokens[token].split())

    def asked(self, request: Request, path: str, scopes: set[str]) -> Reply:
        for method, pattern, scope, required, known in ENDPOINTS:
            found = re.fullmatch(pattern, path)
            if found is None or request.method not in method:
                continue
            name = path.rpartition("/")[2]
            if path == "/api/comment":
                scope = "privatemessages" if request.fields.get("thing_id", "").startswith("t4") else "submit"
            if scope not in scopes:
                raise status(
                    403,
                    "Forbidden",
                    headers={"www-authenticate": 'Bearer realm="reddit", error="insufficient_scope"'},
                )
            strange = set(request.fields) - required - known
            missing = {one for one in required if not request.fields.get(one)}
            if strange or missing:
                raise status(400, "Bad Request", explanation=f"unknown {strange}, missing {missing}")
            parts = {k: v for k, v in found.groupdict().items() if v}
            for sub in parts.get("sub", "").split("+"):
                if sub in self.closed:
                    raise status(403, "Forbidden", reason=self.closed[sub])
            if "GET" in method:
                whole = ("me", "info", "search", "new", "morechildren")
                do = (
                    "box"
                    if "box" in parts
                    else "user"
                    if "who" in parts
                    else "comments"
                    if "post" in parts
                    else ""
                )
                do = do or (name if name in whole else "sub_comments")
                return js(getattr(self, f"get_{do}")(request, **found.groupdict()))
            return js(getattr(self, f"do_{name}")(request.fields))
        raise status(404, "Not Found")

    # Asking

    def listing(self, found: list[dict[str, Any]], fields: dict[str, Any]) -> dict[str, Any]:
        found = sorted(found, key=lambda t: -t["data"]["created_utc"])[:1000]
        names = [t["data"]["name"] for t in found]
        limit = min(int(fields.get("limit", 25)), 100)  # more is cut down, as another client knows
        if after := fields.get("after"):
            found = found[names.index(after) + 1 :] if after in names else []
        elif before := fields.get("before"):
            found = found[: names.index(before)][-limit:] if before in names else []
        page = found[:limit]
        after = page[-1]["data"]["name"] if len(found) > limit else None
        return {
            "kind": "Listing",
            "data": {
                "after": after,
                "before": None,
                "dist": len(page),
                "modhash": None,
                "geo_filter": "",
                "children": page,
            },
        }

    def all(self, kind: str, **where: Any) -> list[dict[str, Any]]:
        return [
            t for t in self.things.values()
            if t["kind"] == kind and all(t["data"].get(k) == v for k, v in where.items())
        ]  # fmt: skip

    def get_me(self, request: Request) -> Any:
        return {"name": US, "id": "usid", "is_suspended": False, "created_utc": 1.0}

    def get_info(self, request: Request) -> Any:
        names = request.fields["id"].split(",")
        return self.listing([self.things[n] for n in names if n in self.things], {"limit": 100})

    def get_search(self, request: Request, sub: str | None) -> Any:
        words = request.fields["q"].casefold()
        if sub and request.fields.get("restrict_sr") not in ("1", "true", "on", "True"):
            sub = None
        found = self.all("t3", **({"subreddit": sub} if sub and sub != "all" else {}))
        return self.listing(
            [t for t in found if words in (t["data"]["title"] + t["data"]["selftext"]).casefold()],
            request.fields,
        )

    def get_new(self, request: Request, sub: str) -> Any:
        return self.listing([t for s in sub.split("+") for t in self.all("t3", subreddit=s)], request.fields)

    def get_sub_comments(self, request: Request, sub: str) -> Any:
        return self.listing([t for s in sub.split("+") for t in self.all("t1", subreddit=s)], request.fields)

    def get_comments(self, request: Request, post: str) -> Any:
        name = f"t3_{post}"
        if name not in self.things:
            raise status(404, "Not Found")
        comments = sorted(self.all("t1", link_id=name), key=lambda t: t["data"]["created_utc"])
        away = (
            {t["data"]["name"] for t in comments[len(comments) - self.hidden_children :]}
            if self.hidden_children
            else set()
        )

        def below(parent: str) -> list[dict[str, Any]]:
            here = [t for t in comments if t["data"]["parent_id"] == parent]
            shown = []
            for t in here:
                if t["data"]["name"] in away:
                    continue
                under = below(t["data"]["name"])
                replies = {"kind": "Listing", "data": {"children": under, "after": None}} if under else ""
                shown.append({"kind": "t1", "data": t["data"] | {"replies": replies}})
            more = [t["data"]["id"] for t in here if t["data"]["name"] in away]
            if more:
                shown.append(
                    {
                        "kind": "more",
                        "data": {
                            "count": len(more),
                            "children": more,
                            "parent_id": parent,
                            "id": more[0],
                            "name": f"t1_{more[0]}",
                            "depth": 0,
                        },
                    }
                )
            return shown

        both = [self.things[name]], below(name)
        return [
            {"kind": "Listing", "data": {"children": half, "after": None, "before": None}} for half in both
        ]

    def get_morechildren(self, request: Request) -> Any:
        ids = request.fields["children"].split(",")
        things = [self.things[f"t1_{i}"] for i in ids if f"t1_{i}" in self.things]
        things = [{"kind": "t1", "data": t["data"] | {"replies": ""}} for t in things]
        return {"json": {"errors": [], "data": {"things": things}}}

    def get_box(self, request: Request, box: str) -> Any:
        return self.listing([self.things[n] for n in self.boxes.get(box, [])], request.fields)

    def get_user(self, request: Request, who: str, what: str | None) -> Any:
        kinds = {"overview": ("t1", "t3"), "comments": ("t1",), "submitted": ("t3",)}[what or "overview"]
        return self.listing([t for kind in kinds for t in self.all(kind, author=who)], request.fields)

    # Saying

    def do_submit(self, form: dict[str, str]) -> Any:
        self.patient()
        if form["kind"] not in ("self", "link") or len(form["title"]) > 300:
            raise no("TOO_LONG", "this is too long (max: 300)", "title")
        if form["kind"] == "link" and not form.get("url"):
            raise no("NO_URL", "a url is required", "url")
        if form["sr"] == "nowhere":
            raise no("SUBREDDIT_NOEXIST", "that subreddit doesn't exist", "sr")
        if len(form.get("text", "")) > 40_000:
            raise no("TOO_LONG", "this is too long (max: 40000)", "text")
        if form.get("resubmit") not in ("true", "True") and any(
            t["data"]["url"] == form.get("url") for t in self.all("t3", subreddit=form["sr"])
        ):
            raise no("ALREADY_SUB", "that link has already been submitted", "url")
        made = self.post(US, form["sr"], form["title"], form.get("text", ""), form.get("url", ""))
        url = f"https://www.reddit.com{made['permalink']}"
        return {
            "json": {
                "errors": [],
                "data": {"url": url, "drafts_count": 0, "id": made["id"], "name": made["name"]},
            }
        }

    def do_comment(self, form: dict[str, str]) -> Any:
        self.patient()
        parent = self.things.get(form["thing_id"])
        if parent is None:
            raise no(
                "DELETED_COMMENT" if form["thing_id"].startswith("t1") else "DELETED_LINK",
                "that has been deleted",
                "parent",
            )
        if parent["data"].get("locked"):
            raise no("THREAD_LOCKED", "Comments are locked.", "parent")
        if len(form["text"]) > 10_000:
            raise no("TOO_LONG", "this is too long (max: 10000)", "text")
        if parent["kind"] == "t4":
            made = self.message(
                US, parent["data"]["author"], parent["data"]["subject"], form["text"], form["thing_id"]
            )
            return {"json": {"errors": [], "data": {"things": [self.things[made["name"]]]}}}
        made = self.comment(US, form["thing_id"], form["text"])
        return {"json": {"errors": [], "data": {"things": [self.things[made["name"]]]}}}

    def do_editusertext(self, form: dict[str, str]) -> Any:
        found = self.things.get(form["thing_id"])
        if found is None or found["data"]["author"] != US:
            raise no("NOT_AUTHOR", "you can't do that", "thing_id")
        found["data"]["selftext" if found["kind"] == "t3" else "body"] = form["text"]
        found["data"]["edited"] = self.now + 1
        return {"json": {"errors": [], "data": {"things": [found]}}}

    def do_del(self, form: dict[str, str]) -> Any:
        found = self.things.get(form["id"])
        if found and found["data"]["author"] == US:
            del self.things[form["id"]]
        return {}

    def do_compose(self, form: dict[str, str]) -> Any:
        self.patient()
        if form["to"] == "nobody":
            raise no("USER_DOESNT_EXIST", "that user doesn't exist", "to")
        if form["to"] == "hermit":
            raise no("NOT_WHITELISTED_BY_USER_MESSAGE", "Not able to message this user", "to")
        if len(form["subject"]) > 100:
            raise no("TOO_LONG", "this is too long (max: 100)", "subject")
        self.message(US, form["to"], form["subject"], form["text"])
        return {"json": {"errors": []}}

    def do_remove(self, form: dict[str, str]) -> Any:
        found = self.moderated(form["id"])
        found["data"]["removed_by_category"] = "moderator"
        return {}

    def do_approve(self, form: dict[str, str]) -> Any:
        self.moderated(form["id"])["data"]["removed_by_category"] = None
        return {}

    def do_report(self, form: dict[str, str]) -> Any:
        if len(form.get("reason", "")) > 100:
            raise no("TOO_LONG", "this is too long (max: 100)", "reason")
        if not (form.get("thing_id") or form.get("id")):
            raise no("NO_THING_ID", "id not specified", "thing_id")
        self.reports.append(form)
        return {"json": {"errors": []}}

    def moderated(self, name: str) -> dict[str, Any]:
        found = self.things.get(name)
        if found is None:
            raise status(404, "Not Found")
        if found["data"]["subreddit"] not in self.moderates:
            raise status(403, "Forbidden")
        return found

    def patient(self) -> None:
        if self.wait is not None:
            raise no(
                "RATELIMIT",
                "you are doing that too much. try again in 9 minutes.",
                "ratelimit",
                ratelimit=self.wait,
            )

    # What is written

    def _made(self, kind: str, author: str, **data: Any) -> dict[str, Any]:
        self.numbers += 1
        self.now += 1
        number = f"{self.numbers:x}"
        made = {
            "id": number, "name": f"{kind}_{number}", "author": author, "author_fullname": f"t2_{author}",
            "created_utc": self.now, "edited": False, **data,
        }  # fmt: skip
        self.things[made["name"]] = {"kind": kind, "data": made}
        return made

    def post(self, author: str, sub: str, title: str, text: str = "", url: str = "") -> dict[str, Any]:
        made = self._made(
            "t3", author, subreddit=sub, title=title, selftext=text, is_self=not url, removed_by_category=None,
            subreddit_id="t5_x", num_comments=0, score=1, over_18=False, url=url,
        )  # fmt: skip
        made["permalink"] = f"/r/{sub}/comments/{made['id']}/x/"
        made["url"] = url or f"https://www.reddit.com{made['permalink']}"
        return made

    def comment(self, author: str, parent: str, text: str) -> dict[str, Any]:
        above = self.things[parent]["data"]
        link = parent if parent.startswith("t3") else above["link_id"]
        made = self._made(
            "t1",
            author,
            subreddit=above["subreddit"],
            body=text,
            parent_id=parent,
            link_id=link,
            replies="",
            score=1,
        )
        made["permalink"] = f"/r/{made['subreddit']}/comments/{link[3:]}/x/{made['id']}/"
        if above["author"] == US and author != US:
            self.boxes["inbox"].append(made["name"])
        return made

    def message(
        self, author: str, to: str, subject: str, text: str, parent: str | None = None
    ) -> dict[str, Any]:
        made = self._made(
            "t4", author, dest=to, subject=subject, body=text, parent_id=parent, first_message_name=parent,
            was_comment=False, context="", replies="", new=True, subreddit=None,
        )  # fmt: skip
        self.boxes["sent" if author == US else "inbox"].append(made["name"])
        return made
