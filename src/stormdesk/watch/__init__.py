"""Measuring the reaction to each action."""
