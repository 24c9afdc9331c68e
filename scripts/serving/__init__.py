"""What scripts/services starts: one service a file, each with `start(processes) -> variables for the tests`."""
