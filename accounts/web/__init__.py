"""The door for people to their own account."""
