"""Measurements: what the product does on corpora and under load, side by side."""
