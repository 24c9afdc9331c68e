"""Deciding: the crisis, its roles and states, and its copy of the playbook."""
