"""What the window asks for: projects, jobs, sound and settings as Qt objects. Signals carry plain objects."""
