"""The standard: factors, items, criteria, remedies and grades, as data."""
