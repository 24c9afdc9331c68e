"""Tools without tables: clock, text, http, errors, retry. Knows nothing of Django."""
