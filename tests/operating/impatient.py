"""A web process that waits a second for a request, so that a test need not wait half a minute."""

from config.web_worker import WebWorker


class ImpatientWorker(WebWorker):
    seconds_for_a_request = 1.0
