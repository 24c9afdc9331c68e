"""MAX: channels, their comments, chats and private messages through a bot."""

from stormdesk.networks.max.client import Max

NETWORK = Max()

__all__ = ["NETWORK", "Max"]
