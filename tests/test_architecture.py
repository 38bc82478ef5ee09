"""The house keeps its plan: who may import whom, what users were promised to find, and that all of it is explained."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "django_attribution"

# From the ground up. A file imports from its own floor and from those below it.
FLOORS = (
    {
        "breaker",
        "sliding_decay",
        "refusals",
        "landings",
        "exceptions",
        "shares",
        "path_secrets",
        "tracking",
        "channels",
        "channels_data",
        "windows",
        "credit",
        "credit_filter",
        "intervals",
        "dimensions",
        "markov",
        "money",
        "terminal_table",
    },
    {"conf", "signals"},
    {
        "database_errors",
        "failures",
        "fields",
        "inserting",
        "recording",
        "tokens",
        "transactions",
        "client_events",
        "channel_settings",
        "setting_rules",
    },
    {
        "aggregates",
        "lookback",
        "attribution_models",
        "model_names",
        "credited",
        "credits",
        "idempotency",
        "querysets",
        "identity_querysets",
        "models",
        "primary",
        "report_rows",
        "report_sheet",
        "attributed",
        "changes",
        "timestamps",
        "reports",
        "paths",
        "report_options",
        "histories",
        "kinds",
        "raw_columns",
        "touch_rows",
        "reading",
        "selections",
        "tally",
        "decay_tally",
        "ends_tally",
        "chain_tally",
        "tallies",
        "spans",
        "kept_credit",
        "looks",
        "retention",
        "personal_data",
        "privacy",
    },
    {"arrivals", "consent", "cookies", "kept_rows", "session_looks", "visitor", "identity", "logins"},
    {"middlewares", "shortcuts"},
    {
        "decorators",
        "mixins",
        "filter_widgets",
        "filters",
        "report_form",
        "report_output",
        "report_question",
        "report_admin",
        "erasure_admin",
        "fact_admin",
        "report_csv",
        "admin",
        "management",
        "checks",
        "apps",
        "migrations",
    },
)
PURE = FLOORS[0]
# Stored rows know nothing of requests and responses.
FORMS = {"filter_widgets", "filters", "report_form", "report_question", "report_output"}
WITHOUT_HTTP = FLOORS[1] | FLOORS[2] | FLOORS[3] | FORMS


def sources(package: str) -> dict[str, Path]:
    """Return the files of a package by their names, those of a folder by the folder's."""
    files = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        files[".".join(path.relative_to(ROOT / package).with_suffix("").parts)] = path
    return files


def tree_of(path: Path) -> ast.Module:
    """Read a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(node: ast.AST, *, at_run_time_only: bool = False) -> Iterator[str]:
    """Yield every module that is imported, also inside functions; ``a.b`` for ``from a import b``."""
    if at_run_time_only and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from imports_of(child, at_run_time_only=at_run_time_only)


def own_imports(path: Path, *, at_run_time_only: bool = False) -> set[str]:
    """Return the files of the package that a file imports."""
    names = imports_of(tree_of(path), at_run_time_only=at_run_time_only)
    return {name.split(".")[1] for name in names if name.startswith(f"{PACKAGE}.")} - {"__version__"}


def floor_of(name: str) -> int:
    """Return the floor a file lives on."""
    first = name.split(".")[0]
    found = [number for number, floor in enumerate(FLOORS) if first in floor]
    assert found, f"{PACKAGE}/{name}.py lives on no floor: add it to FLOORS in {Path(__file__).name}."
    return found[0]


FILES = {name: path for name, path in sources(PACKAGE).items() if name != "__init__"}


@pytest.mark.parametrize("name", FILES)
def test_a_file_imports_from_its_own_floor_and_below(name: str) -> None:
    above = {
        imported
        for imported in own_imports(FILES[name], at_run_time_only=name != "__init__")
        if floor_of(imported) > floor_of(name)
    }
    assert not above


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {name.split(".")[0]: own_imports(path, at_run_time_only=True) for name, path in FILES.items()}
    below: set[str] = set()
    while len(below) < len(graph):
        next_up = {name for name, imported in graph.items() if imported - {name} <= below} - below
        assert next_up, f"These import each other: {sorted(set(graph) - below)}"
        below |= next_up


@pytest.mark.parametrize("name", sorted(PURE & FILES.keys()))
def test_a_pure_file_imports_no_django(name: str) -> None:
    assert not [imported for imported in imports_of(tree_of(FILES[name])) if imported.split(".")[0] == "django"]


@pytest.mark.parametrize("name", sorted(PURE & FILES.keys()))
def test_a_pure_file_works_where_django_is_not_imported(name: str) -> None:
    probe = f"import sys, {PACKAGE}.{name}; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", FILES)
def test_no_file_knows_graphql(name: str) -> None:
    foreign = {"graphql_api", "strawberry", "strawberry_django", "graphql", "example_project", "tests"}
    assert not foreign & {imported.split(".")[0] for imported in imports_of(tree_of(FILES[name]))}


@pytest.mark.parametrize("name", sorted(WITHOUT_HTTP & FILES.keys()))
def test_what_is_stored_knows_nothing_of_requests(name: str) -> None:
    assert not [imported for imported in imports_of(tree_of(FILES[name])) if imported.startswith("django.http")]


@pytest.mark.parametrize("name", sources("graphql_api"))
def test_the_graphql_api_knows_nothing_of_the_example(name: str) -> None:
    imported = imports_of(tree_of(sources("graphql_api")[name]))
    assert not {"example_project", "tests"} & {module.split(".")[0] for module in imported}


def test_the_package_itself_imports_nothing() -> None:
    probe = f"import sys; before = set(sys.modules); import {PACKAGE}; print(sorted(set(sys.modules) - before))"
    found = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == f"['{PACKAGE}']"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("middlewares", "TrackingParameterMiddleware"),
        ("middlewares", "AttributionMiddleware"),
        ("shortcuts", "record_conversion"),
        ("decorators", "conversion_events"),
        ("mixins", "ConversionEventsMixin"),
        ("models", "Identity"),
        ("models", "Touchpoint"),
        ("models", "Conversion"),
        ("attribution_models", "first_touch"),
        ("attribution_models", "last_touch"),
    ],
)
def test_a_promised_import_path_exists(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(f"{PACKAGE}.{module}"), name)


def public_names(node: ast.AST, where: str) -> Iterator[tuple[str, str | None]]:
    """Yield every public function, class and method with its docstring."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        is_overload = any(ast.unparse(decorator) == "overload" for decorator in child.decorator_list)
        if child.name.startswith("_") or child.name == "Meta" or is_overload:
            continue
        yield f"{where}.{child.name}", ast.get_docstring(child)
        if isinstance(child, ast.ClassDef):
            yield from public_names(child, f"{where}.{child.name}")


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("migrations.")])
def test_everything_public_is_explained(name: str) -> None:
    tree = tree_of(FILES[name])
    assert ast.get_docstring(tree), f"{name} does not say what lives there"
    unexplained = [where for where, docstring in public_names(tree, name) if not docstring]
    assert not unexplained


@pytest.mark.parametrize("name", FILES)
def test_docstrings_begin_with_complete_sentences(name: str) -> None:
    for where, docstring in public_names(tree_of(FILES[name]), name):
        first_sentences = (docstring or ".").split("\n\n")[0]
        assert first_sentences.endswith("."), f"{where}: {first_sentences}"
