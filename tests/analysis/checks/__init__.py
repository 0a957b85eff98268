"""Tests of the checks, by factor."""
