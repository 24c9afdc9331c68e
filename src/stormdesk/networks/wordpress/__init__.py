"""WordPress: the comments under a site's posts, and the posts themselves."""

from stormdesk.networks.wordpress.client import WordPress

NETWORK = WordPress()

__all__ = ["NETWORK", "WordPress"]
