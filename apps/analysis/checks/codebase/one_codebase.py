"""One repository holds the whole system, and there are no parallel copies of the same code.

## What it does
Looks for code files that are equal but for comments and white space, for functions and notebook cells that were copied
from file to file, for modules that share functions of the same names and sizes (nearly all where one has the name of
the other and a word more: `train_gpu.py`), for names that mark a copy (`train_old.py`, `model (1).ipynb`, `app_v2.py`
beside `app.py`, a folder for each environment, a notebook's export, what a build left), for code inside archives, and
for imports of own modules that are not in the repository.

*Met* when none of these is found. *Partial* for a few copies. *Unmet* when a good part of the code is copied, when code
is tracked inside archives, or when a module that the code rests on is plainly missing. Dockerfiles, requirements and
infrastructure repeated per environment are no copies of code; neither are tutorials.

## Why it matters
A copied feature function is fixed in training and forgotten in serving, and the model then sees data that it never
learned from. With one codebase a commit names the whole system: what was trained, how, and what serves it.

## How to adopt it
Move what two files share into a module, and let version control remember the old ones.

```text
before                     after
train.py                   train.py
train_v2.py                features.py   (imported by both train.py and serve.py)
serve.py  (same features)  serve.py
```

## References
- The Twelve-Factor App, I. Codebase: https://12factor.net/codebase
- Sculley et al., Hidden Technical Debt in Machine Learning Systems
"""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from apps.analysis.code import copies, copy_names, missing
from apps.analysis.findings import Effort, finding
from apps.analysis.foreign import languages
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.facts.model import Block
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts, File

MANY_FILES = 4
LARGE_SHARE = 1 / 3


def check(facts: Facts) -> Finding:
    code = [file for file, _ in facts.telling(_is_code)]
    if not code:
        return finding(
            State.UNMET,
            "No source code of a system was found among the tracked files.",
            remedy="Track the code of the system in this repository.",
            effort=Effort.DAYS,
        )
    lacking = missing.modules(facts)
    if lacking:
        names = ", ".join(sorted({f"`{one.module.rpartition('.')[0]}`" for _, one in lacking})[:3])
        essential = any(missing.carries(facts, file) for file, _ in lacking)
        return finding(
            State.UNMET if essential else State.PARTIAL,
            f"Own code is missing: {names} is imported but not tracked.",
            [file.at(one.line) for file, one in lacking],
            remedy="Commit the missing modules, or mend the imports.",
            effort=Effort.HOURS,
        )
    same, marked, blocks = copies.identical_files(facts), copy_names.copies(facts), copies.identical_blocks(facts)
    archives = copies.code_archives(facts)
    copied = {file.path for group in same for file in group[1:]} | {file.path for file in marked}
    evidence = [
        *(file.at() for group in same for file in group[:3]),
        *(file.at() for file in marked),
        *(file.at(block.line) for group in blocks for file, block in group[:3]),
    ]
    if archives:
        return finding(
            State.UNMET,
            f"Code is tracked inside an archive: `{archives[0].path}`.",
            [file.at() for file in archives],
            remedy="Unpack the archive and track its files.",
            effort=Effort.HOURS,
        )
    repeated = len(copied.intersection(file.path for file in code))
    if repeated >= MANY_FILES and repeated >= LARGE_SHARE * len(code):
        return finding(
            State.UNMET,
            f"Copying is the way of working: {repeated} of {len(code)} code files are copies of others.",
            evidence,
            remedy="Keep one of each and let version control hold the rest.",
            effort=Effort.DAYS,
        )
    mirrored = copies.mirrored_folders(facts)
    if mirrored:
        one, other = mirrored[0]
        inside = [file.at() for file in facts.scripts if file.path.startswith((f"{one}/", f"{other}/"))]
        return finding(
            State.PARTIAL,
            f"One repository, but `{one}` and `{other}` hold the same modules twice.",
            sorted(inside, key=lambda place: place.path.removeprefix(one).removeprefix(other)),
            remedy="Keep one folder, and make what differs a parameter.",
            effort=Effort.DAYS,
        )
    lines = sum(group[0][1].size for group in blocks)
    if copied or lines >= copies.FEW_LINES:
        found = _named(same, marked, blocks)
        return finding(
            State.PARTIAL,
            f"One repository, but with hand-made copies: {found}.",
            evidence,
            remedy="Move what is shared into one module that the others import; delete the copies.",
            effort=Effort.HOURS,
        )
    twins = copies.twin_modules(facts) or copies.variants(facts)
    if twins:
        return finding(
            State.PARTIAL,
            f"One repository, but `{twins[0][0].path}` and `{twins[0][1].path}` define the same functions.",
            [file.at() for pair in twins[:3] for file in pair],
            remedy="Keep one of them and import it from the other place.",
            effort=Effort.HOURS,
        )
    near = copies.near_copies(facts)
    if near:
        (first, block), (second, _) = near[0][:2]
        return finding(
            State.PARTIAL,
            f"One repository, but `{first.path}` and `{second.path}` hold the same functions twice, as `{block.name}`.",
            [file.at(block.line) for pair in near[:3] for file, block in pair[:2]],
            remedy="Keep one of them and import it from the other place.",
            effort=Effort.HOURS,
        )
    return finding(
        State.MET, f"One repository holds the code ({len(code)} files) without parallel copies.", _parts(facts)
    )


def _is_code(file: File) -> bool:
    return file.kind in copies.CODE or languages.is_compiled(file)


def _named(same: list[list[File]], marked: list[File], blocks: list[list[tuple[File, Block]]]) -> str:
    if same:
        return f"`{same[0][0].path}` and `{same[0][1].path}` are the same"
    if marked:
        return f"`{marked[0].path}` is a copy by its name"
    (first, block), (second, _) = blocks[0][:2]
    return f"`{block.name}` of {block.size} lines is in `{first.path}` and in `{second.path}`"


def _parts(facts: Facts) -> list[Evidence]:
    """The places that stand for the whole: where it is deployed, trains, serves, runs jobs."""
    profile = facts.profile
    claims = [profile.serves, profile.trains, profile.stages["deployment"], profile.batch, profile.stages["inference"]]
    found = [claim.evidence[0] for claim in claims if claim.evidence]
    found[2:2] = profile.trains.evidence[1:2]
    found += [*_heart(facts), *(file.at() for file in facts.notebooks[:1])]
    found += [file.at() for file in facts.own if file.path.lower() == "readme.md"]
    return found or [next(file for file in facts.system if file.once(_is_code)).at()]


def _heart(facts: Facts) -> list[Evidence]:
    """The modules of the system's own that most of its other files import."""
    asked = Counter(chain.from_iterable(file.once(_last_names) for file in facts.scripts))
    by_name = {file.name.removesuffix(".py"): file for file in facts.scripts}
    return [by_name[name].at() for name, _ in asked.most_common() if name in by_name][:2]


def _last_names(file: File) -> list[str]:
    """The last parts of the names of imported modules, each once."""
    imports = file.facts.code.imports if file.facts.code else ()
    return list(dict.fromkeys(one.module.rpartition(".")[2] for one in imports))
