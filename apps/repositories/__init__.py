"""The git edge: which addresses may be fetched, and reading one commit."""
