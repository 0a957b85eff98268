"""Judges the files of one commit: snapshot, facts, checks, findings. Pure Python."""
