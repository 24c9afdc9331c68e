"""One folder per network. A folder with `NETWORK` in its `__init__.py` is found here by itself; nothing else to touch."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stormdesk.networks.base import Network

    ALL: Mapping[str, Network]


@cache
def _all() -> Mapping[str, Network]:
    found: dict[str, Network] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            network = importlib.import_module(f"{__name__}.{module.name}").NETWORK
            found[network.name] = network
    return MappingProxyType(found)


def get(name: str) -> Network:
    """The network called `name` ("mastodon", "rss", …). Raises KeyError for one that is not installed."""
    return _all()[name]


def __getattr__(attribute: str) -> Any:
    # Looked up late: networks import `stormdesk.networks.base`, which imports this package first.
    if attribute == "ALL":
        return _all()
    raise AttributeError(attribute)
