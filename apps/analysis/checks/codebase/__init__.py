"""Factor 1: one codebase tracked in revision control, many deploys."""
