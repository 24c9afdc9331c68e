"""Django as a WSGI application; asgi.py puts it beside the live-event endpoint on one port."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stormdesk.config.settings")
application = get_wsgi_application()
