"""The checks of pages see what they are there to see."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.page_checks import assert_accessible, violations, walk_by_tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FRAME = '<!doctype html><html lang="en"><title>Page</title><main><h1>Page</h1>{}</main></html>'


@pytest.fixture
def page(chromium: "Browser") -> "Iterator[Page]":
    """Return an empty page."""
    page = chromium.new_page()
    yield page
    page.close()


def test_a_good_page_has_no_violations(page: "Page") -> None:
    page.set_content(FRAME.format('<label>Name <input></label> <a href="#x">More</a>'))

    assert violations(page) == []


def test_a_violation_is_told_with_its_rule_and_its_element(page: "Page") -> None:
    page.set_content(FRAME.format('<input id="name"> <p style="color: #ddd; background: #fff">Pale</p>'))

    found = violations(page)

    assert [line.split(": ")[:2] for line in found] == [["color-contrast", "p"], ["label", "#name"]]


def test_what_is_pale_in_dark_alone_is_a_violation(page: "Page") -> None:
    style = "@media (prefers-color-scheme: dark) { body { background: #333; color: #fff } p { color: #444 } }"
    page.set_content(FRAME.format(f"<style>{style}</style> <p>Pale at night</p>"))

    assert violations(page) == []
    with pytest.raises(AssertionError, match="in dark:\ncolor-contrast: p"):
        assert_accessible(page)


def test_tab_leads_through_controls_in_order_and_once_each(page: "Page") -> None:
    page.set_content(
        FRAME.format(
            '<a href="#x">First</a> <label>Second <input autofocus></label> <input type="date" aria-label="Third">'
            '<label><input type="radio" name="r" checked>Fourth</label> <label><input type="radio" name="r">No</label>'
            "<button disabled>Out of use</button> <button hidden>Unseen</button> <button>Fifth</button>"
        )
    )

    assert walk_by_tab(page) == (
        ['a "First"', 'input "Second"', 'input "Third"', 'input "Fourth"', 'button "Fifth"'],
        [],
    )


def test_what_only_a_mouse_can_use_is_told(page: "Page") -> None:
    page.set_content(
        FRAME.format('<button>Good</button> <a href="#x" tabindex="-1">Bad</a> <div role="button">Worse</div>')
    )

    assert walk_by_tab(page) == (['button "Good"'], ['a "Bad"', 'div "Worse"'])


def test_what_a_focus_trap_hides_is_told(page: "Page") -> None:
    page.set_content(
        FRAME.format(
            """<button id="a">Trap</button><button>Beyond</button><script>
            addEventListener("keydown", (event) => { event.preventDefault(); document.getElementById("a").focus() })
            </script>"""
        )
    )

    assert walk_by_tab(page) == (['button "Trap"'], ['button "Beyond"'])
