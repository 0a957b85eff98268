"""Views: read the request, ask one module for what the page shows, answer."""
