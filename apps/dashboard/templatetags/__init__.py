"""Template tags that draw marks and charts."""
