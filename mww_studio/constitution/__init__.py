"""The law of the device, read from ARCHITECTURAL_CONSTITUTION.md, and its application to files."""
