"""A crisis and its parts in words."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise

from stormdesk.declare.models import Crisis, Measure, TeamMember
from stormdesk.declare.rules import CrisisRole, CrisisState, CrisisType, MeasureKind
from stormdesk.declare.words import MEASURE_WORDS, ROLE_WORDS, SEVERITY_WORDS, STATE_WORDS, TYPE_WORDS

register = template.Library()


@register.filter
def type_word(crisis: Crisis) -> str | Promise:
    """Faulty product, rumour …"""
    return TYPE_WORDS[CrisisType(crisis.type)]


@register.filter
def state_word(crisis: Crisis) -> str | Promise:
    """Active, contained …"""
    return STATE_WORDS[CrisisState(crisis.state)]


@register.filter
def severity_word(crisis: Crisis) -> str | Promise:
    """2, serious."""
    return SEVERITY_WORDS[crisis.severity]


@register.filter
def crisis_role_word(member: TeamMember) -> str | Promise:
    """lead, deputy …"""
    return ROLE_WORDS[CrisisRole(member.role)]


@register.filter
def measure_word(measure: Measure) -> str | Promise:
    """What was to be done at once."""
    return MEASURE_WORDS[MeasureKind(measure.kind)]
