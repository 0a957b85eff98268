"""Checks of the port binding factor."""
