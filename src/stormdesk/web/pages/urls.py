"""Addresses of the pages that join stages."""

from django.urls import path

from stormdesk.web.pages import accounts, crisis_room, drills, first_run, operation, people, taking

urlpatterns = [
    path("metrics", operation.metrics, name="metrics"),
    path("taken/<str:token>/", taking.i_have_it, name="i_have_it"),
    path("start/", first_run.start, name="start"),
    path("b/<slug:brand>/start/words/", first_run.words, name="start_words"),
    path("b/<slug:brand>/start/source/", first_run.source, name="start_source"),
    path("drills/", drills.choose, name="start_drill"),
    path("b/<slug:brand>/drill/", drills.drill, name="drills"),
    path("b/<slug:brand>/drill/reports/<slug:key>/", drills.report, name="drill_report"),
    path("b/<slug:brand>/drill/end/", drills.end, name="end_drill"),
    path("b/<slug:brand>/crisis/", crisis_room.current, name="crisis_room"),
    path("b/<slug:brand>/declare/", crisis_room.declare, name="declare"),
    path("b/<slug:brand>/crises/<int:pk>/", crisis_room.room, name="crisis"),
    path("b/<slug:brand>/crises/<int:pk>/timeline/", crisis_room.timeline, name="crisis_timeline"),
    path("b/<slug:brand>/crises/<int:pk>/note/", crisis_room.note, name="crisis_note"),
    path("b/<slug:brand>/crises/<int:pk>/state/", crisis_room.state, name="crisis_state"),
    path("b/<slug:brand>/crises/<int:pk>/severity/", crisis_room.severity, name="crisis_severity"),
    path("b/<slug:brand>/crises/<int:pk>/role/", crisis_room.role, name="crisis_role"),
    path("b/<slug:brand>/crises/<int:pk>/measure/", crisis_room.measure, name="crisis_measure"),
    path("b/<slug:brand>/accounts/", accounts.accounts, name="accounts"),
    path("b/<slug:brand>/accounts/law/", accounts.law, name="law"),
    path("b/<slug:brand>/accounts/lock/", accounts.lock, name="lock"),
    path("b/<slug:brand>/accounts/unlock/", accounts.unlock, name="unlock"),
    path("b/<slug:brand>/accounts/connect/<slug:network>/", accounts.connect, name="connect"),
    path("b/<slug:brand>/accounts/connected/<slug:network>/", accounts.connected, name="connected"),
    path(
        "b/<slug:brand>/accounts/connected/<slug:network>/client.json",
        accounts.client_document,
        name="client_document",
    ),
    path("b/<slug:brand>/accounts/<int:pk>/", accounts.account, name="account"),
    path("b/<slug:brand>/accounts/<int:pk>/check/", accounts.check, name="check_account"),
    path("b/<slug:brand>/accounts/<int:pk>/disconnect/", accounts.disconnect, name="disconnect_account"),
    path("b/<slug:brand>/people/", people.people, name="people"),
    path("b/<slug:brand>/people/invite/", people.invite, name="invite"),
    path("b/<slug:brand>/people/<int:pk>/", people.roles, name="person"),
]
