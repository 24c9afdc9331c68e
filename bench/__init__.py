"""What docs/measures.md reports; see bench/README.md."""
