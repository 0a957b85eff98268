"""The modules of the standard and its prose in docs/catalogue.md say the same, and neither says more."""

import re
from pathlib import Path

import pytest

from apps.catalog import CATALOGUE_VERSION, FACTORS, GENERAL_RULINGS, ITEMS, JUDGEMENT, STATE_MEANINGS, State, factor

PROSE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
CRITERIA = ("met", "partial", "unmet", "na", "unknown")
LABEL = re.compile(r"\b(met|partial|unmet|na|unknown): ")

# Where the prose writes a criterion once for several items, the modules write it out for each of them.
SAME_RULE_AS = {
    "config.hyperparameters": "config.training-parameters",
    "processes.vocabulary-external": "processes.model-external",
}


def plain(text: str) -> str:
    """Return the text without line breaks, emphasis and case."""
    return re.sub(r"(?<=\S)/ ", "/", " ".join(text.replace("**", "").split())).casefold()


def without(text: str, parts: tuple[str, ...]) -> str:
    """Return the letters of `text` that none of `parts` accounts for; longest parts go first."""
    rest = plain(text)
    for part in sorted((plain(p) for p in parts if p), key=len, reverse=True):
        rest = rest.replace(part, " ")
    return " ".join(rest.split())


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.) (?=[A-Z])", text)


def bullets() -> dict[str, str]:
    found = re.findall(r"^- `([a-z-]+\.[a-z-]+)`(.*?)(?=^- `|^$|\Z)", PROSE, re.MULTILINE | re.DOTALL)
    return {item_id: " ".join(text.split()) for item_id, text in found}


def section(start: str, end: str) -> str:
    return PROSE.split(start)[1].split(end)[0]


def test_there_are_fifty_items_in_twelve_factors_in_the_order_of_the_prose():
    assert list(ITEMS) == list(bullets())
    assert len(ITEMS) == 50
    assert [f.number for f in FACTORS] == list(range(1, 13))


def test_factors_carry_the_slugs_of_the_prose():
    assert [f.slug for f in FACTORS] == re.findall(r"^## \d+\. [^`]+`([a-z-]+)`", PROSE, re.MULTILINE)


def test_an_item_sits_in_the_factor_that_its_id_names():
    for f in FACTORS:
        for item in f.items:
            assert (item.factor, f"{item.factor}.{item.slug}") == (f.slug, item.id)


@pytest.mark.parametrize("item_id", ITEMS)
def test_every_criterion_is_a_sentence_of_the_prose(item_id):
    item, prose = ITEMS[item_id], plain(PROSE)
    for part in (item.subject, *(getattr(item, name) for name in CRITERIA)):
        for sentence in sentences(part):
            assert plain(sentence).rstrip(".") in prose, sentence


@pytest.mark.parametrize("item_id", ITEMS)
def test_nothing_of_an_items_prose_is_dropped(item_id):
    item = ITEMS[item_id]
    texts = (item.subject, *(getattr(item, name) for name in CRITERIA), *item.rulings)
    parts = tuple(s.rstrip(".") for text in texts for s in sentences(text))
    rest = without(bullets()[item_id], parts)
    left = re.sub(r"\b(met|partial|unmet|na|unknown): |[.;]", "", rest + " ").strip()
    assert left in {"", "never"}  # "na: never" is an empty criterion


@pytest.mark.parametrize("item_id", ITEMS)
def test_each_criterion_stands_under_its_own_label(item_id):
    item, text = ITEMS[item_id], bullets()[item_id]
    labelled = dict(zip(*[iter(LABEL.split(text)[1:])] * 2, strict=True))
    for name, criterion in labelled.items():
        if not criterion.startswith("never"):
            assert plain(getattr(item, name)) == plain(criterion)


@pytest.mark.parametrize(("item_id", "same_as"), SAME_RULE_AS.items())
def test_the_same_rule_is_written_out_with_the_same_words(item_id, same_as):
    item, other = ITEMS[item_id], ITEMS[same_as]
    assert item.subject.startswith("the same rule for")
    assert (item.met, item.partial, item.unmet) == (other.met, other.partial, other.unmet)


def test_backing_services_share_the_criteria_that_the_prose_gives_for_each_kind():
    shared = " ".join(section("For each kind: ", "\n\n").split())
    labelled = dict(zip(*[iter(LABEL.split(shared)[1:])] * 2, strict=True))
    assert set(labelled) == {"met", "partial", "unmet", "na"}
    for item in factor("backing-services").items:
        for name, criterion in labelled.items():
            assert getattr(item, name).startswith(criterion.strip())


def test_port_binding_does_not_apply_to_a_system_that_does_not_serve():
    assert {item.na for item in factor("port-binding").items} == {"the system does not serve."}


def test_nothing_of_the_rulings_is_dropped():
    rulings = tuple(r.rstrip(".") for item in ITEMS.values() for r in item.rulings)
    prose = section("so that people and the scanner agree.", "\0")
    names = r"\*\*[A-Z][A-Za-z, ]+\*\*(?: —)?"
    slugs = "|".join(sorted({item.slug for item in ITEMS.values()}, key=len, reverse=True))
    rest = without(re.sub(names, " ", prose), (*rulings, *(r.rstrip(".") for r in GENERAL_RULINGS)))
    assert re.sub(rf"`(?:{slugs})`(?:, (?=`))?:?|[-. ]", "", rest) == ""


def labelled_rulings() -> list[tuple[str, str]]:
    found = []
    for paragraph in re.findall(r"^\*\*[^*]+\*\* — (.*?)(?=\n\n|\Z)", PROSE, re.MULTILINE | re.DOTALL):
        found += re.findall(r"((?:`[a-z-]+`(?:, )?)+): (.*?\.)(?= |$)", " ".join(paragraph.split()))
    return found


def test_the_prose_labels_most_rulings_with_their_items():
    assert len(labelled_rulings()) > 25


@pytest.mark.parametrize(("labels", "ruling"), labelled_rulings())
def test_a_ruling_is_held_by_exactly_the_items_that_label_it(labels, ruling):
    holders = {i.slug for i in ITEMS.values() if any(plain(ruling) in plain(r) for r in i.rulings)}
    assert holders == set(re.findall(r"`([a-z-]+)`", labels))


@pytest.mark.parametrize(
    ("start", "holders"),
    [
        ("Missing training code counts", {"codebase.one-codebase", "codebase.training"}),
        (
            "Managed endpoints and serverless platforms",
            {
                "port-binding.service",
                "port-binding.port-from-environment",
                "port-binding.declared",
                "disposability.shutdown",
                "disposability.health",
            },
        ),
        ("A Procfile web process", {"port-binding.port-from-environment", "port-binding.declared"}),
        ("The main training or serving entry point", {"admin-processes.tasks", "admin-processes.same-environment"}),
        (
            "Notebooks only:",
            {
                "admin-processes.tasks",
                "admin-processes.retraining",
                "admin-processes.backfill",
                "admin-processes.same-environment",
            },
        ),
    ],
)
def test_a_ruling_without_a_label_reaches_the_items_that_it_speaks_of(start, holders):
    assert {i.id for i in ITEMS.values() if any(r.startswith(start) for r in i.rulings)} == holders


def test_nothing_about_states_and_judgement_is_dropped():
    prose = section("## States", "## 1.")
    table = re.findall(r"^\| `(\w+)` \| (.*?) \|$", prose, re.MULTILINE)
    assert {State(name): meaning for name, meaning in table} == STATE_MEANINGS
    rest = without(re.sub(r"^\|.*$", "", prose, flags=re.MULTILINE), JUDGEMENT)
    assert rest == ""


@pytest.mark.parametrize("item_id", ITEMS)
def test_an_item_has_a_short_title_and_a_remedy_of_one_to_three_sentences(item_id):
    item = ITEMS[item_id]
    assert 10 <= len(item.title) <= 60
    assert not item.title.endswith(".")
    assert item.remedy.endswith(".")
    assert 1 <= len(sentences(item.remedy)) <= 3


def test_titles_tell_items_apart():
    assert len({item.title for item in ITEMS.values()}) == len(ITEMS)


def test_all_items_weigh_the_same():
    assert {item.weight for item in ITEMS.values()} == {1.0}


def test_every_item_can_be_met_and_unmet():
    assert all(item.met and item.partial and item.unmet for item in ITEMS.values())


def test_columns_are_headed_by_short_names():
    heads = [f.short for f in FACTORS]
    assert " ".join(heads) == "Code Deps Config Services Build Processes Ports Scale Disposal Parity Logs Admin"


def test_a_factor_is_found_by_its_slug_and_an_unknown_one_is_an_error():
    assert factor("dev-prod-parity").number == 10
    with pytest.raises(KeyError):
        factor("parity")


def test_states_are_their_stored_values():
    assert [str(s) for s in State] == ["met", "partial", "unmet", "na", "unknown"]


def test_the_version_is_a_year_and_a_month():
    assert re.fullmatch(r"20\d\d\.(0[1-9]|1[0-2])", CATALOGUE_VERSION)
