"""Dev/prod parity: keep development, staging, and production as similar as possible."""
