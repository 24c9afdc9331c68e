"""The process tree of `stormdesk up`: a light parent, and web, worker and ingest beside each other below it."""
