"""Hypothesis strategies that several test files share, and how long they search. Knows nothing of the tests.

Times are placed on the edges of windows and a microsecond beside them, where an implementation goes wrong.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote_from_bytes

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from django_attribution.tracking import CLICK_IDS_BY_PARAMETER, UTM_PARAMETERS
from django_attribution.windows import MAX_DAYS, AttributionWindow

# Every run of the tests tries the same examples; the long ones search anew each time and say how to repeat them.
QUICK = settings(max_examples=200, deadline=None, database=None, derandomize=True)
QUICK_WITH_DATABASE = settings(
    QUICK, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
LONG_WITH_DATABASE = settings(QUICK_WITH_DATABASE, max_examples=800, derandomize=False, print_blob=True)

MICROSECOND = timedelta(microseconds=1)

# Around the changes of summer time in Berlin and New York, on a leap day, over the end of a year.
CALENDAR_EDGES = (
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2024, 3, 1, 0, 0, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
)
MICROSECONDS = (0, 1, 500_000, 999_998, 999_999)

SOURCES = ("google", "email", "default", "straße", "(direct)", "(not set)")
SPELLINGS = ("{}", " {}", "{} ", "\t{}  ")
DAYS = (0, 0, 0, 1, 7, 30, MAX_DAYS)
MEDIUMS = ("", "", "(None)", "(not set) ", "cpc")  # of the first four a direct visit may be
MINOR_DIGITS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}  # said anew for the tests


@dataclass(frozen=True)
class TouchFacts:
    """A touch to store: when, and what its URL said."""

    touched_at: datetime
    utm_source: str
    click_ids: dict[str, str]
    utm_medium: str = ""

    @property
    def source(self) -> str:
        """What it counts as, said anew for the tests: the URL's source, else Google by its click id, else direct."""
        return self.utm_source.strip().lower() or ("google" if self.click_ids else "(direct)")

    @property
    def is_direct(self) -> bool:
        """Whether nobody sent the visitor, said anew too; a medium of somebody's tells otherwise."""
        return self.source == "(direct)" and self.utm_medium.strip().lower() in ("", "(none)", "(not set)")


@dataclass(frozen=True)
class Amount:
    """What a conversion is worth, if anything."""

    value: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True)
class History:
    """What one identity did."""

    touches: Sequence[TouchFacts]
    conversions: Sequence[datetime]
    amounts: Sequence[Amount]  # of the conversions, one each


@dataclass(frozen=True)
class Question:
    """A window as a caller words it, and what several identities did around its edges."""

    window_days: int
    source_windows: dict[str, int]
    histories: Sequence[History]
    exclude_direct: bool

    @property
    def window(self) -> AttributionWindow:
        """The window in its checked form."""
        return AttributionWindow(self.window_days, self.source_windows)


def days() -> st.SearchStrategy[int]:
    """Draw the length of a window."""
    return st.sampled_from(DAYS) | st.sampled_from(DAYS) | st.integers(0, MAX_DAYS)


@st.composite
def spelled_sources(draw: st.DrawFn) -> str:
    """Draw a source in any case, with outer space: it means the same."""
    source = draw(st.sampled_from(SOURCES))
    # Not upper(): "straße" would become "STRASSE", another source.
    cased = "".join(letter.upper() if len(letter.upper()) == 1 and draw(st.booleans()) else letter for letter in source)
    return draw(st.sampled_from(SPELLINGS)).format(cased)


def source_windows() -> st.SearchStrategy[dict[str, int]]:
    """Draw windows of their own for some sources, each named once."""
    pairs = st.tuples(spelled_sources(), days())
    return st.lists(pairs, max_size=5, unique_by=lambda pair: pair[0].strip().lower()).map(dict)


def instants() -> st.SearchStrategy[datetime]:
    """Draw an instant on or near an edge of the calendar, with a fraction that is easily lost."""
    return st.builds(
        lambda edge, seconds, microsecond: (edge + timedelta(seconds=seconds)).replace(microsecond=microsecond),
        st.sampled_from(CALENDAR_EDGES),
        st.sampled_from((-86_400, -3600, -1, 0, 0, 1, 3600, 86_400)) | st.integers(-(10**6), 10**6),
        st.sampled_from(MICROSECONDS) | st.integers(0, 999_999),
    )


@st.composite
def amounts(draw: st.DrawFn) -> Amount:
    """Draw no amount, or one of few or many minor units: a cent for eight touches, a fortune that does not divide."""
    currency = draw(st.sampled_from(("", *MINOR_DIGITS)))
    if not currency:
        return Amount()
    units = draw(st.integers(0, 10) | st.integers(0, 10**12))
    return Amount(Decimal((0, tuple(map(int, str(units))), -MINOR_DIGITS[currency])), currency)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Draw a window and histories whose touches lie on its edges, tie, repeat, or are not there at all."""
    window_days = draw(days())
    by_source = draw(st.just({}) | source_windows())
    lengths = sorted({0, window_days, *by_source.values()})
    histories = []
    for _ in range(draw(st.integers(1, 3))):
        conversions = draw(st.lists(instants(), min_size=1, max_size=3))
        touch_times = st.builds(
            lambda converted_at, length, beside: converted_at - timedelta(days=length) + beside * MICROSECOND,
            st.sampled_from(conversions),
            st.sampled_from(lengths) | st.integers(0, 40),
            st.sampled_from((-1, 0, 0, 1)) | st.integers(-(10**12), 10**11),
        )
        touches = st.builds(
            TouchFacts,
            touched_at=touch_times,
            utm_source=spelled_sources() | st.just(""),
            click_ids=st.sampled_from(({}, {"gclid": "Cj0"})),
            utm_medium=st.sampled_from(MEDIUMS),
        )
        worth = draw(st.lists(amounts(), min_size=len(conversions), max_size=len(conversions)))
        histories.append(History(draw(st.lists(touches, max_size=8)), conversions, worth))
    return Question(window_days, by_source, histories, exclude_direct=draw(st.booleans()))


def tracking_names() -> st.SearchStrategy[str]:
    """Draw the name of a tracking parameter, as the registry spells it."""
    return st.sampled_from((*UTM_PARAMETERS, *CLICK_IDS_BY_PARAMETER))


@st.composite
def query_strings(draw: st.DrawFn) -> bytes:
    """Draw the bytes of a query string: sensible, hostile, or both at once."""
    value = st.binary(max_size=40).map(lambda raw: quote_from_bytes(raw).encode()) | st.binary(max_size=40)
    name = tracking_names().map(str.encode) | tracking_names().map(lambda known: known.upper().encode()) | value
    pair = st.builds(lambda left, sign, right: left + sign + right, name, st.sampled_from((b"=", b"=", b"")), value)
    return draw(st.sampled_from((b"", b"?", b"&", b"%"))) + b"&".join(draw(st.lists(pair, max_size=8)))


def json_values() -> st.SearchStrategy[object]:
    """Draw data that JSON can hold and every database can store."""
    text = st.text(alphabet=string.ascii_letters + "äß€😀 \"'\\", max_size=6)
    leaf = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.sampled_from((0.5, 1.0, -0.25)) | text
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=6
    )
