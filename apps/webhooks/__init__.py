"""Deliveries from forges: who sent one, what it says, and which scans it asks for."""
