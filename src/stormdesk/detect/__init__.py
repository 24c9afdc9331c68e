"""Noticing: series, alerts, silences, back-test."""
