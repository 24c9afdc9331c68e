"""Pictures of posts in the data folder: told by their first bytes, kept under names that nobody can guess."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404
from django.utils.translation import gettext as _

from stormdesk.core.errors import BadInput

LARGEST = 8 * 1024 * 1024
_KINDS = {
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"GIF87a": ("image/gif", "gif"),
    b"GIF89a": ("image/gif", "gif"),
}


def kind_of(head: bytes) -> tuple[str, str] | None:
    """Content type and ending of a picture by its first bytes, whatever its name says."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp", "webp"
    return next((kind for magic, kind in _KINDS.items() if head.startswith(magic)), None)


def keep(brand_id: int, upload: UploadedFile) -> dict[str, Any]:
    """Store an uploaded picture; returns its part of `Post.media`. Raises BadInput for anything else."""
    if upload.size is None or upload.size > LARGEST:
        raise BadInput(_("The picture is larger than 8 MB. Make it smaller; networks do so anyway."))
    content = upload.read()
    kind = kind_of(content[:16])
    if kind is None:
        raise BadInput(_("This file is no PNG, JPEG, GIF or WebP picture. Save it as one of these."))
    content_type, ending = kind
    name = f"{uuid.uuid4().hex}.{ending}"
    folder = Path(settings.MEDIA_ROOT) / "posts" / str(brand_id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return {
        "path": name,
        "content_type": content_type,
        "name": (upload.name or name)[:100],
        "size": len(content),
    }


def content(brand_id: int, name: str) -> bytes:
    """The bytes of a stored picture. Raises FileNotFoundError."""
    if not name or Path(name).name != name:
        raise FileNotFoundError(name)
    return (Path(settings.MEDIA_ROOT) / "posts" / str(brand_id) / name).read_bytes()


def served(brand_id: int, name: str) -> tuple[bytes, str]:
    """A stored picture and its content type, for a page. Raises Http404."""
    try:
        found = content(brand_id, name)
    except OSError:
        raise Http404 from None
    kind = kind_of(found[:16])
    if kind is None:
        raise Http404
    return found, kind[0]
