#!/usr/bin/env python
"""Twelvefold's command line."""

import gc
import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["scan"]:  # needs neither settings nor servers, so it does not wait for them
        gc.disable()  # a scan leaves no cycles that are worth the search
        from apps.scans.cli import main as scan

        scan(sys.argv[2:])
    from apps.embedded.places import ServiceError
    from apps.embedded.services import attached_for

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    try:
        with attached_for(sys.argv):
            execute_from_command_line(sys.argv)
    except ServiceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
