"""What the suite of hostile servers needs to get past the door: a session that opens. Not a test itself."""

from __future__ import annotations

import json

from stormdesk.core.tests.hostile import reply

SETTINGS = {
    "handle": "brand.test",
    "uri": "at://did:plc:x/app.bsky.feed.post/3l3qo2vutsw2b",
    "native_id": "at://did:plc:brand/app.bsky.feed.post/3l3qo2vutsw2b",
}
SECRET = {"app_password": "top-secret"}
SESSION = {"did": "did:plc:brand", "handle": "brand.test", "accessJwt": "a.b.c", "refreshJwt": "r.e.f"}
HONEST = {"/xrpc/com.atproto.server.createSession": reply(200, json.dumps(SESSION).encode())}
