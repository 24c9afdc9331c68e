"""Answering people one by one."""
