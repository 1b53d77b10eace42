"""How well a shipped model works, judged as the device judges."""
