"""What an action changed: before against after, against what was expected without it."""
