"""Server time of the pages across projects, on the organisation that benchmarks/organisation.py makes.

    python benchmarks/pages.py [--rounds 30]

Each page is asked for as a whole and as the fragment that htmx gets, interleaved with a page of the same bytes that is
a template without a single tag, through the same middleware with the same session. Prints medians in milliseconds, of
them those of this process (the rest waits for the database), the number of queries, and the ratio to the static page.
Ends with an error if a fragment takes more than 60 ms or a whole page more than 150 ms.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from organisation import open_database

if TYPE_CHECKING:
    from collections.abc import Callable

FRAGMENT, WHOLE = 60, 150  # milliseconds
FRAGMENT_HEADERS = {"HX-Request": "true"}
PAGES = {
    "overview": "/",
    "overview, by score": "/?sort=score&group=none",
    "overview, filtered": "/?state=unmet&factor=config&kind=serves&mark=stale",
    "team": "/teams/team-007/",
    "teams": "/teams/",
    "project": "/projects/project-0007/",
    "history, 90 days": "/history/",
    "history, a year": "/history/?days=365",
    "factor": "/factors/config/",
}


def static_pages() -> tuple[ModuleType, dict[str, Any]]:
    """An address book with one more page: the template that is in the returned dictionary."""
    from django.http import HttpRequest, HttpResponse
    from django.template import Context
    from django.urls import include, path

    held: dict[str, Any] = {}

    def static(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(held["template"].render(Context()))

    book = ModuleType("static_pages")
    book.urlpatterns = [path("static-page/", static), path("", include("config.urls"))]  # type: ignore[attr-defined]
    return book, held


def milliseconds(act: Callable[[], object]) -> tuple[float, float]:
    """What the act takes by the clock, and of this process."""
    begin, busy = time.perf_counter(), time.process_time()
    act()
    return 1000 * (time.perf_counter() - begin), 1000 * (time.process_time() - busy)


def measure(client: Any, path: str, headers: dict[str, str], held: dict[str, Any], rounds: int) -> tuple[Any, ...]:
    """Medians of the page by the clock and of this process, and of its static twin; its bytes and its queries."""
    from django.db import connection
    from django.template import Template
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        response = client.get(path, headers=headers)
    queries = len(captured)  # further requests forget them
    if response.status_code != 200:
        raise SystemExit(f"{path} answers {response.status_code}")
    held["template"] = Template("{% verbatim %}" + response.content.decode() + "{% endverbatim %}")
    page, twin = [], []
    for _ in range(rounds):
        page.append(milliseconds(lambda: client.get(path, headers=headers)))
        twin.append(milliseconds(lambda: client.get("/static-page/")))
    clock, process = (statistics.median(one) for one in zip(*page, strict=True))
    return clock, process, statistics.median(one for one, _ in twin), len(response.content), queries


def run(rounds: int) -> int:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", interactive=False, verbosity=0)
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ROOT_URLCONF, held = static_pages()
    client = Client()
    client.force_login(User.objects.get(username="person-0"))
    print(f"{'page':<32}{'ms':>8}{'process':>9}{'static':>8}{'ratio':>7}{'kB':>7}{'queries':>9}")
    slow = 0
    for name, path in PAGES.items():
        for part, headers, budget in (("whole", {}, WHOLE), ("fragment", FRAGMENT_HEADERS, FRAGMENT)):
            page, process, twin, size, queries = measure(client, path, headers, held, rounds)
            slow += page > budget
            mark = "  over budget" if page > budget else ""
            figures = f"{page:8.1f}{process:9.1f}{twin:8.1f}{page / twin:7.1f}{size / 1000:7.0f}{queries:9}{mark}"
            print(f"{f'{name}: {part}':<32}{figures}")
    return slow > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with ExitStack() as stack:
        open_database(stack, fresh=False)
        return run(options.rounds)


if __name__ == "__main__":
    sys.exit(main())
