"""What a system leaves behind: trained models, files, and what processes keep between requests."""
