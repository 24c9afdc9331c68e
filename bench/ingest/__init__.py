"""How fast a mention goes through the house, against its parts measured alone in the same run."""
