"""What people fill in: signing in, projects, and what they say of items."""
