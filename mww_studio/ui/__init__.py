"""The window: a frame with a page for every step, over the services."""
