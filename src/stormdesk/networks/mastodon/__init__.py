"""Mastodon and every server that speaks its client API (Pleroma, GoToSocial, snac, …)."""

from stormdesk.networks.mastodon.client import Mastodon

NETWORK = Mastodon()

__all__ = ["NETWORK", "Mastodon"]
