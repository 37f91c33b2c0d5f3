"""Commands that need a terminal rather than a browser."""
