"""Crowds at real servers: everybody keeps an identity of their own, and every touch is stored once, where it belongs.

Visitors of one account are one person: the histories of their browsers become one, whichever logs in first.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests.light_client import Answer, Switchboard, Visitor, lines_to
from tests.postgres_server import PostgresServer, running_postgres
from tests.servers import gunicorn, prepare_site, uvicorn
from tests.sizes import sized

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("crowds")]

VISITORS = sized(5_000, long=50_000)
LINES = 32  # requests at once
PATIENCE = 600  # seconds
TOUCHES = """
    SELECT identity.uuid, touch.utm_campaign
    FROM attribution_touchpoint AS touch JOIN attribution_identity AS identity ON identity.id = touch.identity_id
    WHERE identity.merged_into_id IS NULL"""
CONVERSIONS = """
    SELECT identity.uuid, conversion.idempotency_key
    FROM attribution_conversion AS conversion JOIN attribution_identity AS identity
    ON identity.id = conversion.identity_id"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        prepare_site(server.url, users=VISITORS // 20)
        yield server


class Shopper(Visitor):
    """A visitor with a number, which decides what they do; they note what should be found afterwards."""

    def __init__(self, number: int, *, prefix: str) -> None:
        super().__init__()
        self.number = number
        self.prefix = prefix  # of the addresses of every other visitor
        self.campaigns: list[str] = []
        self.orders: list[str] = []

    @property
    def account(self) -> str | None:
        """The user they log in as: of twenty visitors two share one."""
        return f"user-{self.number // 20}" if self.number % 10 == 0 else None

    async def visit(self, site: Switchboard) -> None:
        """Land, perhaps log in, come again, perhaps buy."""
        await self._land(site, f"first-{self.number}")
        if self.account:
            await self._get(site, f"/login/{self.account}/")
            assert (await self._get(site, "/whoami/")).body == b'{"identity": "%s"}' % str(self.carried).encode()
        if self.number % 2:
            await self._land(site, f"second-{self.number}")
        else:
            assert "set-cookie" not in dict((await self._get(site, "/page/")).headers)
        if self.number % 20 == 1:
            await self._get(site, f"/buy/order-{self.number}/")
            self.orders.append(f"order-{self.number}")

    async def _land(self, site: Switchboard, campaign: str) -> None:
        answer = await self._get(site, f"/page/?utm_source=news&utm_medium=email&utm_campaign={campaign}")
        assert answer.body == b"page"
        self.campaigns.append(campaign)

    async def _get(self, site: Switchboard, target: str) -> Answer:
        answer = await site.ask(self, f"{self.prefix}{target}")
        assert answer.status == 200, answer
        return answer


async def crowd(path: Path, shoppers: list[Shopper]) -> None:
    """Let all of them in at once."""
    async with lines_to(path, count=LINES) as site, asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        for shopper in shoppers:
            tasks.create_task(shopper.visit(site))


Serve = Callable[[str, Path], AbstractContextManager[Path]]
SERVERS: dict[str, tuple[Serve, tuple[str, str]]] = {
    "gunicorn": (lambda url, folder: gunicorn(url, folder=folder, workers=2, threads=16), ("", "")),
    "uvicorn": (lambda url, folder: uvicorn(url, folder=folder, workers=2), ("", "/async")),
}


@pytest.mark.parametrize("name", SERVERS)
def test_nobody_in_a_crowd_gets_anothers_identity_and_no_touch_is_lost(
    name: str, postgres: PostgresServer, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    serve, prefixes = SERVERS[name]
    with psycopg.connect(postgres.url, autocommit=True) as database:
        database.execute("TRUNCATE attribution_identity CASCADE")
        shoppers = [Shopper(number, prefix=prefixes[number // 2 % 2]) for number in range(VISITORS)]
        with serve(postgres.url, tmp_path) as path:
            asyncio.run(crowd(path, shoppers))
        touches = Counter[tuple[UUID, str]](database.execute(TOUCHES))
        conversions = Counter[tuple[UUID, str]](database.execute(CONVERSIONS))

    persons: dict[object, set[UUID | None]] = {}
    for shopper in shoppers:
        persons.setdefault(shopper.account or shopper.number, set()).add(shopper.carried)
    expected = Counter((shopper.carried, campaign) for shopper in shoppers for campaign in shopper.campaigns)
    where = {campaign: identity for identity, campaign in expected}
    lost = where.keys() - {campaign for _, campaign in touches}
    mixed_up = [pair for pair in touches if where[pair[1]] != pair[0]]
    shared = len(persons) - len(set().union(*persons.values()))

    record_property(f"figure: visitors through {name}", len(shoppers))
    record_property("figure: touches of crowds", len(expected))
    record_property("figure: identity mix-ups", len(mixed_up) + shared)
    record_property("figure: touches lost", len(lost))
    assert all(len(carried) == 1 for carried in persons.values())
    assert (mixed_up, shared, lost) == ([], 0, set())
    assert touches == expected
    assert conversions == Counter((shopper.carried, order) for shopper in shoppers for order in shopper.orders)
