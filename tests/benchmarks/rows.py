"""The rows of the table: what is measured, what it is held against, and the target on each database."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

FEW_VISITORS = "XXS"  # the size with 200 identities
REPORT = "six models"
MOST_GROWTH = 1.10  # the exponent
MOST_MEMORY = 250  # MB, of the worker that makes the report


Package = Literal["ours", "theirs", "graphql"]  # graphql is ours with the endpoint


class Operation(NamedTuple):
    """What a worker is to run: of which package, with the rows of which size."""

    package: Package
    size: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One operation of ours, beside the published package's, and beside the least that it could take."""

    title: str
    ours: str
    published: str | None = None  # the operation that it is compared with; None for what the package cannot do
    limit: str | None = None  # the same without attribution, or without GraphQL
    against: Literal["published", "limit"] = "published"
    sqlite: float  # the target ratio
    postgres: float
    is_throughput: bool = False  # the target is a share of the other's throughput, and not a multiple of its time
    few_visitors: bool = False
    package: Package = "ours"

    def operations(self, size: str) -> dict[str, Operation]:
        """Return what has to run, by column of the table."""
        size = FEW_VISITORS if self.few_visitors else size
        found = {"ours": Operation(self.package, size, self.ours)}
        if self.published is not None:
            found["published"] = Operation("theirs", size, self.published)
        if self.limit is not None:
            found["limit"] = Operation(self.package, size, self.limit)
        return found

    def target(self, database: str) -> float:
        """Return the ratio that is aimed at."""
        return self.postgres if database == "postgres" else self.sqlite


def _beside_published(
    title: str, name: str, *, sqlite: float, postgres: float, published: str | None = None, limit: str | None = None
) -> Row:
    return Row(title=title, ours=name, published=published or name, limit=limit, sqlite=sqlite, postgres=postgres)


def _beside_limit(
    title: str, name: str, *, limit: str, target: float, published: str | None = None, few_visitors: bool = False
) -> Row:
    return Row(
        title=title, ours=name, published=published, limit=limit, against="limit", sqlite=target, postgres=target,
        few_visitors=few_visitors, is_throughput=target < 1,
    )  # fmt: skip


def _over_graphql(title: str, name: str, *, limit: str, target: float) -> Row:
    return Row(
        title=title, ours=name, limit=limit, against="limit", sqlite=target, postgres=target, package="graphql"
    )  # fmt: skip


ROWS = (
    _beside_limit(
        "request without cookie and tracking data", "request", limit="request, bare", target=1.10, published="request"
    ),
    _beside_limit(
        "returning visitor, 200 identities",
        "returning", limit="returning, bare", target=1.20, published="returning", few_visitors=True,
    ),
    _beside_limit(
        "returning visitor, all identities", "returning", limit="returning, bare", target=1.20, published="returning"
    ),
    _beside_published("new landing", "new landing", sqlite=0.85, postgres=0.85),
    _beside_published("returning landing", "returning landing", sqlite=0.85, postgres=0.85),
    _beside_published("first login that merges 1,000 touches", "first login", sqlite=0.35, postgres=0.35),
    _beside_published(
        "iterate all, last touch", "iterate last touch", limit="iterate, bare", sqlite=0.72, postgres=0.72
    ),
    _beside_published(
        "iterate all, first touch, 5 source windows",
        "iterate first touch, windows", limit="iterate, bare", sqlite=0.02, postgres=0.22,
    ),
    _beside_published("page of 50, newest first", "page", limit="page, bare", sqlite=0.90, postgres=0.90),
    _beside_published(
        "page of 50, 5 source windows", "page, windows", limit="page, bare", sqlite=0.90, postgres=0.90
    ),
    _beside_published("revenue by source, last touch", "revenue by source", sqlite=0.25, postgres=0.40),
    _beside_published(
        "six models by source, against last touch alone",
        REPORT, published="revenue by source", sqlite=1.5, postgres=2.5,
    ),
    _beside_published("insert one touchpoint", "insert", sqlite=0.60, postgres=0.60),
    _beside_limit(
        "1,000 concurrent ASGI requests",
        "concurrent", limit="concurrent, bare", target=0.97, published="concurrent",
    ),
    _over_graphql("GraphQL page of 50, 14 fields", "graphql page 50", limit="plain page 50", target=2.8),
    _over_graphql("GraphQL page of 200, 14 fields", "graphql page 200", limit="plain page 200", target=3.5),
    _over_graphql("report over GraphQL", "two models over graphql", limit="two models", target=1.15),
)  # fmt: skip
