"""What is measured, against whom: one file a question. `make bench` runs all of it."""
