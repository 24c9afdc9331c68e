"""One file per button that touches several stages."""
