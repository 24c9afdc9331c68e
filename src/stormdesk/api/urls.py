"""The JSON API."""

urlpatterns: list = []
