"""A partner API on loopback, to try the program against: with a bill, and with faults."""
