"""Teams, memberships, projects and who may do what."""
