"""Reddit by its Data API: subreddits, comments, search, the inbox, own posts and a subreddit of one's own."""

from stormdesk.networks.reddit.client import Reddit

NETWORK = Reddit()

__all__ = ["NETWORK", "Reddit"]
