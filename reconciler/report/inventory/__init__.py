"""What the account has against what is wanted, and what it costs: told in four formats."""
