"""Which addresses may be gone to. A name is resolved once and every address behind it must be public."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket

import httpx2

from stormdesk.core.http.errors import Blocked, Unreachable

ALLOW_VARIABLE = "STORMDESK_ALLOW_PRIVATE_HOSTS"
"""Comma list of host names or addresses that may be private: an own server in the same network, tests."""

# Cloud metadata that answers on a public-looking address.
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


async def check(url: str) -> None:
    """Is this an address we would go to? Raises Blocked or Unreachable; sends nothing to it."""
    await resolve(valid(url))


def valid(url: str) -> httpx2.URL:
    """The address, if it is one that can be asked. Raises Blocked."""
    try:
        target = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        raise Blocked(sent=False, host="…") from None
    if target.scheme not in ("http", "https") or not target.host or target.userinfo:
        raise Blocked(sent=False, host=target.host)
    return target


def host(url: str) -> str:
    """What may be said of an address in a sentence; empty if it is none."""
    try:
        return httpx2.URL(url).host
    except (httpx2.InvalidURL, ValueError):
        return ""


def origin(url: str) -> tuple[str, str, int | None]:
    """What a key may be sent to again."""
    target = valid(url)
    return target.scheme, target.host, target.port


async def resolve(target: httpx2.URL) -> list[str]:
    """The addresses behind a host, all checked. Raises Blocked, Unreachable."""
    name = target.raw_host.decode("ascii")
    port = target.port or (443 if target.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("name", sent=False, host=target.host) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = {name.strip().lower() for name in os.environ.get(ALLOW_VARIABLE, "").split(",")}
    if target.host.lower() not in allowed and not all(_public(address) for address in addresses):
        raise Blocked("private", sent=False, host=target.host)
    return addresses


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        # Addresses of the old internet inside the new one reach the same machines.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return _public(str(inner))
    return ip.is_global and not ip.is_multicast and ip not in _METADATA
