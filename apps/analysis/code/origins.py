"""Where a value in Python code comes from: the environment, a flag, a parameter, a config file, or the code itself."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from apps.analysis.code import outside
from apps.analysis.code.by_line import assigned_from, bindings
from apps.analysis.code.names import Names, outwards, scope_of, told_by
from apps.analysis.code.sources import SETTABLE, Origin, Source, as_path, followed, nested, source_of, told, worst

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from apps.analysis.facts.model import Assign, Call, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

__all__ = ["SETTABLE", "Origin", "Source", "origin_of", "origin_of_argument"]
DEEPEST = 10  # steps from a value to where it comes from
MOST_CALLERS = 6
MOST_ENTRIES = 12  # of a dictionary
MOST_ASKED = 100  # names in other files that an answer rests on; one that rests on more is not carried


def origin_of(facts: Facts, file: File, value: Any, scope: str = "", line: int = 0) -> Origin:  # noqa: ANN401
    """The origin of `value`, given as in `Call.args`, that stands in `scope` of `file` at `line` (0: anywhere)."""
    return facts.once(_Resolver).origin(_At(file, scope, line), value)


def origin_of_argument(facts: Facts, file: File, call: Call, position: int, *names: str) -> Origin:
    """The origin of the call's argument with one of the `names`, else at `position`."""
    given = next((call.kwargs[name] for name in names if name in call.kwargs), None)
    return origin_of(facts, file, call.argument(position) if given is None else given, call.scope, call.line)


class _At(NamedTuple):
    file: File
    scope: str
    line: int

    @property
    def evidence(self) -> Evidence:
        return self.file.at(self.line)


_Key: TypeAlias = tuple[str, str, str, int, int]  # path, value, scope, line, depth
_HERE_ONLY = frozenset({("", "")})  # of an answer that holds for this commit alone


class _Known(NamedTuple):
    """An answer, with the names (`told_by`) that were looked up in other files for it."""

    origin: Origin
    asked: AbstractSet[tuple[str, str]]


class _Resolver:
    """Follows values through one repository. Steps are counted by `depth`, so that cycles end; what is known belongs to its
    depth, so that no answer depends on who asked before, and holds in a commit in which what it rests on is the same."""

    def __init__(self, facts: Facts) -> None:
        self._names = facts.once(Names)
        self._asked: set[tuple[str, str]] = set()
        self._open: set[_Key] = set()  # what is being answered
        of_all = (self._names.hydra, self._names.parsed_classes, self._names.of_settings)
        before, known = facts.handed.pop(_Resolver, (of_all, {}))
        self._known: dict[_Key, _Known] = _still(known, facts.changed) if before == of_all else {}
        facts.handed_on[_Resolver] = of_all, self._known

    # --- values ---------------------------------------------------------------------------------------------------
    def origin(self, at: _At, value: Any, depth: int = 0) -> Origin:  # noqa: ANN401
        if depth > DEEPEST or value is None:
            return Origin(Source.UNKNOWN, at.evidence)
        if isinstance(value, list):
            return worst((self.origin(at, one, depth + 1) for one in value[:8]), at.evidence)
        if not isinstance(value, str):
            return Origin(Source.LITERAL, at.evidence, str(value))
        if not value.startswith("$"):
            return self._text(at, value, depth)
        key = (at.file.path, value, at.scope, at.line, depth)
        known = self._known.get(key)
        if known is None:
            if key in self._open:  # a cycle: what is found depends on where it was entered
                self._asked |= _HERE_ONLY
                return Origin(Source.UNKNOWN, at.evidence)
            self._open.add(key)
            asked, self._asked = self._asked, set()
            found = self._expression(at, value[1:], depth)
            known = self._known[key] = _Known(found, self._asked if len(self._asked) <= MOST_ASKED else _HERE_ONLY)
            self._asked = asked
        self._asked |= known.asked
        return known.origin

    def _text(self, at: _At, text: str, depth: int) -> Origin:
        """Of a text with holes, the part that locates decides: host, bucket, or the first folder."""
        found = re.match(r"^(?:[\w+.-]+:/{2,3})?(?:[^/@]*@)?([^/]*)", text)
        hole = re.search(r"\{([^{}]+)\}", found.group(1) if found else "")
        if hole:
            held = self._expression(at, hole.group(1), depth + 1)
            if outside.IN_A_FILE.match(text) and held.source in {Source.LOCAL_PATH, Source.UNKNOWN}:
                return Origin(Source.LOCAL_PATH, at.evidence, text)
            return followed(held, text, hole)
        return Origin(Source.LOCAL_PATH if outside.LOCAL.search(text) else Source.LITERAL, at.evidence, text)

    def _expression(self, at: _At, text: str, depth: int) -> Origin:
        if depth > DEEPEST:
            return Origin(Source.UNKNOWN, at.evidence)
        for word in (" Or ", " Else "):
            if word in text:
                return self._choice(at, text.split(word), depth)
        if text[:1] in "'\"":
            return self._text(at, text.strip("'\""), depth)
        parts = outside.OPERATOR.split(text)
        if len(parts) > 1:
            if "%" in parts[0] and not re.match(r"^\$?(?:\w+://)?%", parts[0]):
                return self._text(at, parts[0].removeprefix("$"), depth)
            found = [self._expression(at, part.removeprefix("$"), depth + 1) for part in parts if "%" not in part]
            return next((one for one in found if one.source is not Source.UNKNOWN), Origin(Source.UNKNOWN, at.evidence))
        return self._outside(at, text, depth) or self._reference(at, text, depth)

    def _choice(self, at: _At, options: list[str], depth: int) -> Origin:
        found = [self._expression(at, option.strip(), depth + 1) for option in options]
        known = [one for one in found if one.source is not Source.UNKNOWN]
        settable = next((one for one in known if one.settable), None)
        if settable is None:
            return known[0] if known else Origin(Source.UNKNOWN, at.evidence)
        default = next((one.literal for one in known if one is not settable and one.literal), settable.literal)
        return replace(settable, literal=default)

    def _outside(self, at: _At, text: str, depth: int) -> Origin | None:
        """What comes from outside of the code by the name of the call that reads it."""
        source = source_of(text)
        if source is Source.ENVIRONMENT:
            reads = self._call_at(at, text, "getenv", "environ[]", "config", "get")
            place = at.file.at(reads.line) if reads else at.evidence
            return Origin(source, place, self._default(at, reads, depth))
        if source is Source.FLAG:
            return self._flag(at, text.rsplit(".", 1)[-1]) or Origin(source, at.evidence)
        if source is Source.PARAMETER:
            return Origin(source, at.evidence, self._default(at, self._call_at(at, text), depth, int(".get(" in text)))
        return Origin(source, at.evidence, text if source is Source.LOCAL_PATH else None) if source else None

    def _default(self, at: _At, call: Call | None, depth: int, first: int = 1) -> str | None:
        if call is None or call.name.endswith("[]"):
            return None
        value = call.argument(first, "default")
        return None if value in (None, "") else self.origin(at, value, depth + 1).literal

    def _call_at(self, at: _At, text: str, *lasts: str) -> Call | None:
        """The call whose text `text` is, nearest below `at`."""
        name = text[: text.find("(")] if "(" in text else text
        names = self._names.of(at.file)
        if lasts and name not in names.calls:
            calls = at.file.facts.code.calls if at.file.facts.code else ()
            return next((one for one in calls if one.last in lasts and at.line <= one.line <= at.line + 3), None)
        near = next(names.placed(name).since(at.line), None)
        return near if near and (not at.line or near.line <= at.line + 25) else None

    # --- names ----------------------------------------------------------------------------------------------------
    def _reference(self, at: _At, text: str, depth: int) -> Origin:
        made = outside.FOLDERS_OF_CALL.match(text)
        if made:
            return self._reference(at, made.group(1), depth)
        if text.endswith("[]"):
            return self._expression(at, text[:-2], depth + 1)
        if text.endswith("()"):
            return self._called(at, text[:-2], depth)
        bound = self._bound(at, text, depth) or self._imported(at, text, depth)
        if bound:
            return bound
        root, _, attribute = text.rpartition(".")
        if not root:
            return Origin(Source.UNKNOWN, at.evidence)
        return self._attribute(at, root, attribute, depth)

    def _called(self, at: _At, name: str, depth: int) -> Origin:
        root, _, last = name.rpartition(".")
        call = self._call_at(at, name + "(")
        if last in outside.WRAPPERS and call and call.args:
            within = nested(self._names.of(at.file).placed(name), call)
            found = told(self.origin(_At(at.file, one.scope, one.line), one.args[0], depth + 1) for one in within)
            return as_path(found, call) if last in outside.PATHS else found
        self._asked.add(("functions", last))
        made = self._names.made_of_settings(root, last)
        if inside := Origin(Source.ENVIRONMENT, made) if made else self._inside(last):
            return inside
        if root and (root.isupper() or not root[:1].isupper()) and root not in {"os", "os.path"}:
            return self._expression(at, root, depth)
        return Origin(Source.UNKNOWN, at.evidence)

    def _inside(self, function: str, *, through: bool = True) -> Origin | None:
        """What a function reads from outside, itself or through one that it names a variable, taken for what it returns."""
        self._asked.add(("functions", function))
        for file, define in self._names.functions.get(function, ())[:2]:
            scope = scope_of(define)
            for call in file.facts.code.calls if file.facts.code else ():
                if call.scope == scope:
                    text = call.name if call.name.endswith("]") else f"{call.name}()"
                    found = self._outside(_At(file, scope, call.line), text, 0)
                    if found and self._is_returned(found, function):
                        return found
                    if through and str(call.argument(0)).isupper() and (read := self._inside(call.last, through=False)):
                        return replace(read, literal=call.argument(1, "default"))
        return None

    @staticmethod
    def _is_returned(found: Origin, function: str) -> bool:
        if found.source is Source.CONFIG_FILE:
            return bool(outside.GIVES_CONFIG.search(function))
        return found.source is not Source.LOCAL_PATH

    def _bound(self, at: _At, name: str, depth: int) -> Origin | None:
        """Through assignments and parameters, from the innermost scope outwards."""
        for scope in outwards(at.scope):
            one = self._last(at, name, scope)
            define = self._names.of(at.file).defines.get(scope)
            if define and name in define.parameters and (one is None or one.how == "default"):
                return self._parameter(at, define, name, one, depth)
            if one:
                return self._assigned(at, one, depth)
        if name.startswith("self.") and name.count(".") == 1:
            return self._of_self(at, name, depth)
        return None

    @staticmethod
    def _last(at: _At, name: str, scope: str) -> Assign | None:
        """The assignment in `scope` that holds at `at`: of its own scope the one before it."""
        found = at.file.once(bindings).get((name, scope))
        if found is None:
            return None
        return found.at(at.line) if scope == at.scope and at.line else found.last

    def _assigned(self, at: _At, one: Assign, depth: int) -> Origin:
        if one.value == "$?":
            return self._of_entries(at, one, depth)
        found = self.origin(_At(at.file, one.scope, one.line), one.value, depth + 1)
        if (
            not one.scope
            and found.source in {Source.LITERAL, Source.LOCAL_PATH}
            and self._overridable(at.file, one.line)
        ):
            return replace(found, source=Source.FLAG)
        return found

    def _of_entries(self, at: _At, one: Assign, depth: int) -> Origin:
        """What the entries of a dictionary have in common: those behind its name, before the next name is given. Of one
        that tells how to reach a host, where the host comes from."""
        beside = assigned_from(at.file, one.scope, one.line)
        ends = next((each.line for each in beside if each.how != "key" and each is not one), one.line + 20)
        near = islice(assigned_from(at.file, one.scope, one.line), MOST_ENTRIES)
        entries = [each for each in near if each.how == "key" and each.line < max(ends, one.line + 1)]
        for each in entries:
            if each.name.lower() in outside.HOSTS:
                return self.origin(_At(at.file, one.scope, each.line), each.value, depth + 1)
        found = {
            self.origin(_At(at.file, one.scope, each.line), each.value, depth + 1).source: each for each in entries
        }
        if len(found) == 1 and found.keys() <= {Source.LOCAL_PATH, Source.ENVIRONMENT}:
            each = next(iter(found.values()))
            return self.origin(_At(at.file, one.scope, each.line), each.value, depth + 1)
        return Origin(Source.UNKNOWN, at.evidence)

    def _overridable(self, file: File, line: int) -> bool:
        """Whether the module later runs another file over its globals, as configurators do."""
        executed = self._names.of(file).calls.get("exec", ())
        return any(one.line > line and one.args and str(one.args[0]).startswith("$open()") for one in executed)

    def _of_self(self, at: _At, name: str, depth: int) -> Origin | None:
        classes = [scope for scope in outwards(at.scope) if scope and scope.rsplit(".", 1)[-1][:1].isupper()]
        for one in self._names.of(at.file).assigns.get(name, ()):
            if classes and one.scope.startswith(classes[0]) and one.value != f"${name}":
                return self.origin(_At(at.file, one.scope, one.line), one.value, depth + 1)
        attribute = name.removeprefix("self.")
        for one in self._names.of(at.file).assigns.get(attribute, ()):
            if one.how == "field" and (not classes or one.scope == classes[0]):
                return self._field(at.file, one, depth)
        return None

    def _imported(self, at: _At, text: str, depth: int) -> Origin | None:
        """`package.config.DB_URL`, where a file of the repository is that module."""
        module, _, name = text.rpartition(".")
        if not module:
            return None
        last = module.rsplit(".", 1)[-1]
        self._asked.add(("modules", last))
        for file in self._names.modules.get(last, ()):
            if file.path == at.file.path:
                continue
            for one in self._names.of(file).assigns.get(name, ())[:1]:
                if one.how in {"name", "attribute"} and not one.scope:
                    return self._assigned(_At(file, "", one.line), one, depth)
        return None

    def _attribute(self, at: _At, root: str, attribute: str, depth: int) -> Origin:
        """`root.attribute`: of parsed flags, of a settings class, or of something loaded."""
        last = root.rsplit(".", 1)[-1].removesuffix("()")
        self._asked |= {("flags", attribute), ("fields", attribute), ("functions", attribute)}
        if outside.FLAG_ROOTS.match(root) and attribute in self._names.flags:
            return self._flag(at, attribute) or Origin(Source.FLAG, at.evidence)
        fields = self._settings_fields(last, attribute)
        if fields:
            return self._field(*fields[0], depth)
        if made := self._names.made_of_settings(root, attribute):
            return Origin(Source.ENVIRONMENT, made)
        whole = self._expression(at, root, depth)
        if whole.source is Source.LOCAL_PATH and attribute in outside.OF_PATHS:
            return whole
        if whole.source in {Source.ENVIRONMENT, Source.FLAG, Source.PARAMETER, Source.CONFIG_FILE}:
            return replace(whole, literal=None)
        if outside.FLAG_ROOTS.match(root):
            return Origin(Source.FLAG, at.evidence)
        if outside.SETTINGS_ROOT.search(last):
            return Origin(Source.FLAG if self._names.hydra else Source.CONFIG_FILE, at.evidence)
        return Origin(Source.UNKNOWN, at.evidence)

    def _settings_fields(self, root: str, attribute: str) -> list[tuple[File, Assign]]:
        found = [
            (file, one)
            for file, one in self._names.fields.get(attribute, ())
            if (one.how == "field" and (outside.SETTINGS_ROOT.search(root) or one.scope.rsplit(".", 1)[-1] == root))
            or (one.how == "name" and file.path.rsplit("/", 1)[-1] == f"{root}.py")
        ]
        return sorted(found, key=lambda pair: not self._names.is_setting(pair[0], pair[1].scope))

    def _field(self, file: File, one: Assign, depth: int) -> Origin:
        at = _At(file, one.scope, one.line)
        if self._names.is_setting(file, one.scope):
            return Origin(Source.ENVIRONMENT, at.evidence, self._field_default(at, one, depth))
        if one.value is None:
            return Origin(Source.FLAG if self._names.parsed_classes else Source.UNKNOWN, at.evidence)
        found = self.origin(at, one.value, depth + 1)
        if self._names.parsed_classes and not found.settable:
            return Origin(Source.FLAG, at.evidence, self._field_default(at, one, depth))
        return found

    def _field_default(self, at: _At, one: Assign, depth: int) -> str | None:
        if isinstance(one.value, str) and one.value.startswith("$"):
            call = self._call_at(at, one.value[1:])
            return self._default(at, call, depth, first=0)
        return None if one.value is None else str(one.value)

    def _flag(self, at: _At, name: str) -> Origin | None:
        self._asked.add(("flags", name))
        found = self._names.flags.get(name, ())
        own = [pair for pair in found if pair[0].path == at.file.path] or list(found)
        for file, call in own:
            positional = call.argument(1) if call.last.startswith("DEFINE_") else None
            default = call.kwargs.get("default", positional)
            given = None if default == "" else default
            literal = self.origin(_At(file, call.scope, call.line), given, DEEPEST - 2).literal
            return Origin(Source.FLAG, file.at(call.line), literal)
        return None

    # --- parameters -----------------------------------------------------------------------------------------------
    def _parameter(self, at: _At, define: Define, name: str, default: Assign | None, depth: int) -> Origin:
        scope = scope_of(define)
        here = _At(at.file, scope, default.line if default else define.line)
        value = self.origin(_At(at.file, "", here.line), default.value, depth + 1) if default else None
        decorators = [one.name for one in define.decorators]
        if any(outside.FLAG_DECORATORS.search(one) for one in decorators):
            return self._flag(at, name) or Origin(Source.FLAG, here.evidence, value.literal if value else None)
        if any(outside.PARAMETER_DECORATORS.search(one) for one in decorators):
            return Origin(Source.PARAMETER, here.evidence, value.literal if value else None)
        if value and value.settable:
            return value
        given = [one for one in self._given(define, name, depth) if one.source is not Source.UNKNOWN]
        if given:
            found = worst(given, at.evidence)
            return found if found.settable else replace(found, mixed=any(one.settable for one in given))
        if decorators and any(one.rsplit(".", 1)[-1] in outside.STEP_DECORATORS for one in decorators):
            return Origin(Source.PARAMETER, here.evidence, value.literal if value else None)
        if not self._names.of(at.file).calls.keys().isdisjoint(outside.FUNCTION_PARSERS):
            return Origin(Source.FLAG, here.evidence, value.literal if value else None)
        return value or Origin(Source.UNKNOWN, here.evidence)

    def _given(self, define: Define, name: str, depth: int) -> Iterable[Origin]:
        """What callers of the function (of the class, for `__init__`) pass for the parameter."""
        called = define.scope.rsplit(".", 1)[-1] if define.name == "__init__" else define.name
        is_method = define.parameters[:1] in (["self"], ["cls"])
        position = define.parameters.index(name) - is_method
        if depth > DEEPEST - 3:
            return
        self._asked.add(("calls", called))
        for file, call in self._names.callers(called, MOST_CALLERS):
            given = call.argument(position, name)
            if given is not None:
                yield self.origin(_At(file, call.scope, call.line), given, depth + 2)


def _still(known: dict[_Key, _Known], changed: list[File]) -> dict[_Key, _Known]:
    """What holds of it when these files have changed."""
    paths = {file.path for file in changed}
    told = _HERE_ONLY.union(*(file.once(told_by) for file in changed))
    return {key: one for key, one in known.items() if key[0] not in paths and one.asked.isdisjoint(told)}
