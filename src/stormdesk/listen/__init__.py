"""Hearing: sources, queries, mentions, heartbeats, search."""
