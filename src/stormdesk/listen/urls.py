"""Heard, mentions, narratives; settings of sources, words and imports; webhooks."""

from django.urls import path

from stormdesk.listen.views import daily, heard, hooks, imports, mention, places, understanding

urlpatterns = [
    path("heard/", heard.heard, name="heard"),
    path("heard/views/", heard.save_view, name="save_view"),
    path("heard/views/<int:pk>/forget/", heard.forget_view, name="forget_view"),
    path("heard/bulk/", heard.bulk, name="heard_bulk"),
    path("heard/export.csv", heard.export, {"form": "csv"}, name="heard_csv"),
    path("heard/export.jsonl", heard.export, {"form": "jsonl"}, name="heard_jsonl"),
    path("heard/<int:pk>/", mention.mention, name="mention"),
    path("heard/<int:pk>/correct/", mention.correct, name="correct_mention"),
    path("narratives/<int:pk>/", mention.narrative, name="narrative"),
    path("daily/", daily.daily_review, name="daily_review"),
    path("settings/queries/", places.queries_page, name="queries"),
    path("settings/queries/<int:pk>/", places.queries_page, name="query"),
    path("settings/queries/<int:pk>/remove/", places.remove_query, name="remove_query"),
    path("settings/sources/", places.sources, name="sources"),
    path("settings/sources/add/<slug:network>/<slug:kind>/", places.add_source, name="add_source"),
    path("settings/sources/<int:pk>/", places.source, name="source"),
    path("settings/sources/<int:pk>/switch/", places.switch_source, name="switch_source"),
    path("settings/sources/<int:pk>/door/", places.door, name="door"),
    path("settings/understanding/", understanding.understanding, name="understanding"),
    path("settings/understanding/own/", understanding.use_own_heads, name="use_own_heads"),
    path("settings/import/", imports.imports, name="import"),
    path("settings/import/<int:pk>/", imports.one_import, name="one_import"),
    path("hooks/<int:pk>/", hooks.receive, name="hook"),
]
