"""Dividing the work: tasks and nudges."""
