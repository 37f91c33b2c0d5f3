"""An article becomes a post. ``convert.py`` has the steps in the order they happen; start there."""
