"""The API door of accounts."""
