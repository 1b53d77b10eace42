"""Long work: what it is, what it says while it runs, and the process that does it."""
