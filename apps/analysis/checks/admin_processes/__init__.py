"""Checks of the admin processes factor."""
