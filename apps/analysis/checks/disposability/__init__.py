"""Checks of the disposability factor."""
