"""Telling staff: on call, acknowledgement, escalation."""
