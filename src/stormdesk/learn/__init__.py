"""Remembering: reviews, drills, export."""
