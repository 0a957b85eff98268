"""Build, release, run: strictly separate build and run stages."""
