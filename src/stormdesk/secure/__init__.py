"""Locking: lockdown and its exact undoing."""
