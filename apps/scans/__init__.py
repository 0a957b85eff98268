"""The queue, the worker and the progress of scans."""
