"""The scorecard in a terminal: factor by factor, each item with its sentence and where to look."""

from __future__ import annotations

import contextlib
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from apps.catalog import FACTORS, ITEMS, State
from apps.scans.document import score_of
from apps.scoring import ItemStanding, gains, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apps.analysis.engine import Report
    from apps.analysis.findings import Finding
    from apps.catalog import Factor
    from apps.scoring import FactorScore, ProjectScore

    Tell = Callable[[str, float, str], None]

# Shape first, colour second: the card reads the same without colours.
GLYPHS = {State.MET: "●", State.PARTIAL: "◐", State.UNMET: "○", State.NA: "–", State.UNKNOWN: "?"}  # noqa: RUF001
PLAIN_GLYPHS = {State.MET: "+", State.PARTIAL: "~", State.UNMET: "x", State.NA: "-", State.UNKNOWN: "?"}
STYLES = {State.MET: "green", State.PARTIAL: "yellow", State.UNMET: "red", State.NA: "dim", State.UNKNOWN: "blue"}
STAGES = {"fetch": "Fetching", "read": "Reading", "check": "Checking"}
CITED = 3
NEXT_STEPS = 5


def print_card(report: Report, target: str) -> None:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # sentences quote what a terminal may be unable to show
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=False)
    glyphs = GLYPHS if "utf" in (sys.stdout.encoding or "").lower() else PLAIN_GLYPHS
    score = score_of(report)
    by_slug = {factor.slug: factor for factor in score.factors}
    _head(console, report, score, target)
    for factor in FACTORS:
        _factor(console, factor, by_slug[factor.slug], report, glyphs)
    _next_steps(console, report.findings)
    _foot(console, report, score, glyphs)


def _head(console: Console, report: Report, score: ProjectScore, target: str) -> None:
    console.print()
    console.print(Text.assemble((target, "bold"), f"  {report.commit[:12]}" if report.commit else "  (no repository)"))
    verdict = Text("No score yet: too little is decided.")
    if score.score is not None:
        verdict = Text.assemble((f"{whole(score.score)} / 100", "bold"), f"  grade {score.grade}")
    verdict.append(f"  coverage {score.coverage:.0%}")
    if score.provisional:
        verdict.append("  provisional", "yellow")
    if score.weakest:
        verdict.append(f"  weakest: {score.weakest}", "dim")
    console.print(verdict)
    if report.settings.get("root"):
        console.print(Text(f"The system is {report.settings['root']}, says {report.settings['path']}.", "dim"))


def _factor(console: Console, factor: Factor, score: FactorScore, report: Report, glyphs: dict[State, str]) -> None:
    proposed = {one["item"]: one for one in report.settings.get("proposals", ())}
    console.print()
    shown = "no score" if score.score is None else str(whole(score.score))
    line = Text.assemble(
        (glyphs[score.state], STYLES[score.state]), (f" {factor.number:>2}. {factor.name}", "bold"), f"  {shown}"
    )
    console.print(line)
    for item in factor.items:
        found = report.findings[item.id]
        sentence = Text.assemble((glyphs[found.state], STYLES[found.state]), f" {item.title}. ", (found.summary, "dim"))
        console.print(Padding(sentence, (0, 0, 0, 4), expand=False))
        if item.id in proposed:
            asks = f"Exception proposed until {proposed[item.id]['until']}: {proposed[item.id]['reason']}"
            console.print(Padding(Text(asks, "yellow"), (0, 0, 0, 6), expand=False))
        cited = [f"{place.path}:{place.line}" if place.line else place.path for place in found.evidence]
        if cited:
            more = f"  and {len(cited) - CITED} more" if len(cited) > CITED else ""
            console.print(Padding(Text("  ".join(cited[:CITED]) + more, "cyan"), (0, 0, 0, 6), expand=False))


def _next_steps(console: Console, findings: dict[str, Finding]) -> None:
    steps = gains(ItemStanding(item, found.state) for item, found in findings.items())
    decided = [(item, points) for item, points in steps if findings[item].state in {State.PARTIAL, State.UNMET}]
    if not decided:
        return
    console.print()
    console.print(Text("What to do next", "bold"))
    for item, points in decided[:NEXT_STEPS]:
        remedy = findings[item].remedy or ITEMS[item].remedy
        console.print(
            Padding(
                Text.assemble((f"+{points:.1f} ", "green"), f"{ITEMS[item].title}. {remedy}"),
                (0, 0, 0, 4),
                expand=False,
            )
        )


def _foot(console: Console, report: Report, score: ProjectScore, glyphs: dict[State, str]) -> None:
    console.print()
    counts = "  ".join(f"{glyphs[state]} {count} {state.value}" for state, count in score.counts.items())
    console.print(Text(counts, "dim"))
    if report.unread:
        console.print(Text(f"{len(report.unread)} files were not read; --json lists them with the reason.", "dim"))


@contextlib.contextmanager
def progress_bar() -> Iterator[Tell]:
    """A bar on standard error that disappears when the work is done."""
    columns = TextColumn("{task.description:<9}"), BarColumn(), TextColumn("{task.fields[about]}", style="dim")
    with Progress(*columns, console=Console(stderr=True, markup=False), transient=True) as progress:
        task = progress.add_task("", total=1.0, about="")

        def tell(stage: str, share: float, about: str) -> None:
            progress.update(task, description=STAGES.get(stage, stage), completed=share, about=about[:60])

        yield tell
