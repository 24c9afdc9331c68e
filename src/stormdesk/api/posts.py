"""Posts and statements: draft, review, approve, schedule, publish."""

from __future__ import annotations

from ninja import Router

from stormdesk.accounts.queries import get_account
from stormdesk.api.access import needs
from stormdesk.api.shapes import (
    ApprovalIn,
    EditIn,
    PostIn,
    PostOut,
    PublishIn,
    ReleaseIn,
    ScheduleIn,
    StatementIn,
    StatementOut,
)
from stormdesk.core.clock import utcnow
from stormdesk.declare.queries import get_crisis
from stormdesk.people.access import PersonRequest
from stormdesk.people.models import Brand
from stormdesk.people.rules import Right
from stormdesk.publish import actions, queries
from stormdesk.publish.models import Post, Statement

router = Router(tags=["publishing"])


def _post(post: Post) -> dict:
    names = (
        "kind",
        "state",
        "text",
        "due_at",
        "hold_reason",
        "hold_detail",
        "sent_at",
        "native_id",
        "url",
        "failure",
    )
    return {"id": post.pk, "account": str(post.account), **{name: getattr(post, name) for name in names}}


@router.get("/posts", response=list[PostOut])
@needs(Right.SEE)
def posts(request: PersonRequest, brand: Brand, state: str = ""):
    """Posts of the brand, by due time; of one state, if given."""
    return [_post(row) for row in queries.posts_of(brand, states=(state,) if state else ())]


@router.post("/posts", response={201: PostOut})
@needs(Right.DRAFT)
def draft(request: PersonRequest, brand: Brand, given: PostIn):
    """A draft."""
    post = actions.draft_post(
        brand=brand,
        by=request.user,
        now=utcnow(),
        account=get_account(brand, given.account),
        text=given.text,
        due_at=given.due_at,
        language=given.language,
    )
    return 201, _post(post)


@router.get("/posts/{int:pk}", response=PostOut)
@needs(Right.SEE)
def post(request: PersonRequest, brand: Brand, pk: int):
    """One post."""
    return _post(queries.get_post(brand, pk))


@router.put("/posts/{int:pk}", response=PostOut)
@needs(Right.DRAFT)
def edit(request: PersonRequest, brand: Brand, pk: int, given: EditIn):
    """Another text; approvals given so far do not hold for it."""
    return _post(
        actions.edit_post(post=queries.get_post(brand, pk), by=request.user, now=utcnow(), text=given.text)
    )


@router.post("/posts/{int:pk}/review", response=PostOut)
@needs(Right.DRAFT)
def review(request: PersonRequest, brand: Brand, pk: int):
    """Send it for approval."""
    return _post(actions.send_for_review(post=queries.get_post(brand, pk), by=request.user, now=utcnow()))


@router.post("/posts/{int:pk}/approve", response=PostOut)
@needs(Right.APPROVE)
def approve(request: PersonRequest, brand: Brand, pk: int, given: ApprovalIn):
    """Yes or no, with a comment. Nobody approves their own text."""
    return _post(
        actions.approve_post(post=queries.get_post(brand, pk), by=request.user, now=utcnow(), **given.dict())
    )


@router.post("/posts/{int:pk}/schedule", response=PostOut)
@needs(Right.PUBLISH)
def schedule(request: PersonRequest, brand: Brand, pk: int, given: ScheduleIn):
    """Send it at that time. During a pause it will wait for a person."""
    return _post(
        actions.schedule_post(
            post=queries.get_post(brand, pk), by=request.user, now=utcnow(), due_at=given.due_at
        )
    )


@router.post("/posts/{int:pk}/release", response=PostOut)
@needs(Right.PUBLISH)
def release(request: PersonRequest, brand: Brand, pk: int, given: ReleaseIn):
    """Decide about a held post: send it now, move it, or drop it."""
    return _post(
        actions.release_held(post=queries.get_post(brand, pk), by=request.user, now=utcnow(), **given.dict())
    )


@router.delete("/posts/{int:pk}", response=PostOut)
@needs(Right.DRAFT)
def drop(request: PersonRequest, brand: Brand, pk: int):
    """Do not send it. It can be restored."""
    return _post(actions.drop_post(post=queries.get_post(brand, pk), by=request.user, now=utcnow()))


def _statement(row: Statement) -> dict:
    names = (
        "number",
        "kind",
        "title",
        "state",
        "language",
        "text",
        "short_text",
        "promise_at",
        "published_at",
    )
    missing = [str(line) for line in queries.approvals_needed(row)]
    return {"id": row.pk, "missing": missing, **{name: getattr(row, name) for name in names}}


@router.get("/statements", response=list[StatementOut])
@needs(Right.SEE)
def statements(request: PersonRequest, brand: Brand):
    """Statements of the brand, newest first."""
    return [_statement(row) for row in queries.statements_of_brand(brand)]


@router.post("/statements", response={201: StatementOut})
@needs(Right.DRAFT)
def draft_statement(request: PersonRequest, brand: Brand, given: StatementIn):
    """A new statement of a crisis."""
    fields = given.dict(exclude={"crisis"})
    row = actions.draft_statement(
        crisis=get_crisis(brand, given.crisis), by=request.user, now=utcnow(), **fields
    )
    return 201, _statement(row)


@router.get("/statements/{int:pk}", response=StatementOut)
@needs(Right.SEE)
def statement(request: PersonRequest, brand: Brand, pk: int):
    """One statement."""
    return _statement(queries.get_statement(brand, pk))


@router.post("/statements/{int:pk}/review", response=StatementOut)
@needs(Right.DRAFT)
def review_statement(request: PersonRequest, brand: Brand, pk: int):
    """Send it for approval; open blanks and findings that block are named instead."""
    return _statement(
        actions.send_statement_for_review(
            statement=queries.get_statement(brand, pk), by=request.user, now=utcnow()
        )
    )


@router.post("/statements/{int:pk}/approve", response=StatementOut)
@needs(Right.APPROVE)
def approve_statement(request: PersonRequest, brand: Brand, pk: int, given: ApprovalIn):
    """Yes or no. Nobody approves their own text."""
    return _statement(
        actions.approve_statement(
            statement=queries.get_statement(brand, pk), by=request.user, now=utcnow(), **given.dict()
        )
    )


@router.post("/statements/{int:pk}/publish", response=list[PostOut])
@needs(Right.PUBLISH)
def publish(request: PersonRequest, brand: Brand, pk: int, given: PublishIn):
    """Publish the approved text to these accounts, now. This cannot be undone."""
    made = actions.publish_statement_posts(
        statement=queries.get_statement(brand, pk),
        accounts=[get_account(brand, number) for number in given.accounts],
        by=request.user,
        now=utcnow(),
    )
    return [_post(row) for row in made]
