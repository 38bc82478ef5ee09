"""The README tells the truth: its settings, import paths, permissions and limits are those of the code."""

import ast
import re
import shlex
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import load_command_class
from graphql import build_schema, parse, validate

from django_attribution import (
    attribution_models,
    breaker,
    client_events,
    conf,
    credit,
    filters,
    kept_credit,
    landings,
    markov,
    model_names,
    money,
    paths,
    recording,
    report_admin,
    report_options,
    report_rows,
    tracking,
    transactions,
    windows,
)
from django_attribution.management.commands.attribution_report import Command
from django_attribution.models import Conversion, Identity, Touchpoint
from graphql_api import answer_budget, connections, credited_rows, limits, report_queries, types, views
from graphql_api.schema import schema

README = (Path(__file__).parent.parent / "README.md").read_text()
SETTINGS = re.findall(r"^\| `([A-Z_]+)` \| `(.+?)` \| (.+) \|$", README, flags=re.MULTILINE)
CODE = re.findall(r"```(\w+)\n(.*?)```", README, flags=re.DOTALL)
IMPORTS = [
    (node.module, alias.name)
    for language, code in CODE
    if language == "python"
    for node in ast.walk(ast.parse(code))
    if isinstance(node, ast.ImportFrom)
    and node.module
    and node.module.startswith(("django_attribution", "graphql_api"))
    for alias in node.names
]


def test_the_settings_table_is_the_settings() -> None:
    said = {name: (ast.literal_eval(default), meaning) for name, default, meaning in SETTINGS}
    defaults = conf.AttributionSettings()
    meant = {
        setting.name: (getattr(defaults, setting.name), setting.metadata["meaning"])
        for setting in fields(conf.AttributionSettings)
    }
    assert said == meant


@pytest.mark.parametrize(("module", "name"), IMPORTS)
def test_what_it_imports_is_there(module: str, name: str) -> None:
    assert hasattr(import_module(module), name)


def test_it_shows_every_way_in() -> None:
    assert {name for _, name in IMPORTS} >= {
        "record_conversion", "confirm_conversion", "conversion_events", "ConversionEventsMixin",
        "first_touch", "last_touch", "Conversion",
    }  # fmt: skip


def test_the_options_of_the_report_that_it_names_exist() -> None:
    parser = Command().create_parser("manage.py", "attribution_report")
    section = README.partition("### From the command line")[2].partition("\n### ")[0]
    named = set(re.findall(r"--[a-z-]+", section)) - {"--help"}
    assert len(named) > 10
    assert named <= {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize(
    ("command", "arguments"), re.findall(r"manage\.py (attribution_\w+)((?: .*\\\n.*| .*)?)$", README, re.M)
)
def test_the_commands_that_it_shows_can_be_called_so(command: str, arguments: str) -> None:
    parser = load_command_class("django_attribution", command).create_parser("manage.py", command)
    parser.parse_args(shlex.split(arguments.replace("\\\n", " ")))


def test_the_tests_that_show_what_it_promises_are_there() -> None:
    named = re.findall(r"`(test_\w+\.py)`", README)
    assert len(named) > 10
    assert [name for name in named if not Path(__file__).with_name(name).exists()] == []


@pytest.mark.parametrize("document", [code for language, code in CODE if language == "graphql"])
def test_its_operations_are_valid(document: str) -> None:
    assert validate(build_schema(schema.as_str()), parse(document)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("codename", ["view_conversion", "view_identity", "view_touchpoint", "confirm_conversion"])
def test_the_permissions_it_names_exist(codename: str) -> None:
    assert codename in README
    assert Permission.objects.filter(content_type__app_label="django_attribution", codename=codename).exists()


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("click ids {}", tracking.CLICK_ID_LENGTH),
        ("URLs {}", tracking.URL_LENGTH),
        ("User agents {}", tracking.USER_AGENT_LENGTH),
        ("{} models side by side", model_names.MAX_MODELS),
        ("{} keys in `top()`", report_rows.MAX_KEYS),
        ("{} keys for `markov`", markov.MAX_CHAIN_KEYS),
        ("{} paths", paths.MAX_PATHS),
        ("last {} steps", paths.MAX_STEPS),
        ("a `url` of {} characters", landings.ADDRESS_LENGTH),
        ("0 to {} days", windows.MAX_DAYS),
        ("at most {} sources", windows.MAX_SOURCES),
        ("`custom_data`: {} kB", recording.CUSTOM_DATA_LENGTH // 1024),
        ("keys: {} characters", recording.KEY_LENGTH),
        ("a browser's key at least {}", client_events.MIN_KEY_LENGTH),
        ("bodies of {} kB", views.MAX_BODY_BYTES // 1024),
        ("{} tokens", limits.MAX_TOKENS),
        ("{} fields", limits.MAX_FIELDS),
        ("journeys of {} touches", types.MAX_JOURNEY),
        ("{} values in a filter list", filters.MAX_VALUES),
        ("{} significant digits", money.MAX_SIGNIFICANT_DIGITS),
        ("{} levels deep", recording.CUSTOM_DATA_DEPTH),
        ("{} levels", limits.MAX_DEPTH),
        ("{} aliases", limits.MAX_ALIASES),
        ("{} times the same field", limits.MAX_REPEATS),
        ("{} reports", limits.MAX_REPORTS),
        ("{} results in a report", report_queries.MAX_RESULTS),
        ("{} fields in all lists", answer_budget.MAX_ANSWERED),
        ("more than {} stored addresses", kept_credit.MAX_STORED),
        ("{} conversions and touches looked at", credited_rows.MAX_LOOKED_AT),
        ("{} values offered for choice", report_options.MAX_OFFERED),
        ("pages of {}", connections.MAX_PAGE_SIZE),
        ("default {}", connections.PAGE_SIZE),
        ("up to {} lines", report_admin.MAX_TABLE_LINES),
        ("After {} landings in a row", breaker.FAILURES),
        ("failed within {} seconds", int(breaker.WINDOW)),
        ("every {} seconds", int(breaker.PAUSE)),
        ("up to {} times", transactions.TRIES),
        ("within {} seconds: landings", int(transactions.RETRY_FOR)),
    ],
)
def test_the_limits_are_those_of_the_code(said: str, number: int) -> None:
    assert said.format(f"{number:,}") in README


JOURNEY = (("Paid Social", 14), ("Paid Search", 7), ("Email", 1), ("Direct", 0))
MODELS = re.findall(
    r"^\| `(\w+)(?:\((.*)\))?` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", README, flags=re.MULTILINE
)


def test_the_table_of_models_shows_them_all() -> None:
    assert {name for name, *_ in MODELS} == set(model_names.BUILT_IN)


@pytest.mark.parametrize(("name", "parameters", "parts"), [(name, given, parts) for name, given, *parts in MODELS])
def test_the_table_of_models_shows_what_they_give(name: str, parameters: str, parts: list[str]) -> None:
    model = getattr(attribution_models, name)
    if callable(model):
        model = model(*(float(number) for number in parameters.split(", ") if number))
    ordered = datetime(2026, 6, 15, tzinfo=UTC)
    journey = credit.Journey(
        tuple(
            credit.Touch(number, ordered - timedelta(days=days), "", channel=channel)
            for number, (channel, days) in enumerate(JOURNEY)
        ),
        ordered,
    )
    weights = model.weights(journey)
    channels = [channel for channel, _ in JOURNEY]
    assert [str(part) for part in money.split(Decimal("100.00"), weights, keys=channels)] == parts


def test_the_model_that_it_shows_is_one() -> None:
    (shown,) = [code for language, code in CODE if language == "python" and "class LastPaid" in code]
    found: dict[str, Any] = {}
    exec(shown, found)  # noqa: S102 - the README's own text
    touches = [
        credit.Touch(number, datetime(2026, 6, 1, tzinfo=UTC), "", channel=channel)
        for number, channel in enumerate(("Paid Search", "Email"))
    ]
    journey = credit.Journey(tuple(touches), datetime(2026, 6, 2, tzinfo=UTC))
    assert attribution_models.checked_weights(model_names.own_model("LAST_PAID", found["last_paid"]), journey) == [1, 0]


@pytest.mark.django_db
def test_the_report_and_the_paths_that_it_shows_can_be_asked() -> None:
    (asked,) = [code for language, code in CODE if language == "python" and "attribution_report(" in code]
    (paths_code,) = [code for language, code in CODE if language == "python" and "conversion_paths(" in code]
    identity = Identity.objects.create()
    Touchpoint.objects.create(identity=identity, utm_source="google", utm_medium="cpc", utm_campaign="spring")
    Conversion.objects.record(event="order", identity=identity, value=10, currency="EUR")
    found: dict[str, Any] = {}
    exec(asked + paths_code, found)  # noqa: S102 - the README's own text
    assert {row.key for row in found["report"].rows} == {("Paid Search", "spring")}
    assert found["paths"].paths[0].steps == ("Paid Search",)
