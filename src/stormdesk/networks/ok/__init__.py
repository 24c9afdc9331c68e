"""Odnoklassniki (OK): private messages to a group."""

from stormdesk.networks.ok.client import Ok

NETWORK = Ok()

__all__ = ["NETWORK", "Ok"]
