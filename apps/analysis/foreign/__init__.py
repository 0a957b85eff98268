"""What code in other languages than Python says."""
