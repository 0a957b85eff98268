"""Takes the pictures of the documentation from a running Twelvefold with its demonstration organisation.

    .venv/bin/python docs/screenshots.py http://127.0.0.1:8000 USER PASSWORD [FOLDER]

Needs Chromium. Without FOLDER the few pictures that the documentation shows are taken into docs/images; with it each
page, at 1400 and 390 pixels, light and dark, to be looked at.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAGES = {
    "overview": "/",
    "overview-empty": "/?q=nothing-is-called-this",
    "teams": "/teams/",
    "team": "/teams/fraud/",
    "history": "/history/",
    "factor": "/factors/config/",
    "project": "/projects/card-fraud-scorer/",
    "tick": "/projects/card-fraud-scorer/items/config.secrets/tick/",
    "add": "/projects/add/",
    "scores": "/scores/",
    "item": "/catalog/config.secrets/",
    "missing": "/projects/nothing/",
}
SIZES = {"": (1400, 900), "-mobile": (390, 844)}
SHOWN = {"overview", "overview-dark", "project", "tick", "team", "history", "factor"}


def sign_in(page: Page, base: str, user: str, password: str) -> None:
    page.goto(f"{base}/sign-in/")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{base}/")


def take(browser: Browser, who: tuple[str, str, str], folder: Path, wanted: set[str] | None) -> None:
    """Takes the pictures that are wanted, None means all, as `who` (address, user, password).

    Tells of pages that scroll sideways.
    """
    for theme, shade in (("light", ""), ("dark", "-dark")):
        for suffix, (width, height) in SIZES.items():
            names = [name for name in PAGES if wanted is None or f"{name}{shade}{suffix}" in wanted]
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
            )
            page = context.new_page()
            sign_in(page, *who)
            for name in names:
                page.goto(f"{who[0]}{PAGES[name]}")
                page.wait_for_load_state("networkidle")
                path = folder / f"{name}{shade}{suffix}.png"
                page.screenshot(path=path, full_page=wanted is None and name == "project")
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    print(f"{path.stem}: {wide} pixels wide on a screen of {width}")
            context.close()


def main() -> None:
    base, user, password = sys.argv[1:4]
    folder = Path(sys.argv[4]) if len(sys.argv) > 4 else Path(__file__).parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        take(browser, (base.rstrip("/"), user, password), folder, None if len(sys.argv) > 4 else SHOWN)
        browser.close()


if __name__ == "__main__":
    main()
