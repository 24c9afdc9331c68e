"""Facebook pages by the Graph API: comments, visitors' posts, mentions, messages, posts and posts that wait."""

from stormdesk.networks.facebook.client import Facebook

NETWORK = Facebook()

__all__ = ["NETWORK", "Facebook"]
