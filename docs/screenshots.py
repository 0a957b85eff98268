"""Takes the pictures of the documentation from a running Twelvefold with its demonstration organisation.

    .venv/bin/python docs/screenshots.py http://127.0.0.1:8000 USER PASSWORD [FOLDER]

Needs Chromium. Each page is taken at 1400 and 390 pixels, light and dark.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


def take(browser: Browser, base: str, user: str, password: str, folder: Path) -> None:
    for theme, shade in (("light", ""), ("dark", "-dark")):
        for suffix, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
            )
            page = context.new_page()
            page.goto(f"{base}/sign-in/")
            page.screenshot(path=folder / f"sign-in{shade}{suffix}.png")
            page.get_by_label("User name").fill(user)
            page.get_by_label("Password").fill(password)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(f"{base}/")
            for name, path in PAGES.items():
                page.goto(f"{base}{path}")
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{name}{shade}{suffix}.png", full_page=name == "project")
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    print(f"{name}{shade}{suffix}: {wide} pixels wide on a screen of {width}")
            context.close()


def main() -> None:
    base, user, password = sys.argv[1:4]
    folder = Path(sys.argv[4]) if len(sys.argv) > 4 else Path(__file__).parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        take(browser, base.rstrip("/"), user, password, folder)
        browser.close()


if __name__ == "__main__":
    main()
