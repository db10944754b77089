"""The client of the partner API, against a server on loopback that does odd things."""
