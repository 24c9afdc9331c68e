"""Telegram: channels, their comments, groups and private messages through a bot; public channels by their pages."""

from stormdesk.networks.telegram.client import Telegram

NETWORK = Telegram()

__all__ = ["NETWORK", "Telegram"]
