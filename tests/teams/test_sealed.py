"""What is sealed opens with the keys of this deployment alone, also while they are rotated."""

import pytest

from apps.teams.sealed import CannotUnseal, reseal, seal, unseal


def test_a_secret_comes_back_and_two_seals_of_it_differ():
    assert unseal(seal("s\u00e9cret")) == "s\u00e9cret"
    assert seal("secret") != seal("secret")


def test_new_keys_seal_and_older_ones_still_open(settings):
    by_secret_key = seal("one")
    settings.FIELD_KEYS = ["first"]
    by_first = seal("two")
    settings.FIELD_KEYS = ["second", "first"]
    assert [unseal(by_secret_key), unseal(by_first)] == ["one", "two"]
    moved = reseal(by_first)
    settings.FIELD_KEYS = ["second"]
    assert unseal(moved) == "two"
    with pytest.raises(CannotUnseal):
        unseal(by_first)


def test_a_changed_secret_key_opens_nothing_unless_a_field_key_sealed_it(settings):
    lost = seal("one")
    settings.FIELD_KEYS = ["kept"]
    kept = seal("two")
    settings.SECRET_KEY = "another"
    assert unseal(kept) == "two"
    with pytest.raises(CannotUnseal):
        unseal(lost)


@pytest.mark.parametrize("damaged", ["", "x", "gAAAAA", "\u00e9"])
def test_what_was_tampered_with_does_not_open(damaged):
    with pytest.raises(CannotUnseal):
        unseal(damaged)
