"""G8: every page and every API call × every role × another brand's object, generated from the routes themselves."""

from __future__ import annotations

import ast
import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

import stormdesk
from stormdesk.people.actions import make_token
from stormdesk.people.rules import RIGHTS, Role

PACKAGE = Path(stormdesk.__file__).parent
# What strangers' servers call below a brand: one address checks a signature, the other tells who this desk is and
# says the same for every brand, real or not.
WITHOUT_RIGHT = {"hook", "client_document"}


def routes(patterns=None, prefix=""):
    """(address, name, view) of every route."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.name, pattern.callback
        else:
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))


def right_of(view):
    while view is not None:
        if right := getattr(view, "right", None):
            return right
        view = getattr(view, "__wrapped__", None)
    return None


PAGES = sorted(
    {(path, name): view for path, name, view in routes() if path.startswith("b/<slug:brand>/")}.items(),
    key=lambda item: item[0][0],
)


def api_calls():
    """(method, address, right) of every call under a brand."""
    from stormdesk.api.api import api

    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method, f"/api{prefix}{path}", right_of(operation.view_func)


API = sorted(call for call in api_calls() if "{brand}" in call[1])


def address(pattern: str, brand: str, pk: int = 999_999) -> str:
    """The address with a brand and a number in it."""
    path = pattern.replace("<slug:brand>", brand).replace("{brand}", brand)
    for slot, value in (
        ("<int:pk>", str(pk)),
        ("{int:pk}", str(pk)),
        ("<int:version>", str(pk)),
        ("<slug:network>", "practice"),
        ("<slug:kind>", "search"),
        ("<slug:type>", "rumour"),
        ("<slug:key>", "lab"),
        ("<str:name>", "none.png"),
    ):
        path = path.replace(slot, value)
    assert "<" not in path, f"say how to fill {pattern}"
    assert "{" not in path, f"say how to fill {pattern}"
    return "/" + path.lstrip("/")


def test_every_page_of_a_brand_names_the_right_it_needs():
    assert {name for (_path, name), view in PAGES if right_of(view) is None} == WITHOUT_RIGHT
    assert all(right is not None for _method, _path, right in API)
    assert len(PAGES) > 100
    assert len(API) > 30


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_its_rights_allow_and_nothing_else(brand, person, client_of, role):
    client = client_of(person(role))
    client.raise_request_exception = False
    for (path, name), view in PAGES:
        right = right_of(view)
        if right is None:
            continue
        url = address(path, brand.slug)
        if right in RIGHTS[role]:
            assert client.get(url).status_code not in (403, 500), f"{role} should open {name}"
        else:
            assert client.get(url).status_code in (403, 405), f"{role} must not open {name}"
            assert client.post(url).status_code in (403, 405), f"{role} must not use {name}"
            assert 403 in (client.get(url).status_code, client.post(url).status_code), name


@pytest.mark.django_db
def test_a_stranger_sees_no_brand_and_nobody_gets_in_unsigned(brand, make_brand, make_person, client_of):
    stranger = client_of(make_person("Stranger", {make_brand("Other"): "owner"}))
    for (path, name), view in PAGES:
        if right_of(view) is None:
            continue
        url = address(path, brand.slug)
        assert stranger.get(url).status_code in (404, 405), name
        assert stranger.post(url).status_code in (404, 405), name
        assert 404 in (stranger.get(url).status_code, stranger.post(url).status_code), name
        assert Client().get(url).status_code in (302, 405), name


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_the_api_obeys_the_same_table(brand, person, now, role):
    token = make_token(user=person(role), name="t", now=now)
    client = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)
    for method, path, right in API:
        answer = client.generic(method, address(path, brand.slug), b"{}", "application/json")
        if right in RIGHTS[role]:
            assert answer.status_code not in (401, 403, 500), f"{role} should call {method} {path}"
        else:
            # a body that cannot be read is refused before anything is looked up, and tells nothing
            assert answer.status_code in (403, 422), f"{role} must not call {method} {path}"
            assert answer.status_code == 403 or "body" in answer.content.decode()


@pytest.mark.django_db
def test_the_api_knows_no_strangers(brand, make_brand, make_person, now):
    token = make_token(user=make_person("S", {make_brand("Other"): "owner"}), name="t", now=now)
    client = Client(headers={"authorization": f"Bearer {token}"})
    for method, path, _right in API:
        answer = client.generic(method, address(path, brand.slug), b"{}", "application/json")
        assert answer.status_code in (404, 422), f"{method} {path}"
        assert (
            Client().generic(method, address(path, brand.slug), b"{}", "application/json").status_code == 401
        )


@pytest.fixture
def others_things(make_brand, make_person, now):
    """One thing of each kind at another brand: the names are those of the routes that take a number."""
    from stormdesk.accounts.models import Account
    from stormdesk.coordinate.models import Task
    from stormdesk.declare.models import Crisis
    from stormdesk.detect.models import Alert, Concern, Known
    from stormdesk.learn.models import PreventiveMeasure, Review
    from stormdesk.listen.models import Import, Mention, Narrative, Query, SavedFilter, Source
    from stormdesk.notify.models import Channel, Shift
    from stormdesk.pause.models import Pause
    from stormdesk.policy.models import Document, Rule
    from stormdesk.publish.models import Fact, Post, Statement
    from stormdesk.reply.models import Conversation

    other = make_brand("Other")
    user = make_person("Owner of the other", {other: "owner"})
    crisis = Crisis.objects.create(
        brand=other, title="t", type="rumour", severity=1, state="resolved", lead=user, reason="r",
        declared_by=user, declared_at=now, began_at=now,
    )  # fmt: skip
    account = Account.objects.create(brand=other, network="practice", handle="o", connected_at=now)
    source = Source.objects.create(brand=other, network="practice", kind="search", name="s", added_at=now)
    statement = Statement.objects.create(
        brand=other, crisis=crisis, kind="first", title="t", language="en", text="t", author=user, edited_by=user,
        made_at=now, changed_at=now,
    )  # fmt: skip
    review = Review.objects.create(brand=other, crisis=crisis, made_at=now, changed_at=now)
    made = {
        "crisis": crisis,
        "account": account,
        "source": source,
        "statement": statement,
        "review": crisis,
        "person": user,
        "alert": Alert.objects.create(
            brand=other, level="attention", kind="volume", since=now, noticed_at=now, last_at=now
        ),
        "known": Known.objects.create(
            brand=other,
            name="k",
            kind="event",
            starts_at=now,
            ends_at=now + timedelta(hours=1),
            by=user,
            made_at=now,
        ),
        "concern": Concern.objects.create(brand=other, text="c", raised_by=user, raised_at=now),
        "mention": Mention.objects.create(
            brand=other,
            network="practice",
            native_id="1",
            author_handle="x",
            text="t",
            published_at=now,
            heard_at=now,
        ),
        "narrative": Narrative.objects.create(brand=other, key="k", label="l", first_at=now, last_at=now),
        "query": Query.objects.create(brand=other, name="q", expression="x", saved_at=now),
        "view": SavedFilter.objects.create(brand=other, user=user, name="f", query="q=x"),
        "shift": Shift.objects.create(
            brand=other, user=user, starts_at=now, ends_at=now + timedelta(hours=1)
        ),
        "channel": Channel.objects.create(user=user, kind="email", address="x@example.org", added_at=now),
        "document": Document.objects.create(
            brand=other, version=77, language="en", text="t", published_at=now
        ),
        "rule": Rule.objects.create(brand=other, key="k", kind="forbidden", title="r", changed_at=now),
        "task": Task.objects.create(brand=other, title="t", made_at=now),
        "pause": Pause.objects.create(
            brand=other, scope="brand", reason="r", started_by=user, started_at=now, review_at=now
        ),
        "post": Post.objects.create(
            brand=other,
            account=account,
            text="t",
            author=user,
            edited_by=user,
            made_at=now,
            changed_at=now,
            key=uuid.uuid4(),
        ),
        "fact": Fact.objects.create(brand=other, crisis=crisis, text="f", state="confirmed", by=user, at=now),
        "conversation": Conversation.objects.create(
            brand=other, network="practice", thread="1", handle="x", waits_since=now
        ),
        "measure": PreventiveMeasure.objects.create(review=review, text="m"),
        "import": Import.objects.create(
            brand=other, source=source, name="f.csv", path="f", size=1, started_by=user, started_at=now
        ),
    }
    return {name: thing.pk for name, thing in made.items()}


# Which thing the number in a route stands for, by the beginning of its address.
NUMBERS = (
    ("crises/", "crisis"),
    ("accounts/", "account"),
    ("people/", "person"),
    ("on-call/shifts/", "shift"),
    ("on-call/channels/", "channel"),
    ("policy/rules/", "rule"),
    ("policy/", "document"),
    ("heard/views/", "view"),
    ("heard/", "mention"),
    ("narratives/", "narrative"),
    ("settings/queries/", "query"),
    ("settings/sources/", "source"),
    ("settings/import/", "import"),
    ("hooks/", "source"),
    ("alerts/", "alert"),
    ("concerns/", "concern"),
    ("known/", "known"),
    ("pause/", "pause"),
    ("pauses/", "pause"),
    ("tasks/", "task"),
    ("posts/", "post"),
    ("resume/", "post"),
    ("statements/", "statement"),
    ("facts/", "fact"),
    ("inbox/", "conversation"),
    ("reviews/", "review"),
    ("measures/", "measure"),
    ("mentions/", "mention"),
)
# One's own channels belong to a person and not to a brand; removing another's does nothing and says nothing.
HARMLESS = {"remove_channel", "remove_shift", "forget_view"}


def thing_of(pattern: str) -> str:
    rest = pattern.split("<slug:brand>/")[-1].split("{brand}/")[-1]
    return next(thing for start, thing in NUMBERS if rest.startswith(start))


@pytest.mark.django_db
def test_the_owner_of_one_brand_reaches_nothing_of_another(brand, owner, client_of, others_things):
    client = client_of(owner)
    before = _everything()
    for (path, name), _view in PAGES:
        if "<int:" not in path:
            continue
        number = 77 if "<int:version>" in path else others_things[thing_of(path)]
        url = address(path, brand.slug, number)
        allowed = (302, 404, 405) if name in HARMLESS else (404, 405)
        for answer in (
            client.get(url),
            client.post(url, {"reason": "x", "why": "x", "state": "done", "text": "x"}),
        ):
            assert answer.status_code in allowed, (
                f"{name} answered {answer.status_code} for another brand's thing"
            )
    assert _everything() == before


@pytest.mark.django_db
def test_the_api_reaches_nothing_of_another_brand(brand, owner, others_things, now):
    client = Client(headers={"authorization": f"Bearer {make_token(user=owner, name='t', now=now)}"})
    before = _everything()
    for method, path, _right in API:
        if "{int:pk}" in path:
            answer = client.generic(
                method, address(path, brand.slug, others_things[thing_of(path)]), b"{}", "application/json"
            )
            assert answer.status_code in (404, 422), f"{method} {path}: {answer.status_code}"
    assert _everything() == before


def _everything() -> dict:
    """Every row of every stage but what merely counts visits."""
    from django.apps import apps

    return {
        model.__name__: sorted(map(str, model.objects.values()))
        for model in apps.get_models()
        if model.__module__.startswith("stormdesk.")
        and model.__name__ not in ("LiveEvent", "ApiToken", "User")
    }


def actions():
    """(module, function) of every public action that is done by somebody."""
    for path in sorted(
        [*PACKAGE.glob("*/actions.py"), *PACKAGE.glob("*/actions/*.py"), *PACKAGE.glob("flows/*.py")]
    ):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = {argument.arg for argument in node.args.kwonlyargs}
                if "by" in names:
                    yield f"{path.relative_to(PACKAGE)}:{node.name}", node


# Nobody but the person whose thing it is can be meant: the action looks for `by`'s own row only.
ONES_OWN = {"listen/actions/wanted.py:remove_filter"}


@pytest.mark.parametrize(
    ("where", "node"), list(actions()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_action_asks_for_a_right_or_hands_on_who_does_it(where, node):
    """An action either asks the access module itself, or does everything through actions that do."""
    asks = False
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            asks |= name.startswith("require") or "may" in name
            hands_on = any(keyword.arg == "by" for keyword in call.keywords) and name not in (
                "record",
                "_record",
                "tell",
            )
            asks |= hands_on or any(
                isinstance(argument, ast.Name) and argument.id == "by" for argument in call.args
            )
    assert asks or where in ONES_OWN, f"{where} changes something without asking whether its person may"


def test_memberships_are_compared_only_in_the_access_module():
    """Nothing outside people/ looks at roles to decide what somebody may do."""
    guilty = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.parts
        and path.relative_to(PACKAGE).parts[0] not in ("people",)
        and re.search(r"\bRole\.(OWNER|LEAD)", path.read_text())
    ]
    # whom to call when nobody is on call, and which role a drill gives, are questions about roles and not about rights
    assert set(guilty) <= {"notify/queries.py", "flows/start_drill.py"}
