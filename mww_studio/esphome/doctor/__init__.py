"""Finds what keeps the wake word from working in a person's own ESPHome configuration, and mends single lines of it."""
