"""Every field that moto keeps: set, unchanged, changed alone, changed with all others, taken out."""

import re

import pytest

from fields import CHANGES, FIELDS, FILES, paths, text

# What a change of the key brings along.
ALONG = {
    # The rule of `expire_after_days` is of the same configuration, and is none of the others.
}

# What goes when its key is taken out of the file. Of all else, what is live stays.
GO = {}


@pytest.fixture(scope="module")
def everything(shared):
    """A stack with each of them set, up."""
    shared.write(text(), **FILES)
    assert {action for action, _ in shared.up().values()} == {"create"}
    return shared


def expected(keys):
    wanted = {}
    for table, key in keys:
        wanted.setdefault(table, set()).update(paths(table, key))
    return {table: ("update", sorted(of)) for table, of in wanted.items()}


def test_what_is_set_is_what_is_read(everything):
    everything.write(text(), **FILES)
    everything.up()
    assert everything.plan() == {}


@pytest.mark.parametrize(("table", "key"), CHANGES, ids=[".".join(change) for change in CHANGES])
def test_a_field_is_changed_alone(everything, table, key):
    everything.write(text(), **FILES)
    everything.up()
    everything.write(text(other=[(table, key)]), **FILES)
    assert everything.up() == expected([(table, key)])
    assert everything.plan() == {}


def test_all_fields_are_changed_at_once_and_back(everything):
    everything.write(text(), **FILES)
    everything.up()
    everything.write(text(other=CHANGES), **FILES)
    assert everything.up() == expected(CHANGES)
    assert everything.plan() == {}
    everything.write(text(), **FILES)
    assert everything.up() == expected(CHANGES)
    assert everything.plan() == {}
