"""What a browser sees: the pages as they are drawn, and the ways through them."""
