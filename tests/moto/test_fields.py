"""Every field that moto keeps: set, unchanged, changed alone, changed with all others."""

import pytest

from fields import CHANGEABLE, FILES, paths, text

TURNS = max(len(keys) for keys in CHANGEABLE.values())


@pytest.fixture(scope="module")
def everything(shared):
    """A stack with each of them set, up; `other` are those that have their other value."""
    shared.write(text(), **FILES)
    assert {action for action, _ in shared.up().values()} == {"create"}
    shared.other = set()
    return shared


def change(stack, other):
    """Gives these keys their other value and all others their first one, and nothing more is done."""
    stack.write(text(other), **FILES)
    wanted = {}
    for table, key in stack.other ^ other:
        wanted.setdefault(table, set()).update(paths(table, key))
    stack.other = other
    assert stack.up() == {table: ("update", sorted(names)) for table, names in wanted.items()}


def test_what_is_set_is_what_is_read(everything):
    assert everything.plan() == {}


@pytest.mark.parametrize("turn", range(TURNS))
def test_a_field_is_changed_alone(everything, turn):
    """In its turn, one field of each resource."""
    change(everything, {(table, keys[turn]) for table, keys in CHANGEABLE.items() if turn < len(keys)})
    assert everything.plan() == {}


def test_all_fields_are_changed_at_once_and_back(everything):
    change(everything, {(table, key) for table, keys in CHANGEABLE.items() for key in keys})
    assert everything.plan() == {}
    change(everything, set())
    assert everything.plan() == {}
