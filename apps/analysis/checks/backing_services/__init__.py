"""Checks of factor 4, backing services."""
