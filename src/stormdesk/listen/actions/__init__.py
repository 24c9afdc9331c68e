"""What a person or a job may do with listening; the only writer of this stage's tables."""

from stormdesk.listen.actions.ingest import Ingested, ingest

__all__ = ["Ingested", "ingest"]
