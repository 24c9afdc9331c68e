"""VK: communities, their walls, comments and messages, and search in public posts."""

from stormdesk.networks.vk.client import Vk

NETWORK = Vk()

__all__ = ["NETWORK", "Vk"]
