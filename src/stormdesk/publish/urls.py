"""Addresses of the calendar, the composer, the resume review, the wire and the statements."""

from django.urls import path

from stormdesk.publish.views import calendar, posts, resume, statements

urlpatterns = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("posts/new/", posts.compose, name="compose"),
    path("posts/check/", posts.check, name="post_check"),
    path("posts/pictures/<str:name>", posts.picture, name="post_picture"),
    path("posts/<int:pk>/", posts.post, name="post"),
    path("posts/<int:pk>/edit/", posts.edit, name="post_edit"),
    path("posts/<int:pk>/review/", posts.to_review, name="post_review"),
    path("posts/<int:pk>/approve/", posts.approve, name="post_approve"),
    path("posts/<int:pk>/schedule/", posts.schedule, name="post_schedule"),
    path("posts/<int:pk>/drop/", posts.drop, name="post_drop"),
    path("posts/<int:pk>/restore/", posts.restore, name="post_restore"),
    path("posts/<int:pk>/settle/", posts.settle, name="post_settle"),
    path("posts/<int:pk>/delete/", posts.delete, name="post_delete"),
    path("resume/", resume.review, name="resume_review"),
    path("resume/<int:pk>/", resume.review, name="resume_post"),
    path("resume/<int:pk>/decide/", resume.decide, name="resume_decide"),
    path("wire/", resume.wire, name="on_the_wire"),
    path("statements/", statements.statements, name="statements"),
    path("statements/new/", statements.new, name="statement_new"),
    path("statements/check/", statements.check, name="statement_check"),
    path("statements/<int:pk>/", statements.statement, name="statement"),
    path("statements/<int:pk>/edit/", statements.edit, name="statement_edit"),
    path("statements/<int:pk>/review/", statements.to_review, name="statement_review"),
    path("statements/<int:pk>/approve/", statements.approve, name="statement_approve"),
    path("statements/<int:pk>/publish/", statements.publish, name="statement_publish"),
    path("statements/<int:pk>/withdraw/", statements.withdraw, name="statement_withdraw"),
    path("facts/new/", statements.new_fact, name="fact_new"),
    path("facts/<int:pk>/settle/", statements.settle_fact, name="fact_settle"),
]
