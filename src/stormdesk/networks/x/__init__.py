"""X by its API v2: search, mentions, answers, private messages, posts with pictures."""

from stormdesk.networks.x.client import X

NETWORK = X()

__all__ = ["NETWORK", "X"]
