"""Per project and item: what a scan found, what people say, and what holds."""
