"""The practice network: built in, private, for drills and for trying the product without an account anywhere."""

from stormdesk.networks.practice.client import Practice
from stormdesk.networks.practice.store import FileStore, Post, Store

NETWORK = Practice()

__all__ = ["NETWORK", "FileStore", "Post", "Practice", "Store"]
