"""Listening to networks: reading streams beside the bare decoder, coming back after a break, requests an hour."""
