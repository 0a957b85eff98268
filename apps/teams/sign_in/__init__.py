"""How people sign in: accounts of this deployment, single sign-on, and what groups of the organisation mean here."""
