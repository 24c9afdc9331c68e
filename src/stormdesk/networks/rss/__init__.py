"""RSS and Atom: news sites, blogs, forums, and the comment feeds of many of them."""

from stormdesk.networks.rss.client import Rss

NETWORK = Rss()

__all__ = ["NETWORK", "Rss"]
