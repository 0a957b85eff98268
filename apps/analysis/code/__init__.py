"""What Python code says: its names, its imports, and where its values come from."""
