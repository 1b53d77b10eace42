"""The law: what a microWakeWord model must be, read from ARCHITECTURAL_CONSTITUTION.md, and its application to files."""
