"""The facts of one file. They are plain, compact and serialisable: a cache keeps them by kind and blob id.

`line` counts from 1 everywhere. Texts are cut to `LONGEST_TEXT` characters.
"""

from __future__ import annotations

from typing import Any

import msgspec

LONGEST_TEXT = 400


class Import(msgspec.Struct, array_like=True, frozen=True):
    """`module` is the full dotted name that is imported (`sklearn.svm.SVC` for `from sklearn.svm import SVC`)."""

    module: str
    line: int
    guarded: bool = False  # inside try/except ImportError, alone in one that catches all, or under TYPE_CHECKING

    @property
    def top(self) -> str:
        return self.module.split(".", 1)[0]


def last_of(name: str) -> str:
    """The last part of a dotted name."""
    return name.rsplit(".", 1)[-1]


class Call(msgspec.Struct, array_like=True, frozen=True):
    """A call. `name` is the dotted callee with imports resolved: `torch.save`, `self.model.fit`, `open().read`.

    `args` and `kwargs` hold literals as themselves (str, int, float, bool, None), everything else as text after a `$`:
    `$lr` a name, `$args.lr` an attribute, `$os.getenv()` a call, `$a + b` an expression; an f-string keeps its literal
    parts with `{name}` for the rest; a choice is `$a Or 'b'` or `$a Else b`. `scope` is the dotted enclosing
    class/function ("" at module level). `target` is the variable that the result is assigned to, if any. The call ends
    `span` lines after its first. `lacking`: it is made only where an object does not have something yet. `last` is the
    last part of the name, by which checks ask again and again.
    """

    name: str
    last: str
    line: int
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    scope: str = ""
    target: str = ""
    loop: bool = False
    span: int = 0
    lacking: bool = False

    def argument(self, position: int, name: str = "") -> Any:  # noqa: ANN401
        """The argument at `position` or called `name`; None when it is not given."""
        if name and name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if 0 <= position < len(self.args) else None

    @property
    def mode(self) -> str:
        """How `open` is told to open a file."""
        return str(self.argument(1, "mode") or "r")


class Assign(msgspec.Struct, array_like=True, frozen=True):
    """`name = value` (also a keyword default or a dictionary entry: see `how`). `value` as in `Call.args`."""

    name: str
    value: Any
    line: int
    scope: str = ""
    # name, attribute, default (of a parameter), key (of a dictionary), field (of a class), global (that it changes),
    # item (`x[y] = …` in a function, called `x[]`)
    how: str = "name"


class Define(msgspec.Struct, array_like=True, frozen=True):
    """A function (`kind` def) or class. `decorators` are dotted names, with arguments as in `Call`. A `stub` is a
    function that does nothing itself: what others must write, or what is not written yet."""

    name: str
    kind: str
    line: int
    bases: list[str] = []
    decorators: list[Call] = []
    parameters: list[str] = []
    scope: str = ""
    stub: bool = False

    def is_decorated_by(self, names: str | tuple[str, ...]) -> bool:
        """Whether the name of a decorator begins with one of these."""
        return any(one.name.startswith(names) for one in self.decorators)


class Text(msgspec.Struct, array_like=True, frozen=True):
    """A string literal that looks like an address, a path, a host or a query."""

    value: str
    line: int
    scope: str = ""


class Code(msgspec.Struct, array_like=True, frozen=True):
    """A Python file or the code cells of a notebook."""

    imports: list[Import] = []
    calls: list[Call] = []
    assigns: list[Assign] = []
    defines: list[Define] = []
    texts: list[Text] = []
    main: int = 0  # the line of `if __name__ == "__main__"`, 0 if there is none


class Leaf(msgspec.Struct, array_like=True, frozen=True):
    """A scalar of a YAML, JSON, TOML, INI or .env file, with the keys that lead to it (list positions as "0", "1"…).

    Several YAML documents are told apart by `document`.
    """

    keys: list[str]
    value: Any
    line: int
    document: int = 0

    @property
    def text(self) -> str:
        return "" if self.value is None else str(self.value)


class Instruction(msgspec.Struct, array_like=True, frozen=True):
    """One Dockerfile instruction. `stage` counts FROMs from 0."""

    name: str
    value: str
    line: int
    stage: int = 0


class Command(msgspec.Struct, array_like=True, frozen=True):
    """A logical shell line: of a script, a Makefile recipe (`target`), a Procfile entry (`target` is its process), a
    notebook's `!` line or a Jenkinsfile's `sh`."""

    text: str
    line: int
    target: str = ""


class Dependency(msgspec.Struct, array_like=True, frozen=True):
    """A declared package. `spec` is the version part as written, `group` the extra or group that it belongs to ("" for
    run-time), `extras` those that it asks for (`dask[dataframe]`)."""

    name: str
    spec: str
    line: int
    pinned: bool = False
    group: str = ""
    ecosystem: str = "python"
    extras: list[str] = []


class Signal(msgspec.Struct, array_like=True, frozen=True):
    """A hit of a named pattern (apps/analysis/facts/signals.py) in a file that has no structural parser."""

    name: str
    line: int
    text: str


class Secret(msgspec.Struct, array_like=True, frozen=True):
    """A credential-like literal. `masked` never holds more than its first characters. `weak`: dummy or local-only."""

    rule: str
    line: int
    masked: str
    weak: bool = False
    proven: bool = False  # by a shape that its issuer documents


class Block(msgspec.Struct, array_like=True, frozen=True):
    """A function or a notebook cell. `size` counts its lines of code, `digest` ignores comments and white space."""

    name: str
    line: int
    size: int
    digest: str


class FileFacts(msgspec.Struct, array_like=True, omit_defaults=True):
    """Everything that one file says. Which parts are filled depends on the kind."""

    lines: int = 0
    code: Code | None = None
    leaves: list[Leaf] = []
    instructions: list[Instruction] = []
    commands: list[Command] = []
    dependencies: list[Dependency] = []
    signals: list[Signal] = []
    secrets: list[Secret] = []
    digest: str = ""  # of the code without comments and white space, for finding copies
    blocks: list[Block] = []
    subjects: int = 0  # of a file of a large tree that was not parsed whole: how much it may tell
    lfs: bool = False  # a Git LFS pointer
    unparsed: str = ""  # why the structural parser gave up; text patterns still ran
    form: str = ""  # the usual name of such a file, where its content tells what its name does not
