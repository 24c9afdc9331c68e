"""The ways to reach a person, one file each; `WAYS` is all of them. A new way is a file, a form and a line here."""

from stormdesk.notify.channels import email, matrix, ntfy, slack, telegram, webhook
from stormdesk.notify.channels.base import Letter, NotSent, Send
from stormdesk.notify.rules import ChannelKind

WAYS: dict[ChannelKind, Send] = {
    ChannelKind.EMAIL: email.send,
    ChannelKind.TELEGRAM: telegram.send,
    ChannelKind.SLACK: slack.send,
    ChannelKind.MATRIX: matrix.send,
    ChannelKind.NTFY: ntfy.send,
    ChannelKind.WEBHOOK: webhook.send,
}

__all__ = ["WAYS", "Letter", "NotSent", "Send"]
