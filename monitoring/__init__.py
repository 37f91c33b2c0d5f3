"""Health, metrics and incidents."""
