"""Professional Instagram accounts by the Graph API: comments, tags, hashtags, messages, posts with pictures."""

from stormdesk.networks.instagram.client import Instagram

NETWORK = Instagram()

__all__ = ["NETWORK", "Instagram"]
