"""Hypothesis strategies that several test files share, and how long they search. Knows nothing of the tests.

Times are placed on the edges of windows and a microsecond beside them, where an implementation goes wrong.
"""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from django_attribution.tracking import CLICK_IDS_BY_PARAMETER, UTM_PARAMETERS
from django_attribution.windows import MAX_DAYS, AttributionWindow
from tests.sizes import IS_LONG, sized

# Every run of the tests tries the same examples: a submission is judged by its own change. Before a release more are
# searched, anew each time, and what is found says how to repeat it.
QUICK = settings(
    max_examples=sized(200, long=2_000), deadline=None, database=None, derandomize=not IS_LONG, print_blob=True
)
QUICK_WITH_DATABASE = settings(
    QUICK,
    max_examples=sized(150, long=8_000),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

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


# Columns of touches, of every kind of channel; some differ in one dimension alone.
ARRIVALS: Sequence[dict[str, Any]] = (
    {},
    {},
    {"url": "https://shop.test/"},
    {"utm_source": "Google", "utm_medium": "cpc", "utm_campaign": "spring", "url": "https://shop.test/sale"},
    {"utm_source": " google", "utm_medium": "CPC", "utm_campaign": "autumn", "utm_term": "shoes"},
    {"click_ids": {"gclid": "Cj0"}, "utm_campaign": "spring", "url": "https://shop.test/sale?gclid=Cj0"},
    {"referrer": "https://www.google.com/", "url": "https://shop.test"},
    {"utm_source": "email", "utm_medium": "email", "utm_campaign": "spring", "utm_content": "footer"},
    {"utm_source": "default", "utm_medium": "affiliate", "referrer": "https://blog.test/post"},
    {"referrer": "https://blog.test/post", "url": "https://shop.test/about"},
    {"utm_source": "(not set)", "utm_medium": "banner"},
)
AMOUNTS: Sequence[tuple[str, str] | None] = (
    None,
    None,
    ("0", "EUR"),
    ("0.01", "EUR"),
    ("66.50", "EUR"),
    ("140.00", "EUR"),
    ("10.1234", "EUR"),  # imported, with more digits than cents have
    ("9999999999999.99", "EUR"),  # 15 digits, the most that every database gives back
    ("1", "JPY"),
    ("1000", "JPY"),
    ("1.005", "KWD"),
)
ZONES = ("UTC", "Europe/Paris", "America/New_York")
TOUCH_DIMENSIONS = ("channel", "source", "medium", "campaign", "term", "content", "landing_page", "referrer_host")
# What credit is kept by: values that occur, that are spelled otherwise, and one that nobody has.
FILTERS: Mapping[str, Sequence[str]] = {
    "channel": ("Direct", "Paid Search", "Organic Search", "Email", "nothing"),
    "source": ("google", " GOOGLE ", "(direct)", "(not set)", "email", "nothing"),
    "medium": ("cpc", "CPC", "(none)", "email", "organic"),
    "campaign": ("spring", "autumn", "(not set)", "Spring"),
    "landing_page": ("/", "/sale", "(not set)"),
    "referrer_host": ("www.google.com", "BLOG.test", "(not set)"),
}


@dataclass(frozen=True)
class ConversionFacts:
    """A conversion to store: when, which event, and the amount with its currency."""

    converted_at: datetime
    event: str
    amount: tuple[str, str] | None


@dataclass(frozen=True)
class Visitor:
    """What one identity did: arrivals (time, columns) in the order in which they are stored, and conversions."""

    arrivals: Sequence[tuple[datetime, dict[str, Any]]]
    conversions: Sequence[ConversionFacts]


@dataclass(frozen=True, kw_only=True)
class ReportQuestion:
    """What a report, or a list of paths, is asked for, and what several visitors did around its edges."""

    visitors: Sequence[Visitor]
    of_nobody: Sequence[ConversionFacts]  # conversions without an identity
    window_days: int
    source_windows: dict[str, int]
    exclude_direct: bool
    by: tuple[str, ...]
    interval: str | None
    tz: str
    credited_to: dict[str, Any]  # the arguments of a CreditFilter

    @property
    def window(self) -> AttributionWindow:
        """The window in its checked form."""
        return AttributionWindow(self.window_days, self.source_windows)

    @property
    def reach(self) -> dict[str, Any]:
        """What says which touches count, in the words of a caller."""
        return {
            "window_days": self.window_days,
            "source_windows": self.source_windows,
            "exclude_direct": self.exclude_direct,
        }


@st.composite
def credit_filters(draw: st.DrawFn, *, by: Sequence[str]) -> dict[str, Any]:
    """Draw what credit is kept: all, what a dimension or two say (often those of the breakdown), one kind."""
    said = draw(st.sampled_from(("all", "all", "kind", "values", "values", "values", "both")))
    credited_to: dict[str, Any] = {}
    if said in ("values", "both"):
        of_breakdown = [name for name in FILTERS if name in by]
        known = of_breakdown if of_breakdown and draw(st.booleans()) else sorted(FILTERS)
        for name in draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True)):
            values = st.lists(st.sampled_from(FILTERS[name]), min_size=1, max_size=3)
            credited_to[name] = tuple(draw(values))
    if said in ("kind", "both"):
        credited_to["kind"] = draw(st.sampled_from(("attributed", "unattributed")))
    return credited_to


@st.composite
def report_questions(draw: st.DrawFn) -> ReportQuestion:
    """Draw a report's options and visitors whose touches lie on its edges, tie, and repeat."""
    window_days = draw(st.sampled_from((30, 7, 1)) | days())
    by_source = draw(source_windows()) if draw(st.booleans()) else {}
    lengths = sorted({0, window_days, *by_source.values()})
    anchor = draw(st.sampled_from(CALENDAR_EDGES))
    conversions = st.builds(
        ConversionFacts,
        converted_at=st.builds(
            lambda seconds, beside: anchor + timedelta(seconds=seconds) + beside * MICROSECOND,
            st.sampled_from((0, 0, 1, 3600, 86_400, -86_400, -3_000_000)) | st.integers(-(10**7), 10**7),
            st.sampled_from((0, 0, 0, 1, -1)) | st.integers(0, 999_999),
        ),
        event=st.sampled_from(("purchase", "purchase", "signup")),
        amount=st.sampled_from(AMOUNTS),
    )
    visitors = []
    for _ in range(draw(st.integers(1, 4))):
        converted = draw(st.lists(conversions, min_size=draw(st.sampled_from((1, 2, 0))), max_size=4))
        arrived_at = st.builds(
            lambda converted_at, length, beside: converted_at - timedelta(days=length) + beside * MICROSECOND,
            st.sampled_from([facts.converted_at for facts in converted] or [anchor]),
            st.sampled_from(lengths) | st.integers(0, 40),
            st.sampled_from((-1, 0, 0, 0, 1)) | st.integers(-(10**12), 10**11),
        )
        arrivals = st.lists(
            st.tuples(arrived_at, st.sampled_from(ARRIVALS)), min_size=draw(st.sampled_from((1, 3, 0))), max_size=7
        )
        visitors.append(Visitor(draw(arrivals), converted))
    size = draw(st.sampled_from((1, 2, 1, 3, 0)))
    by = tuple(draw(st.permutations((*TOUCH_DIMENSIONS, "event")))[:size])
    return ReportQuestion(
        visitors=visitors,
        of_nobody=draw(st.just([]) | st.lists(conversions, max_size=2)),
        window_days=window_days,
        source_windows=by_source,
        exclude_direct=draw(st.booleans()),
        by=by,
        interval=draw(st.sampled_from((None, "day", "week", "month"))),
        tz=draw(st.sampled_from(ZONES)),
        credited_to=draw(credit_filters(by=by)),
    )
