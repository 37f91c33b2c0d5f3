"""Evaluations on corpora that are handed in, never copied."""
