"""What goes out: claim under the gate, a second look, the request, and the question afterwards (G1, G2, G3).

    scheduled ─claim─► sending ─► sent
                          │  ├─► scheduled again (surely did not happen)  ├─► failed (never will)
                          │  └─► unknown (may have happened, or the publisher died) ─reconcile─► sent | scheduled | a person
                          └─► held (a pause began before the request)

Nothing here keeps a transaction open while a network is asked.
"""

from stormdesk.publish.outbox.deleting import delete_once
from stormdesk.publish.outbox.pauses import confirm_pauses
from stormdesk.publish.outbox.reconciling import bury, reconcile_once
from stormdesk.publish.outbox.sending import run_once

__all__ = ["bury", "confirm_pauses", "delete_once", "reconcile_once", "run_once"]
