"""Checks of factor 6, stateless processes."""
