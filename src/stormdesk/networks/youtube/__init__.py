"""YouTube by its Data API v3: comments on channels and videos, search for videos, answers and moderation."""

from stormdesk.networks.youtube.client import YouTube

NETWORK = YouTube()

__all__ = ["NETWORK", "YouTube"]
