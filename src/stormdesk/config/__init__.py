"""Settings from the environment, urls, and the server's entry points."""
