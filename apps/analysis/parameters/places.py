"""The places of a file that may set parameters of training or of a model, told by the parameters' names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from apps.analysis.expressions import expression
from apps.analysis.parameters import names as words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.analysis.facts.model import Assign, Call
    from apps.analysis.repository import File

    Given = list[tuple[Call, list[tuple[str, str, Any]]]]
    Assigned = list[tuple[str, Assign]]

TINY = 1e-4

# Calls that draw, log, compare texts or sign tokens: what they are handed belongs to no model.
_ASIDE = expression(
    r"SmoothedValue|\.grid$|jwt|\bjose\b|close_match|plot|scatter|hist|plt\b|sns\b|seaborn|\bax\b|axes|\bfig|annotate|legend|\bbar|fill_between|grid\(|heatmap|text\(|word_?cloud|Alarm|profil",
    re.IGNORECASE,
)
_OF_DRAWINGS = frozenset({
    "facecolor", "edgecolor", "boxstyle", "linestyle", "linewidth", "fontsize", "cmap", "zorder", "color", "marker", "markersize", "lw",
})  # fmt: skip
# Functions that tell what is loaded and how it does.
_TELLS = expression(r"(^|[._])(info|status|health\w*|metadata|describe|summary|root|home)$", re.IGNORECASE)


# What declares a field of a class, with its default inside.
FIELD = expression(r"^\$(?:\w+\.){0,3}(?:[fF]ield|ib|attrib)\(\)$")
_FIELDS = frozenset({"field", "Field", "ib", "attrib"})
_SENTENCE = expression(r"^(?!\$)(?:\S+ ){4}")
_SIGNATURE = expression(r"^[HREP]S\d{3}$")  # the algorithm of a signed token


class Places(NamedTuple):
    """What may set parameters in a file."""

    flags: list[tuple[str, str, Call]]
    calls: Given
    assigns: Assigned


class Matcher:
    """Tells the group of a parameter by its name, and which places of a file may set one."""

    def __init__(self, groups: Mapping[str, str]) -> None:
        self._groups = [
            (group, expression(f"^(?:{pattern})$", re.IGNORECASE if group != "regularisation" else 0))
            for group, pattern in groups.items()
        ]
        self.group_of = lru_cache(maxsize=4096)(self._group_of)

    def places(self, file: File) -> Places | None:
        """None where nothing sets a parameter."""
        found = Places(self.flags(file), self.calls(file), self.assigns(file))
        return found if any(found) else None

    def flags(self, file: File) -> list[tuple[str, str, Call]]:
        """(group, name, call) of each flag that sets a parameter; "any" is the group of one that sets whichever."""
        found = []
        for call in file.facts.code.calls if file.facts.code else ():
            if call.last in words.FLAGS:
                names = [one for one in call.args[:3] if isinstance(one, str) and not one.startswith("$")]
                for name in sorted(names, key=len, reverse=True)[:1]:
                    group = self.group_of(name)
                    if group or words.GENERIC_FLAG.match(name):
                        found.append((group or "any", name.strip("-"), call))
        return found

    def calls(self, file: File) -> Given:
        """Each call that gives parameters, with (group, name, value) of these."""
        found = []
        for call in file.facts.code.calls if file.facts.code else ():
            if not call.kwargs or call.last in words.NO_SETTINGS:
                continue
            given = [
                (group, name, value)
                for name, value in call.kwargs.items()
                if (group := self.group_of(name))
                and value is not None
                and _is_value(value, group)
                and not _is_tiny(name, value)
            ]
            if given and not _ASIDE.search(call.name) and _OF_DRAWINGS.isdisjoint(call.kwargs):
                found.append((call, given))
        return found

    def assigns(self, file: File) -> Assigned:
        """Each assignment that may set a parameter, behind the parameter's group."""
        return [
            (group, one)
            for one in (file.facts.code.assigns if file.facts.code else ())
            if (group := self.group_of(one.name))
            and one.value is not None
            and _is_value(one.value, group)
            and not _is_tiny(last_word(one), one.value)
            and not (one.line in file.once(_bare_fields) and FIELD.match(str(one.value)))
            and last_word(one) != "loss"
            and not (one.how == "key" and _TELLS.search(one.scope))
            and not (last_word(one) == "epoch" and one.how in {"name", "attribute"})  # it counts the epochs
            and not (one.name == "C" and _is_local(one) and not file.imports("sklearn"))  # of a sound, of channels
            and not (one.how == "key" and one.line in file.once(_columns))
        ]

    def _group_of(self, name: str) -> str:
        bare = name.strip("-").replace("-", "_").rsplit(".", 1)[-1]
        bare = re.sub(r"^.*\[|\]$", "", bare).rsplit("__", 1)[-1]
        return next((group for group, regex in self._groups if regex.match(bare) or regex.match(bare.lower())), "")


_DEFAULTS = frozenset({"default", "default_factory", "factory"})


def _bare_fields(file: File) -> frozenset[int]:
    """Lines that declare a field without a default: what makes the object gives it its value."""
    return frozenset(
        call.line
        for call in (file.facts.code.calls if file.facts.code else ())
        if call.last in _FIELDS and FIELD.match(f"${call.name}()") and not (call.args or _DEFAULTS & call.kwargs.keys())
    )


def _is_local(one: Assign) -> bool:
    return one.how == "default" or (one.how == "name" and bool(one.scope))


# Calls that a frame of data is handed names of columns by.
_OF_COLUMNS = frozenset({"rename", "agg", "aggregate", "astype"})


def _columns(file: File) -> frozenset[int]:
    """Lines where a mapping has columns for keys."""
    calls = [one for one in (file.facts.code.calls if file.facts.code else ()) if one.last in _OF_COLUMNS]
    return frozenset(line for call in calls for line in range(call.line, call.line + call.span + 1))


def last_word(one: Assign) -> str:
    return one.name.rsplit(".", 1)[-1].lower()


def _is_value(value: Any, group: str) -> bool:  # noqa: ANN401
    """Numbers, names and what leads to them; no flags of a framework, no objects that are built in place."""
    if isinstance(value, bool):
        return group in {"kernel", "layers"}
    if isinstance(value, str) and (_SIGNATURE.match(value) or _SENTENCE.search(value)):
        return False
    if isinstance(value, str) and value.startswith("$"):
        return bool(FIELD.match(value)) or (
            not re.search(r"\(\)$", value) or "get" in value or "environ" in value or "float" in value or "int" in value
        )
    if group == "seed" and isinstance(value, str):  # a state that something is in
        return False
    return group != "sampling" or not isinstance(value, list)  # a machine has bounds of its temperature


def _is_tiny(name: str, value: Any) -> bool:  # noqa: ANN401
    """An epsilon that keeps a division from zero is arithmetic, nothing that a run would choose."""
    return name in {"eps", "epsilon"} and isinstance(value, float) and value <= TINY
