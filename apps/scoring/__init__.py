"""Turns item states into scores, coverage and grades. Pure Python."""
