"""Pages of listening: Heard, a mention, a narrative, sources, queries, imports, the daily review, webhooks."""
