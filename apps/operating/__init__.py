"""What whoever runs Twelvefold asks of it: prepare a release, tell what is wrong."""
