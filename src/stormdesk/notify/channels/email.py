"""E-mail through the installation's mail server: plain text, and with a picture the same words in HTML around it.

Many mail programs show no SVG in a letter, and nothing installed here turns SVG into PNG. So the picture is a part of its
own that the HTML points to (RFC 2392): programs that cannot show it in its place offer it as a file.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Mapping
from dataclasses import replace
from email.mime.image import MIMEImage

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stormdesk.notify.channels.base import Letter, NotSent

log = logging.getLogger("stormdesk.notify")

FILE = "stormdesk.svg"


def send(address: str, sealed: Mapping[str, str], letter: Letter) -> None:
    """Mail it to `address`. Raises NotSent."""
    if not settings.STORMDESK.smtp_url and settings.EMAIL_BACKEND.endswith("dummy.EmailBackend"):
        raise NotSent(
            _(
                "No mail server is set up, so no e-mail goes out. Ask the administrator to set STORMDESK_SMTP_URL."
            ),
            final=True,
        )
    try:
        _mail(address, letter)
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


def _mail(address: str, letter: Letter) -> None:
    """Hand it to the server; a letter that is refused for what is in it goes again without the picture."""
    if letter.picture is None:
        EmailMessage(letter.title, _words(letter), to=[address]).send()
        return
    try:
        _illustrated(address, letter).send()
    except smtplib.SMTPDataError as error:
        log.warning("The mail server answered %s to a letter with a picture", error.smtp_code)
        _mail(address, replace(letter, picture=None))


def _words(letter: Letter) -> str:
    lines = [letter.text, "", letter.link]
    if letter.acknowledge:
        lines += ["", _("I have it, call nobody else: %(link)s") % {"link": letter.acknowledge}]
    if letter.picture:
        lines += ["", _("The picture is attached: %(file)s opens in a browser.") % {"file": FILE}]
    return "\n".join([*lines, ""])


def _illustrated(address: str, letter: Letter) -> EmailMultiAlternatives:
    assert letter.picture
    name = f"picture-{letter.key}@stormdesk"
    mail = EmailMultiAlternatives(letter.title, _words(letter), to=[address])
    shown = {"letter": letter, "cid": name, "file": FILE, "language": get_language() or "en"}
    mail.attach_alternative(render_to_string("notify/letter.html", shown), "text/html")
    part = MIMEImage(letter.picture.svg.encode(), _subtype="svg+xml")
    part.add_header("Content-ID", f"<{name}>")
    part.add_header("Content-Disposition", "inline", filename=FILE)
    mail.attach(part)
    return mail
