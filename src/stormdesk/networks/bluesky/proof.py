"""Proofs of possession (DPoP, RFC 9449) and of who asks (RFC 7523), signed with ES256 as atproto.com/specs/oauth demands.

A key is kept as text, a private JWK. Servers hand out numbers (nonces) that the next proof must contain; the last one
of each server is remembered in this process.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

MOST = 1000
ASSERTED = 60
"""Seconds an assertion of who asks is good for."""

_nonces: dict[str, str] = {}


def new_key() -> str:
    """A fresh P-256 key."""
    return json.dumps(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True))


def public(key: str) -> dict[str, str]:
    """The part of a key that everybody may know, with its thumbprint (RFC 7638) as its name."""
    whole = json.loads(key)
    part = {name: whole[name] for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(part, separators=(",", ":")).encode()).digest()
    return part | {
        "kid": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "use": "sig",
        "alg": "ES256",
    }


def headers(key: str, method: str, url: str, access: str = "") -> dict[str, str]:
    """What goes with one request: the proof and, where there is one, the short key it is bound to."""
    claims: dict[str, Any] = {
        "jti": uuid.uuid4().hex,
        "htm": method,
        "htu": url.split("?")[0].split("#")[0],
        "iat": int(time.time()),
    }
    if nonce := _nonces.get(_origin(url)):
        claims["nonce"] = nonce
    if access:
        digest = hashlib.sha256(access.encode()).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    shown = {name: value for name, value in public(key).items() if name in ("crv", "kty", "x", "y")}
    proof = jwt.encode(claims, _private(key), "ES256", headers={"typ": "dpop+jwt", "jwk": shown})
    return {"DPoP": proof} | ({"Authorization": f"DPoP {access}"} if access else {})


def assertion(key: str, client: str, issuer: str) -> dict[str, str]:
    """Form fields that say who asks, signed with the key whose public part the client's document shows."""
    now = int(time.time())
    claims = {
        "iss": client,
        "sub": client,
        "aud": issuer,
        "jti": uuid.uuid4().hex,
        "iat": now,
        "exp": now + ASSERTED,
    }
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, _private(key), "ES256", headers={"kid": public(key)["kid"]}),
    }


def heard(url: str, answered: Mapping[str, str]) -> None:
    """Remember the number a server wants to see next."""
    nonce = answered.get("dpop-nonce", "")
    if nonce and len(nonce) < 500:
        if len(_nonces) > MOST:
            _nonces.clear()
        _nonces[_origin(url)] = nonce


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _private(key: str) -> Any:
    return ECAlgorithm.from_jwk(key)
