"""Speaking: posts, statements, approvals and the outbox."""
