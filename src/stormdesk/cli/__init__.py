"""The command `stormdesk`: one file a command, each with a first docstring line, `add_arguments` and `run`."""
