"""What Pulse says of each brand: its state in words, the last hours, what waits, what goes out next, who is on call."""
