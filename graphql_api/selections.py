"""What a caller selected below a field, so that root fields fetch that and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from strawberry.types.nodes import SelectedField, Selection


def selected(selections: Iterable[Selection], *path: str) -> list[SelectedField]:
    """Return the fields at a path below some selections, seen through fragments and aliases.

    What a resolver is told of its selection begins with its own field, and so does the path.
    """
    found: list[SelectedField] = []
    for selection in selections:
        if _is_left_out(selection):
            continue
        if not isinstance(selection, SelectedField):
            found += selected(selection.selections, *path)
        elif selection.name == path[0]:
            found += selected(selection.selections, *path[1:]) if len(path) > 1 else [selection]
    return found


def fields_below(selections: Iterable[Selection]) -> int:
    """Count the fields below some selections, at all levels, with fragments written out."""
    return sum(
        int(isinstance(below, SelectedField)) + fields_below([below])
        for selection in selections
        for below in selection.selections
        if not _is_left_out(below)
    )


def _is_left_out(selection: Selection) -> bool:
    """Tell whether @skip or @include keeps a selection out of the answer."""
    directives = selection.directives
    return directives.get("skip", {}).get("if") is True or directives.get("include", {}).get("if") is False
