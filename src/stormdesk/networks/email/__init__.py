"""E-mail: letters from customers, and alerts that other services send."""

from stormdesk.networks.email.client import Email

NETWORK = Email()

__all__ = ["NETWORK", "Email"]
