"""Work beside serving: maintenance, retraining, and rebuilding what was derived."""
