"""The parts that every page is made of; they know colours and sizes, and nothing about wake words on disk."""
