"""Whether one deployment process serves several environments, and by what it is parametrised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.repository import places
from apps.analysis.running import compose, rollout, scripted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

# One word per environment, whatever it is called.
_CALLED = {
    "development": r"dev|devel|develop|development|local|sandbox|preview",
    "test": r"test|testing|qa|uat|int|integration|acc|acceptance|e2e",
    "staging": r"stag|stage|staging|stg|preprod|pre-prod|pre_prod|nonprod|non-prod|canary",
    "production": r"prod|prd|production|live|main",
}
_ENVIRONMENT = "|".join(_CALLED.values())
_OF = expression("|".join(rf"(?P<{name}>^(?:{words})$)" for name, words in _CALLED.items()), re.IGNORECASE)
_VARIABLE = (
    r"(?:(?:DEPLOY(?:MENT)?|APP|TARGET|SYSTEM|TF|PROJECT|BUILD)_?)?(?:ENV(?:IRONMENT)?|STAGE)(?:_?NAME|_?TYPE|_DIR\w*)?"
)
# Files of a set that differs by environment: folders of IaC, overlays, value files, parameter files, stage configs.
_SETS = expression(
    rf"^(?=.*(?:\.(?:tf|tfvars|ya?ml|hcl|json|ini|bicep\w*)|/hosts)$)(?P<before>.*?(?:^|/)(?:envs?|environments?|inventor(?:y|ies)|overlays|live|stages|clusters?|deploy\w*|terraform|infra\w*|k8s|kubernetes|kustomize|iac|tf)/(?:\S*/)?)(?P<env>{_ENVIRONMENT})(?P<after>/(?:.*\.(?:tf|tfvars|ya?ml|hcl|json|ini|bicep\w*)|hosts))$"
    rf"|^(?P<before2>(?:.*/)?(?:[\w.-]+[-_.])?)(?P<env2>{_ENVIRONMENT})(?P<after2>\.(?:auto\.)?tfvars(?:\.json)?|[-_.](?:config|params?|parameters|variables?|vars|values)\.(?:json|ya?ml|tfvars))$"
    rf"|^(?P<before3>(?:.*/)?(?:values|params?|parameters|variables?|vars|main|azuredeploy|serverless|fly|render|samconfig|task-?def\w*|backend|deploy\w*|app|cloudbuild|cdk|pulumi)[-_.](?:\w+[-_.])?)(?P<env3>{_ENVIRONMENT})(?P<after3>(?:[-_.][\w.-]*)?\.(?:ya?ml|json|tfvars|toml|bicepparam|hcl|conf|env))$"
    r"|^(?P<before4>(?:.*/)?(?:pipelines?|jobs|endpoints?|deploy\w*)/)(?P<env4>dev|development|uat|stag|stage|staging|stg|preprod|prod|production)(?P<after4>[-_.][\w.-]{1,200}\.ya?ml)$",
    re.IGNORECASE,
)


def _kinds(names: Iterable[str]) -> set[str]:
    """The environments that these names stand for."""
    return {match.lastgroup or "" for name in names if (match := _OF.match(name.strip()))}


def parametrised(facts: Facts) -> list[Evidence]:
    """What gives one deployment process its environments, the most telling first."""
    sources = (_sets, _in_ci, _variables, _flags, _templates, _sections, _overlays, _in_code)
    found = [source(facts) for source in sources]
    return [
        *(place for places_of in found for place in places_of[:1]),
        *(place for places_of in found for place in places_of[1:]),
    ]


def _in_set(file: File) -> re.Match[str] | None:
    return _SETS.match(file.path)


def _sets(facts: Facts) -> list[Evidence]:
    groups: dict[tuple[str, str], list[tuple[str, File]]] = {}
    rolling = {place.path for place in rollout.roll_outs(facts)} | {place.path for place in rollout.pushes(facts)}
    for file, found in facts.telling(_in_set):
        if file.path in rolling or not rollout.is_ci(file):
            before, env, after = (part for part in found.groups() if part is not None)
            if "/" in after:
                after = after.rsplit(".", 1)[-1]  # a folder per environment need not hold the same files
            groups.setdefault((before, after.lower()), []).append((env, file))
    several = [group for group in groups.values() if len(_kinds(env for env, _ in group)) > 1]
    return [file.at() for group in several for file in dict(group).values()]


def _in_ci(facts: Facts) -> list[Evidence]:
    """Jobs that deploy to several environments, or to one that is an input."""
    rolling = {place.path for place in rollout.roll_outs(facts)} | {place.path for place in rollout.pushes(facts)}
    found: list[Evidence] = []
    for path in sorted(rolling):
        file = facts.by_path[path]
        named: dict[str, Evidence] = {}
        for leaf in file.facts.leaves:
            keys = [key for key in leaf.keys if not key.isdigit()]
            last = keys[-1] if keys else ""
            if re.fullmatch(r"environment|env_?name|stage_?name", last, re.IGNORECASE) or keys[-2:] == [
                "environment",
                "name",
            ]:
                if re.search(r"\$[{(_]", leaf.text):
                    found.append(file.at(leaf.line))
                named.setdefault(leaf.text.lower(), file.at(leaf.line))
            elif "inputs" in keys and any(
                re.fullmatch(_VARIABLE, key, re.IGNORECASE) for key in keys[keys.index("inputs") + 1 :][:1]
            ):
                found.append(file.at(leaf.line))
            elif last in {"stage", "job", "deployment"} and re.search(r"deploy|release", leaf.text, re.IGNORECASE):
                named.setdefault(leaf.text, file.at(leaf.line))
            elif keys[:1] == ["jobs"] and len(keys) > 2 and re.search(r"deploy|release", keys[1], re.IGNORECASE):
                named.setdefault(keys[1], file.at(leaf.line))
        words = {name: [word for word in re.split(r"[^A-Za-z]+", name) if word] for name in named}
        kinds = _kinds(word for parts in words.values() for word in parts)
        stages = {name for name in named if re.search(r"deploy", name, re.IGNORECASE)}
        if len(kinds - {"test"}) > 1 or (len(stages) > 1 and any("$(" in leaf.text for leaf in file.facts.leaves)):
            found.extend(named.values())
    return found


# What a workflow is started for, or does once for each of, as `${{ matrix.stage }}` is kept.
_OF_FORGE = rf"(?i:\$__(?:vars|matrix|inputs|github\.event\.inputs)\.{_VARIABLE}__)"


def _variables(facts: Facts) -> list[Evidence]:
    """Variables for the environment in commands that deploy, and in Terraform and Bicep."""
    rolling = {place.path for place in rollout.roll_outs(facts)}
    commands = [
        (file, one)
        for file, one in facts.commands(
            rf"\$[({{]*(?:params\.)?{_VARIABLE}\b(?!\.)|^{_VARIABLE}\s*[?:]?=|--(?:env|environment|stage)[ =]\S*\$"
        )
        if file.path in rolling
    ]
    jobs = [
        (file, leaf)
        for file, leaf in facts.leaves(
            rollout.CI, "**", value=rf"\$[({{_]*{_VARIABLE}\b(?!\.)|{_OF_FORGE}|terraform workspace select"
        )
        if file.path in rolling
    ]
    blocks = [
        (file, line)
        for file, line, _ in facts.signals("terraform-block", rf"^\s*(?:variable\s+\"|param\s+){_VARIABLE}\b")
    ]
    return [*places(blocks), *places(jobs), *places(commands), *_substituted(facts)]


_FLAG = rf"(?:--(?:env|environment|stage|target)[ =]|\bbundle \w+\b.*\s-t )[\"']?({_ENVIRONMENT})\b"


def _flags(facts: Facts) -> list[Evidence]:
    """The same command for several environments, told by a flag, where something deploys."""
    rolling = {place.path for place in rollout.roll_outs(facts)}
    told = [(file, one.line, one.text) for file, one in facts.commands(_FLAG)]
    told += [(file, leaf.line, leaf.text) for file, leaf in facts.leaves(rollout.CI, "**", value=_FLAG)]
    named: dict[str, Evidence] = {}
    for file, line, text in told:
        if file.path in rolling:
            for name in re.findall(_FLAG, text, re.IGNORECASE):
                named.setdefault(name.lower(), file.at(line))
    return list(dict.fromkeys(named.values())) if len(_kinds(named) - {"test"}) > 1 else []


_ROLLS_OUT = expression(r"deploy|submit|run_\w*pipeline|kubectl (apply|set)|helm (install|upgrade)", re.IGNORECASE)
_SUBSTITUTED = expression(r"\$\{?_[A-Z]\w*", re.IGNORECASE)


def _substituted(facts: Facts) -> list[Evidence]:
    """Places that whoever starts Cloud Build gives it, in steps that deploy."""
    steps = facts.leaves(rollout.CLOUD_BUILD, "steps", "*", "**")
    rolling = {(file.path, leaf.keys[1]) for file, leaf in steps if _ROLLS_OUT.search(leaf.text)}
    return places(
        (file, leaf) for file, leaf in steps if (file.path, leaf.keys[1]) in rolling and _SUBSTITUTED.search(leaf.text)
    )


def _templates(facts: Facts) -> list[Evidence]:
    """Parameters of CloudFormation, SAM, ARM and serverless templates, and targets of bundles."""
    templates = r"(template|stack|cfn|cloudformation|infra|deploy|arm)[^/]*(/.*)?\.(ya?ml|json|template)$"
    parameters = facts.leaves(templates, "[Pp]arameters", "*", "**")
    return places(
        [pair for pair in parameters if re.fullmatch(_VARIABLE, pair[1].keys[1], re.IGNORECASE)]
        + facts.leaves(r"\.parameters\.json$", "parameters", "*", "value", value=r"\$\{AZURE_ENV_NAME")  # of `azd`
        + facts.leaves(r"(^|/)serverless\.ya?ml$", "**", value=r"\$\{(?:opt:stage|sls:stage|self:provider\.stage)")
    )


_SECTIONED = r"(^|/)(samconfig\.toml|databricks\.ya?ml|wrangler\.toml|config[^/]*\.(toml|ya?ml|json|ini)|settings[^/]*\.(toml|ya?ml|json|ini)|cdk\.json|environments?[^/]*\.(toml|ya?ml|json)|prefect\.ya?ml|deploy\w*\.(toml|ya?ml|json)|dagster_cloud\.ya?ml|zappa_settings\.\w+)$"


def _sections(facts: Facts) -> list[Evidence]:
    """Config files with a section per environment, where something deploys by them."""
    if not (rollout.workloads(facts) or rollout.platform_pipelines(facts) or rollout.roll_outs(facts)):
        return []
    groups: dict[tuple[str, str], dict[str, Evidence]] = {}
    for file, leaf in facts.leaves(_SECTIONED):
        for depth, key in enumerate(leaf.keys[:-1][:3]):
            if _OF.match(key):
                groups.setdefault((file.path, str(depth)), {}).setdefault(key, file.at(leaf.line))
    for file, leaf in facts.leaves(r"(^|/)(skaffold|devspace)\.ya?ml$", "profiles", "*", "name"):
        groups.setdefault((file.path, "profiles"), {}).setdefault(leaf.text, file.at(leaf.line))
    return [place for group in groups.values() if len(_kinds(group)) > 1 for place in group.values()]


def _overlays(facts: Facts) -> list[Evidence]:
    """Compose files that change a base for an environment."""
    services = compose.services(facts)
    complete = {(service.file.folder, service.name) for service in services if service.image or service.build}
    overlays = [
        service
        for service in services
        if not service.image
        and not service.build
        and (service.file.folder, service.name) in complete
        and not re.search(r"override", service.file.name)
        and (_kinds(re.split("[.-]", service.file.name)) or not all(_is_of_machine(keys) for keys, _ in service.leaves))
    ]
    joined = facts.commands(r"compose\b.*(?:-f|--file)[ =]\S+\s+(?:-f|--file)[ =]\S+")
    profiles = facts.commands(rf"compose\b.*--(?:env-file|profile)[ =]\S*(?:\$|{_ENVIRONMENT})")
    if not overlays and not profiles:
        return []
    return [*dict.fromkeys(service.file.at(service.line) for service in overlays), *places(joined), *places(profiles)]


def _is_of_machine(keys: list[str]) -> bool:
    """Whether a value says what machine a service takes, as for one with a graphics card, and nothing of an environment."""
    return keys[:2] == ["deploy", "resources"] or keys[0] in {"runtime", "gpus", "devices", "shm_size"}


_DEPLOYING = (
    "aws_cdk",
    "cdktf",
    "pulumi",
    "prefect.run_configs",
    "prefect.storage",
    "prefect.deployments",
    "troposphere",
    "sagemaker.workflow",
    "sagemaker.mlops",
)


def _in_code(facts: Facts) -> list[Evidence]:
    """Code that defines a deployment for an environment which is a parameter."""
    files = list({file.path: file for file, _ in facts.imports(*_DEPLOYING, files=facts.scripts)}.values())
    names = rf"^(?:self\.)?{_VARIABLE}$"
    parameters = [
        (file, one)
        for file in files
        for one in (file.facts.code.defines if file.facts.code else ())
        if any(re.match(names, parameter, re.IGNORECASE) for parameter in one.parameters)
    ]
    stages = [
        (file, call)
        for file, call in facts.calls("*.add_stage", files=files)
        if _stage_of(call.kwargs, call.argument(0))
    ]
    kinds = {name for _, call in stages for name in (_stage_of(call.kwargs, call.argument(0)),)}
    asked = facts.calls("*.try_get_context", "os.getenv", "os.environ.get", "os.environ[]", files=files)
    told = [pair for pair in asked if re.fullmatch(_VARIABLE, str(pair[1].argument(0)), re.IGNORECASE)]
    rolling = [*rollout.roll_outs(facts), *rollout.platform_pipelines(facts)]
    flags = scripted.flags(facts, rolling, _TOLD)
    several = stages if len(kinds) > 1 else []
    return [*places(several), *places(parameters), *places(told), *flags, *_generated(facts)]


_TOLD = expression(
    rf"^-{{0,2}}(?:{_VARIABLE}|namespace|cluster|project(?:[-_]id)?|subscription|account)$", re.IGNORECASE
)


def _generated(facts: Facts) -> list[Evidence]:
    """Applications that Argo CD makes of one template, one for each environment of a list."""
    listed = facts.leaves(r"\.ya?ml$", "spec", "generators", "*", "list", "elements", "*", "*")
    return places(listed) if len(_kinds(leaf.text for _, leaf in listed)) > 1 else []


def _stage_of(kwargs: dict[str, object], first: object) -> str:
    """The environment that a pipeline's stage deploys to, "" for none."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", str(kwargs.get("stage_name", first)))
    return next(iter(_kinds(words)), "")
