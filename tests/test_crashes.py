"""Servers and databases that end in the middle of everything: what was acknowledged is stored, once.

And a database that is away under load: pages do not notice, and tracking comes back by itself.
"""

import asyncio
import json
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from django_attribution.breaker import FAILURES
from tests.light_client import Answer, Switchboard, Visitor, lines_to
from tests.postgres_server import SAFE_SETTINGS, PostgresServer, running_postgres
from tests.servers import gunicorn, log_of, prepare_site, uvicorn
from tests.sizes import sized

pytestmark = pytest.mark.long

PATIENCE = 300  # seconds
LANDING = "/page/?utm_source=news&utm_campaign={}"

ORDERS = sized(500, long=5_000)
BUYERS = 12  # at once
ORDERS_PER_KILL = 12  # 20 are to happen; some die of the same, and some are asked for while the database is away
CRASHES = 3
PAUSE_BEFORE_RETRY = 0.05  # seconds, as a client waits
MOMENTS = ("before the view", "before the commit", "before the answer")  # at which a worker dies
RECORD = """mutation ($key: String!) { recordConversion(input: {
  event: "purchase", value: { amount: "10", currency: "USD" }, idempotencyKey: $key
}) { conversion { id } errors { code } } }"""
STORED = "SELECT uuid, idempotency_key, extract(epoch FROM created_at) FROM attribution_conversion"

VISITS_OF_AN_OUTAGE = sized(500, long=5_000)  # at each server
SECONDS_TO_RESUME = 35
SLOWEST_WHILE_PAUSED = 1  # second: whoever waited for the database would take longer
POLL = 0.1  # seconds between visits while tracking is awaited


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A server that keeps what it acknowledged, whatever happens to it."""
    with running_postgres(SAFE_SETTINGS) as server:
        prepare_site(server.url)
        yield server


@dataclass
class Purchase:
    """A conversion that a client records again and again under one key, until a server acknowledges it."""

    number: int
    tried_at: float = 0.0  # seconds since the epoch, by the clock of the server too
    refusals: int = 0
    acknowledged: UUID | None = None
    visitor: Visitor = field(default_factory=Visitor)

    @property
    def key(self) -> str:
        return f"purchase-{self.number:010}"

    @property
    def moment(self) -> str:
        """When the worker that serves it is to die; for most, never."""
        number, rest = divmod(self.number, ORDERS_PER_KILL)
        return "" if rest else MOMENTS[number % len(MOMENTS)]

    async def make(self, site: Switchboard) -> None:
        """Land, and buy: every other one by the mutation."""
        while (answer := await self._ask(site, LANDING.format(self.number))) is None:
            await asyncio.sleep(PAUSE_BEFORE_RETRY)
        assert (answer.status, answer.body) == (200, b"page")
        dies = self.moment
        while self.acknowledged is None:
            self.tried_at = time.time()
            if self.number % 2:
                answer = await self._ask(site, f"/buy/{self.key}/", dies=dies)
            else:
                document = json.dumps({"query": RECORD, "variables": {"key": self.key}})
                answer = await self._ask(site, "/graphql/", document.encode(), dies=dies)
            if answer is None:
                dies = ""  # one death is enough
            else:
                self.acknowledged = acknowledged_by(answer)
                self.refusals += self.acknowledged is None
            if self.acknowledged is None:
                await asyncio.sleep(PAUSE_BEFORE_RETRY)

    async def _ask(
        self, site: Switchboard, target: str, document: bytes | None = None, *, dies: str = ""
    ) -> Answer | None:
        try:
            return await site.ask(self.visitor, target, json=document, headers=f"Die: {dies}\r\n" if dies else "")
        except ConnectionError:
            return None


def acknowledged_by(answer: Answer) -> UUID | None:
    """Return the conversion that an answer names; None where it says, in whichever way, to ask again later."""
    if answer.status == 503:
        assert dict(answer.headers)["retry-after"] == "5"
        return None
    assert answer.status == 200, answer
    if not answer.body.startswith(b"{"):
        return UUID(answer.body.decode())
    whole = json.loads(answer.body)
    assert "errors" not in whole, whole
    payload = whole["data"]["recordConversion"]
    assert payload["errors"] in ([], [{"code": "UNAVAILABLE"}])
    return None if payload["errors"] else UUID(b64decode(payload["conversion"]["id"]).decode().partition(":")[2])


async def storm(path: Path, purchases: list[Purchase], *, postgres: PostgresServer) -> None:
    """Make all purchases, a few at a time, and crash the database whenever another part of them is done."""
    waiting, parts = iter(purchases), [asyncio.Event() for _ in range(CRASHES)]

    async def buy(site: Switchboard) -> None:
        for purchase in waiting:
            await purchase.make(site)
            for number, part in enumerate(parts, start=1):
                if purchase.number >= number * ORDERS // (CRASHES + 1):
                    part.set()

    async def crash() -> None:
        for part in parts:
            await part.wait()
            await asyncio.to_thread(postgres.stop_hard)
            await asyncio.to_thread(postgres.start)

    async with lines_to(path, count=BUYERS) as site, asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        for _ in range(BUYERS):
            tasks.create_task(buy(site))
        tasks.create_task(crash())


def test_what_was_acknowledged_outlives_killed_workers_and_crashed_databases_and_is_there_once(
    postgres: PostgresServer, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    purchases = [Purchase(number) for number in range(ORDERS)]
    with gunicorn(postgres.url, folder=tmp_path, workers=3, threads=4) as path:
        asyncio.run(storm(path, purchases, postgres=postgres))
        kills = log_of(path).count("was sent SIGKILL")
    crashes = postgres.log.read_text().count("automatic recovery in progress")
    with psycopg.connect(postgres.url) as database:
        rows = database.execute(STORED).fetchall()

    acknowledged = {purchase.acknowledged for purchase in purchases}
    tried_at = {purchase.key: purchase.tried_at for purchase in purchases}
    stored_before = sum(stored_at < tried_at[key] for _, key, stored_at in rows)
    lost = acknowledged - {uuid for uuid, _, _ in rows}
    doubled = len(rows) - len(acknowledged) + len(lost)

    record_property("figure: acknowledged conversions", len(acknowledged))
    record_property("figure: worker kills", kills)
    record_property("figure: database crashes", crashes)
    record_property("figure: conversions stored though their answer was lost", stored_before)
    record_property("figure: conversions lost", len(lost))
    record_property("figure: conversions doubled", doubled)
    assert len(acknowledged) == ORDERS
    assert (lost, doubled) == (set(), 0)
    assert kills >= 20
    assert crashes == CRASHES
    assert stored_before > 0  # or nothing was killed between commit and answer
    assert sum(purchase.refusals for purchase in purchases) > 0  # or nobody asked while the database was away


class Passers:
    """Visitors of one site, each new, each by a campaign of its own; every one of them must see the page."""

    def __init__(self, site: Switchboard, *, target: str) -> None:
        self.came: set[str] = set()
        self.tracked: set[str] = set()
        self.slowest = 0.0  # seconds
        self._site = site
        self._target = target
        self._numbers = count()

    async def come(self) -> bool:
        """Let one come by; tell whether the site gave them an identity."""
        visitor, campaign = Visitor(), f"{self._target}{next(self._numbers)}"
        self.came.add(campaign)
        answer = await self._site.ask(visitor, f"{self._target}?utm_source=news&utm_campaign={campaign}")
        self.slowest = max(self.slowest, answer.seconds)
        assert (answer.status, answer.body) == (200, b"page")
        if visitor.carried is not None:
            self.tracked.add(campaign)
        return visitor.carried is not None

    async def come_together(self, number: int) -> int:
        """Let many come by at once; return how many of them are known to the site now."""
        return sum(await asyncio.gather(*(self.come() for _ in range(number))))

    async def come_until_tracked(self) -> None:
        """Let one after another come by until somebody is tracked again."""
        while not await self.come():
            await asyncio.sleep(POLL)


def test_pages_are_served_while_the_database_is_away_and_tracking_resumes(
    postgres: PostgresServer, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    came_while_it_stopped: set[str] = set()

    async def outage(threads: Passers, loops: Passers) -> float:
        """Stop the database under load and start it again; return the seconds until both sites track again."""
        both = (threads, loops)
        assert [await site.come_together(20) for site in both] == [20, 20]
        came_before = threads.came | loops.came
        stopping = asyncio.create_task(asyncio.to_thread(postgres.stop_hard))
        while not stopping.done():
            await asyncio.gather(*(site.come_together(FAILURES) for site in both))
        await stopping
        came_while_it_stopped.update((threads.came | loops.came) - came_before)
        await asyncio.gather(*(site.come_together(FAILURES) for site in both))  # which opens the breaker, if need be
        for site in both:
            site.slowest = 0.0  # tracking is paused from here on: until it was, pages waited for the database
        assert await asyncio.gather(*(site.come_together(VISITS_OF_AN_OUTAGE) for site in both)) == [0, 0]
        await asyncio.to_thread(postgres.start)
        started = time.monotonic()
        await asyncio.gather(*(site.come_until_tracked() for site in both))
        seconds = time.monotonic() - started
        assert [await site.come_together(20) for site in both] == [20, 20]
        return seconds

    async def outage_of(gunicorn_socket: Path, uvicorn_socket: Path) -> tuple[Passers, Passers, float]:
        async with lines_to(gunicorn_socket, count=8) as first, lines_to(uvicorn_socket, count=8) as second:
            threads, loops = Passers(first, target="/page/"), Passers(second, target="/async/page/")
            async with asyncio.timeout(PATIENCE):
                return threads, loops, await outage(threads, loops)

    with gunicorn(postgres.url, folder=tmp_path, threads=8) as first, uvicorn(postgres.url, folder=tmp_path) as second:
        threads, loops, seconds = asyncio.run(outage_of(first, second))
    with psycopg.connect(postgres.url) as database:
        stored = {campaign for (campaign,) in database.execute("SELECT utm_campaign FROM attribution_touchpoint")}

    slowest = max(threads.slowest, loops.slowest)
    record_property("figure: pages served through an outage", len(threads.came | loops.came))
    record_property("figure: milliseconds of the slowest page while tracking paused", round(1000 * slowest))
    record_property("figure: seconds until tracking resumed", round(seconds))
    assert slowest < SLOWEST_WHILE_PAUSED
    assert seconds <= SECONDS_TO_RESUME
    tracked = threads.tracked | loops.tracked
    assert tracked <= stored
    assert stored - tracked <= came_while_it_stopped  # stored by a database that stopped before it could say so
