"""A wake word on disk: a folder with an SQLite library, audio files, runs and exports."""
