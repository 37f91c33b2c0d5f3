"""The door for people: server-rendered pages, no script needed."""
