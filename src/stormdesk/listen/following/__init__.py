"""Following sources that have a stream: `reader` keeps the connections, `follower` stores what they say."""

from stormdesk.listen.following.follower import Follower, follow_streams

__all__ = ["Follower", "follow_streams"]
