"""Checks of factor 11, logs."""
