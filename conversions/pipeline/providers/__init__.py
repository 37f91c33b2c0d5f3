"""Who writes a post. One module per provider, each answering a prompt with a reply; both SDKs fail in one way."""
