"""How gunicorn serves the pages: threads, because a page waits for the database more than it computes."""

import os

from config import telemetry
from config.settings import LOGGING

bind = f"{os.environ.get('BIND_ADDRESS', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"  # noqa: S104  # nosec B104 - a container's port is published by its owner
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "config.web_worker.WebWorker"
threads = 8  # as many as the connections of a process to the database
timeout = 30
graceful_timeout = 10
max_requests = 10_000
max_requests_jitter = 1_000
control_socket_disable = True  # nobody asks; its default place is outside this deployment
forwarder_headers = ""  # else a caller that a proxy on this machine lets through says under which path we are
logconfig_dict = LOGGING  # one stream and one form for the server's own words too


def post_fork(_server: object, _worker: object) -> None:
    telemetry.start("web")
