"""What users say on the command line: a theme a file, which adds its options to a command."""
