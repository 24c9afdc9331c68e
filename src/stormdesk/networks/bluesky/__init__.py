"""Bluesky, and every server of the AT Protocol that carries its posts."""

from stormdesk.networks.bluesky.client import Bluesky

NETWORK = Bluesky()

__all__ = ["NETWORK", "Bluesky"]
