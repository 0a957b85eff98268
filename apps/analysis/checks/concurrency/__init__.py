"""Checks of the concurrency factor."""
