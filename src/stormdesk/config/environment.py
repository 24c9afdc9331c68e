"""Every setting an administrator may change, read from the environment; nothing else is configuration."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """The variables, with the defaults of one small server."""

    model_config = SettingsConfigDict(env_prefix="STORMDESK_", extra="ignore", case_sensitive=False)

    data: Path = Field(Path("var"), description="Folder of the database, key files, uploads and run files.")
    database_url: str = Field(
        "",
        alias="DATABASE_URL",
        description="postgres://user:password@host:port/name; empty means SQLite in the data folder.",
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8080, description="Port the web server listens on.")
    public_url: str = Field(
        "", description="Address people open, for links in messages; default http://host:port."
    )
    allowed_hosts: str = Field(
        "", description="More host names that may be used to reach the site, with commas."
    )
    secret_key: str = Field(
        "", description="Signs sessions; default: the file secret.key in the data folder."
    )
    debug: bool = Field(False, description="Developers only.")
    language: str = Field(
        "en", description="Language of the first page: en or ru; people and browsers choose their own."
    )
    time_zone: str = Field("UTC", description="Time zone of new brands and of people without one.")
    smtp_url: str = Field(
        "",
        description="smtp://user:password@host:port or smtps://…; empty: mail is not sent, and pages say so.",
    )
    mail_from: str = Field("stormdesk@localhost", description="Sender of the mail that Stormdesk sends.")
    mail_pictures: bool = Field(
        True,
        description="Mail about an alert carries its picture, an SVG; `false` where a filter holds back such mail.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field("json", description="json, or text for reading by eye.")
    metrics_token: str = Field(
        "", description="Bearer token for /metrics; empty: only this machine itself may read them."
    )
    allow_private_hosts: str = Field(
        "", description="Hosts inside your own network that sources and webhooks may reach, with commas."
    )

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def url(self) -> str:
        """Where people open Stormdesk, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def database(self) -> dict:
        """Django's description of the database."""
        if not self.database_url:
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(self.data / "stormdesk.sqlite3"),
                # Deferred transactions fail at once with "database is locked" when they turn into writers,
                # whatever the timeout; immediate ones wait their turn.
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; "
                    "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=134217728;",
                },
            }
        parts = urlsplit(self.database_url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }

    def mail(self) -> dict:
        """Django's mail settings; without a mail server, mail goes nowhere."""
        if not self.smtp_url:
            return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
        parts = urlsplit(self.smtp_url)
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_TIMEOUT": 15,
        }
