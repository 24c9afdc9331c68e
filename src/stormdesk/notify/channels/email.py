"""E-mail through the installation's mail server."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from stormdesk.notify.channels.base import Letter, NotSent


def send(address: str, sealed: Mapping[str, str], letter: Letter) -> None:
    """Mail it to `address`. Raises NotSent."""
    if not settings.STORMDESK.smtp_url and settings.EMAIL_BACKEND.endswith("dummy.EmailBackend"):
        raise NotSent(
            _(
                "No mail server is set up, so no e-mail goes out. Ask the administrator to set STORMDESK_SMTP_URL."
            ),
            final=True,
        )
    lines = [letter.text, "", letter.link]
    if letter.acknowledge:
        lines += ["", _("I have it, call nobody else: %(link)s") % {"link": letter.acknowledge}]
    try:
        EmailMessage(letter.title, "\n".join([*lines, ""]), to=[address]).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
        codes = [code for code, _text in getattr(error, "recipients", {}).values()] or [
            getattr(error, "smtp_code", 500)
        ]
        raise NotSent(
            _("The mail server refused %(address)s.") % {"address": address}, final=min(codes) >= 500
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(
            _("The mail server did not take the message: %(error)s") % {"error": type(error).__name__}
        ) from None
