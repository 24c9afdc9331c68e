"""Stopping: the switch and its scope."""
