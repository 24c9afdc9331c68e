"""Roles and rights in words."""

from django.utils.translation import gettext_lazy as _

from stormdesk.people.rules import Right, Role

ROLE_WORDS = {
    Role.OWNER: _("owner"),
    Role.LEAD: _("lead"),
    Role.APPROVER: _("approver"),
    Role.PUBLISHER: _("publisher"),
    Role.RESPONDER: _("answers people"),
    Role.ANALYST: _("analyst"),
    Role.VIEWER: _("reads"),
}

RIGHT_WORDS = {
    Right.SEE: _("see everything heard"),
    Right.EXPORT: _("take data out"),
    Right.CORRECT: _("correct and raise concerns"),
    Right.ALERTS: _("take alerts"),
    Right.PAUSE: _("pause publishing"),
    Right.RESUME: _("lift a pause"),
    Right.CRISIS: _("declare a crisis"),
    Right.LOCK: _("lock the accounts"),
    Right.TASKS: _("tasks and timeline"),
    Right.DRAFT: _("write posts and statements"),
    Right.APPROVE: _("approve others’ texts"),
    Right.PUBLISH: _("schedule and publish"),
    Right.REPLY: _("answer people"),
    Right.POLICY: _("change the policy"),
    Right.ACCOUNTS: _("connect accounts"),
    Right.SETTINGS: _("sources, words, on call"),
    Right.PEOPLE: _("invite people, give roles"),
    Right.REVIEW: _("reviews and drills"),
}
