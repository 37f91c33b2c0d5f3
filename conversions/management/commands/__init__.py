"""One module a command; the name is the file's."""
