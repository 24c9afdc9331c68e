"""The JSON API, as thin as a view."""
