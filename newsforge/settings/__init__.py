"""Settings: base and its parts, and one module for each place the product runs in."""
