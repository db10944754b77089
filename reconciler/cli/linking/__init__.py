"""Where the person with the phone looks, while `link` links phones."""
