"""The demonstration organisation: invented teams whose repositories are real and are scanned like any other."""
