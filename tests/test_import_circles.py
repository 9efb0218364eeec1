"""No package of genmod needs, through whatever others, itself; imports that wait until a call are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.test_walls import Module, modules, project_modules

PACKAGE = "genmod"


def room(name: str) -> str:
    """genmod.kinds.gan lies in genmod.kinds."""
    return ".".join(name.split(".")[:2])


def needed(found: Iterable[Module]) -> dict[str, set[str]]:
    """For each room the others it imports as soon as it is imported."""
    needs: dict[str, set[str]] = {}
    for module in found:
        own = room(module.name)
        for imported in module.imports:
            other = room(imported.target)
            if other.startswith(f"{PACKAGE}.") and other != own and not imported.in_function:
                needs.setdefault(own, set()).add(other)
    return needs


def circle(needs: Mapping[str, set[str]]) -> list[str]:
    """The rooms of a circle, the first again at the end; empty if there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_room_needs_itself_through_others() -> None:
    needs = needed(project_modules())
    assert {f"{PACKAGE}.system", f"{PACKAGE}.errors"} & needs[f"{PACKAGE}.runs"]  # something was read
    assert not circle(needs), " -> ".join(circle(needs))


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ({"genmod.a": "import genmod.b", "genmod.b": "from genmod import a"}, 2),
        ({"genmod.a": "import genmod.b.x", "genmod.b.x": "from genmod.c import y", "genmod.c": "import genmod.a"}, 3),
        ({"genmod.a": "import genmod.b", "genmod.b": "def f():\n    import genmod.a"}, 0),
        ({"genmod.a.x": "import genmod.a.y", "genmod.a.y": "import genmod.a.x"}, 0),
    ],
    ids=["two", "three", "lazy", "within a room"],
)
def test_a_circle_is_found(sources: dict[str, str], expected: int) -> None:
    assert len(set(circle(needed(modules(sources))))) == expected
