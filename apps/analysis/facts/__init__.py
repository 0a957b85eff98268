"""File facts: what one file says, as a pure function of its kind and content."""
