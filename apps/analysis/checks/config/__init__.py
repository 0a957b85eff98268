"""Factor 3: store config in the environment."""
