"""The generic way in: any program that signs its messages can bring mentions."""

from stormdesk.networks.webhook.receive import NETWORK, Webhook, receive, sign

__all__ = ["NETWORK", "Webhook", "receive", "sign"]
