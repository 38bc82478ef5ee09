"""What every page has to hold to, whatever it shows: axe finds nothing, and the keyboard reaches every control."""

from functools import cache
from typing import TYPE_CHECKING, Any

from tests.real_browser import SCHEMES

if TYPE_CHECKING:
    from playwright.sync_api import Page

TAB_STOPS_PER_CONTROL = 6  # a date is several stops
COLOR_RULES = ["color-contrast", "link-in-text-block"]  # of axe, whose other rules see the same in every scheme

# Finds what can be used by pointing at it, and remembers on the elements themselves where the focus has been.
PREPARE = """() => {
    const selector = 'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, iframe, ' +
        'audio[controls], video[controls], [contenteditable=true], [tabindex]:not([tabindex="-1"]), ' +
        '[role=button], [role=link], [role=checkbox], [role=switch]';
    const byArrows = '[role=tab], [role=option], [role=menuitem], [role=radio]';  // Tab leads to one of each set
    const isUsable = (element) => element.checkVisibility({visibilityProperty: true})
        && !element.matches(':disabled') && element.closest('[inert]') === null
        && !(element.tabIndex < 0 && element.matches(byArrows));
    const named = (element) => {
        const label = element.getAttribute('aria-label') || element.labels?.[0]?.innerText || element.innerText || '';
        const name = label.trim().replace(/\\s+/g, ' ') || element.name || element.id;
        return `${element.tagName.toLowerCase()} "${name}"`;
    };
    const controls = [...document.querySelectorAll(selector)].filter(isUsable);
    const hasFocused = (element) => element.hasBeenFocused || (element.type === 'radio' && controls.some(
        (other) => other.hasBeenFocused && other.type === 'radio' && other.name === element.name));
    window.tabWalk = {
        count: controls.length,
        step: () => {
            const element = document.activeElement;
            if (element === document.body || element === null) return null;
            const isNew = !element.hasBeenFocused;
            element.hasBeenFocused = true;
            return {name: named(element), isNew};
        },
        missed: () => controls.filter((element) => !hasFocused(element)).map(named),
    };
    document.querySelectorAll('*').forEach((element) => delete element.hasBeenFocused);
    // From the top, also where a field has taken the focus by itself.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    return controls.length;
}"""


def assert_accessible(page: "Page") -> None:
    """Check the page as it stands with every rule of axe, those about colors in light and in dark."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = violations(page, only=None if scheme == SCHEMES[0] else COLOR_RULES)
        assert not found, f"{page.url} in {scheme}:\n" + "\n".join(found)


def assert_usable_by_keyboard(page: "Page") -> None:
    """Check that Tab leads to every control of the page as it stands."""
    _, missed = walk_by_tab(page)
    assert not missed, f"Tab does not lead to these on {page.url}: {missed}"


def violations(page: "Page", *, only: list[str] | None = None) -> list[str]:
    """Return a line for each element that breaks a rule of axe: the rule, the element, what is wrong with it.

    Of all rules that axe has by default, or of these.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe_script())
    options = {"resultTypes": ["violations"], **({"runOnly": only} if only else {})}
    found: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    lines = []
    for violation in found["violations"]:
        for node in violation["nodes"]:
            target = " ".join(map(str, node["target"]))
            lines.append(f"{violation['id']}: {target}: {violation['help']}. {node.get('failureSummary', '')}")
    return lines


def walk_by_tab(page: "Page") -> tuple[list[str], list[str]]:
    """Press Tab through the page. Return what got the focus, in order, and the visible controls that never did."""
    controls: int = page.evaluate(PREPARE)
    focused: list[str] = []
    for _ in range((controls + 1) * TAB_STOPS_PER_CONTROL):
        page.keyboard.press("Tab")
        step: dict[str, Any] | None = page.evaluate("window.tabWalk.step()")
        if step is None:  # past the last one
            break
        if step["isNew"]:
            focused.append(step["name"])
    missed: list[str] = page.evaluate("window.tabWalk.missed()")
    return focused, missed


@cache
def _axe_script() -> str:
    """Return axe, which takes longer to be read than to check a page: once for each."""
    from axe_playwright_python.sync_playwright import Axe

    script: str = Axe().axe_script
    return script
