"""Prometheus metrics at /metrics, read from the database and the heartbeats: any process may answer."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Count
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from stormdesk.core.jobs import heartbeats, silent
from stormdesk.declare.models import Crisis
from stormdesk.declare.rules import OPEN_STATES
from stormdesk.detect.models import Alert
from stormdesk.detect.rules import WAITING
from stormdesk.listen.models import Mention, Source
from stormdesk.notify.auditing import late_calls, late_steps
from stormdesk.notify.models import Call
from stormdesk.pause.models import Pause
from stormdesk.publish.models import Post


def page(now: datetime) -> bytes:
    """The metrics in Prometheus' text format. No names of brands or people: only numbers of states."""
    registry = CollectorRegistry()

    def counted(name: str, help_: str, rows) -> None:
        gauge = Gauge(name, help_, ["state"], registry=registry)
        for state, number in rows.order_by().values_list("state").annotate(n=Count("pk")):
            gauge.labels(state).set(number)

    counted("stormdesk_posts", "Posts by state", Post.objects.all())
    counted("stormdesk_sources", "Sources by state", Source.objects.all())
    counted("stormdesk_calls", "Messages to staff by state", Call.objects.all())
    Gauge(
        "stormdesk_calls_late", "Messages and escalation steps that should have gone out", registry=registry
    ).set(late_calls(now).count() + late_steps(now).count())
    Gauge("stormdesk_alerts_waiting", "Alerts nobody has decided", registry=registry).set(
        Alert.objects.filter(state__in=WAITING).count()
    )
    Gauge("stormdesk_crises_open", "Crises not resolved", registry=registry).set(
        Crisis.objects.filter(state__in=OPEN_STATES).count()
    )
    Gauge("stormdesk_pauses_open", "Pauses not ended", registry=registry).set(
        Pause.objects.filter(ended_at__isnull=True).count()
    )
    newest = Mention.objects.order_by("-pk").values_list("pk", "heard_at").first()
    Gauge("stormdesk_mentions_heard", "Number of the newest mention", registry=registry).set(
        newest[0] if newest else 0
    )
    Gauge("stormdesk_last_mention_age_seconds", "Since the newest mention", registry=registry).set(
        (now - newest[1]).total_seconds() if newest else float("nan")
    )
    failures = Gauge(
        "stormdesk_job_failures", "Failures of a job since its process started", ["job"], registry=registry
    )
    runs = Gauge("stormdesk_job_runs", "Runs of a job since its process started", ["job"], registry=registry)
    for beat in heartbeats(settings.DATA).values():
        for name, job in beat.jobs.items():
            failures.labels(name).set(job.failures)
            runs.labels(name).set(job.runs)
    Gauge("stormdesk_processes_silent", "Processes that should speak and do not", registry=registry).set(
        len(silent(settings.DATA, now))
    )
    return generate_latest(registry)
