"""The commands, one a file: each has a `command`, which is imported when it is called."""
