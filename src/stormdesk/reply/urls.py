"""The inbox."""

from django.urls import path

from stormdesk.reply import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<int:pk>/", views.conversation, name="conversation"),
    path("inbox/<int:pk>/draft/", views.draft, name="reply_draft"),
    path("inbox/<int:pk>/findings/", views.findings, name="reply_findings"),
    path("inbox/<int:pk>/answer/", views.answer, name="answer"),
    path("inbox/<int:pk>/take/", views.take, name="take_conversation"),
    path("inbox/<int:pk>/release/", views.release, name="release_conversation"),
    path("inbox/<int:pk>/assign/", views.assign, name="assign_conversation"),
    path("inbox/<int:pk>/close/", views.close, name="close_conversation"),
    path("inbox/<int:pk>/close-public/", views.close_public, name="close_public"),
    path("inbox/<int:pk>/reopen/", views.reopen, name="reopen_conversation"),
    path("inbox/<int:pk>/note/", views.note, name="conversation_note"),
]
