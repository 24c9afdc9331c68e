"""What an account of Bluesky needs, and the ways to listen there, as forms ask for them."""

from __future__ import annotations

from stormdesk.networks.base import Field, Source, gettext_noop

FIELDS = (
    Field("handle", gettext_noop("Handle"), help=gettext_noop("Such as meadow.bsky.social, without @.")),
    Field(
        "app_password",
        gettext_noop("App password"),
        "password",
        secret=True,
        required=False,
        help=gettext_noop(
            "Not needed when you sign in, which works where Bluesky can reach this desk at an https address. From "
            "Settings → Privacy and security → App passwords; never the account's own password."
        ),
    ),
    Field(
        "server",
        gettext_noop("Server"),
        "url",
        required=False,
        help=gettext_noop("Only for an account on a server of its own; else leave it empty."),
    ),
)
SOURCES = (
    Source("notifications", gettext_noop("Mentions, replies and quotations"), needs_account=True),
    Source("messages", gettext_noop("Private messages"), needs_account=True),
    Source("search", gettext_noop("Search"), (Field("query", gettext_noop("Words")),), needs_account=True),
    Source(
        "stream",
        gettext_noop("The whole network as it happens"),
        (
            Field(
                "wire",
                gettext_noop("Way of reading"),
                "choice",
                required=False,
                choices=("jetstream", "firehose"),
                help=gettext_noop(
                    "Jetstream is lighter; the firehose comes straight from a server or relay."
                ),
            ),
            Field(
                "address",
                gettext_noop("Address of the stream"),
                required=False,
                help=gettext_noop("Empty: Bluesky's own Jetstream."),
            ),
            Field(
                "query",
                gettext_noop("Words to search for after a break"),
                required=False,
                help=gettext_noop(
                    "Used when the stream no longer has what was said meanwhile; needs an account."
                ),
            ),
        ),
        stream=True,
    ),
    Source(
        "account",
        gettext_noop("What one account says"),
        (
            Field(
                "actor",
                gettext_noop("Handle"),
                help=gettext_noop("Such as meadow.bsky.social, without @."),
            ),
        ),
    ),
    Source(
        "thread",
        gettext_noop("Answers under one post"),
        (Field("uri", gettext_noop("Address of the post"), help=gettext_noop("It begins with at://.")),),
    ),
)
