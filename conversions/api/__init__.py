"""The API door of conversions."""
