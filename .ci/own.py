"""Twelvefold judges itself, as of the last commit: what is not met is named with a reason in `.twelvefold.toml`.

`--write` draws the badge of the README anew; without it, a badge that says another grade fails the check.
"""

import json
import subprocess
import sys
from pathlib import Path

BADGE = Path("docs/images/twelve-factors.svg")
COLOURS = {"A": "#1a7f37", "B": "#1a7f37", "C": "#9a6700", "D": "#9a6700", "E": "#cf222e"}
DRAWN = """<svg xmlns="http://www.w3.org/2000/svg" width="124" height="20" role="img">
<title>twelve factors: {grade}</title>
<rect width="124" height="20" rx="4" fill="#24292f"/>
<path d="M96 0h24a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H96z" fill="{colour}"/>
<g fill="#fff" font-family="system-ui, sans-serif" font-size="12" text-anchor="middle">
<text x="48" y="14">twelve factors</text><text x="110" y="14" font-weight="700">{grade}</text>
</g>
</svg>
"""


def main() -> int:
    scan = [sys.executable, "manage.py", "scan", ".", "--json"]
    report = json.loads(subprocess.check_output(scan, text=True))
    proposed = {one["item"] for one in report["settings"]["proposals"]}
    open_items = {item: one for item, one in report["items"].items() if one["state"] not in {"met", "na"}}
    for item in open_items.keys() - proposed:
        print(f"{item}: {open_items[item]['state']}: {open_items[item]['summary']}", file=sys.stderr)
    for item in proposed - open_items.keys():
        print(f"{item} needs its exception in .twelvefold.toml no more.", file=sys.stderr)
    drawn = DRAWN.format(grade=report["grade"], colour=COLOURS[report["grade"]])
    if "--write" in sys.argv:
        BADGE.write_text(drawn, encoding="utf-8")
    elif BADGE.read_text(encoding="utf-8") != drawn:
        print(f"{BADGE} does not say {report['grade']}: python .ci/own.py --write", file=sys.stderr)
        return 1
    return int(open_items.keys() != proposed)


if __name__ == "__main__":
    sys.exit(main())
