"""Settings that differ between environments, and credentials."""
