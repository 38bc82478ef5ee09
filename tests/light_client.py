"""A crowd's browsers, light enough to share two cores with the server: HTTP/1.1 over asyncio, kept alive.

Connections and visitors are apart, as behind a proxy: what one connection carries comes from many visitors.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from tests.browsers import COOKIE, NAVIGATION

_HEADERS = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "127.0.0.1", **NAVIGATION}.items())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    seconds: float  # from the first byte of the request to the last one of the answer


class Line:
    """A connection to a server; it is made when it is needed, and again after the server broke it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return its answer; raise ``ConnectionError`` if there is none."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_unix_connection(self._path)
            reader, writer = self._streams
            started = time.perf_counter()
            writer.write(request)
            return await _answer(reader, started=started)
        except (OSError, asyncio.IncompleteReadError) as error:
            await self.close()
            raise ConnectionError("no answer") from error

    async def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            _, writer = self._streams
            self._streams = None
            writer.close()
            with suppress(OSError):  # the other side was faster
                await writer.wait_closed()


@dataclass(slots=True)
class Visitor:
    """Somebody's browser: cookies, and nothing of any connection."""

    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def carried(self) -> UUID | None:
        """The identity that the cookie names."""
        return UUID(self.cookies[COOKIE].partition(":")[0]) if COOKIE in self.cookies else None

    def request(self, target: str, *, json: bytes | None = None, headers: str = "") -> bytes:
        """Return a request for a page, or one that posts JSON."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{'GET' if json is None else 'POST'} {target} HTTP/1.1\r\n{_HEADERS}{headers}"
        if cookies:
            head += f"Cookie: {cookies}\r\n"
        if json is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(json)}\r\n"
        return f"{head}\r\n".encode() + (json or b"")

    def keep_cookies(self, answer: Answer) -> None:
        """Do what the answer's Set-Cookie headers say."""
        for name, value in answer.headers:
            if name == "set-cookie":
                cookie, _, _ = value.partition(";")
                key, _, content = cookie.partition("=")
                self.cookies[key] = content


class Switchboard:
    """A number of lines to one server, each request on whichever is free: first come, first served."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = list(lines)
        self._free: asyncio.Queue[Line] = asyncio.Queue()
        for line in self._lines:
            self._free.put_nowait(line)

    async def ask(self, visitor: Visitor, target: str, *, json: bytes | None = None, headers: str = "") -> Answer:
        """Ask as a visitor does, who keeps the cookies that come back."""
        line = await self._free.get()
        try:
            answer = await line.ask(visitor.request(target, json=json, headers=headers))
        finally:
            self._free.put_nowait(line)
        visitor.keep_cookies(answer)
        return answer

    async def close(self) -> None:
        """Hang up all lines."""
        for line in self._lines:
            await line.close()


@asynccontextmanager
async def lines_to(path: Path, *, count: int) -> AsyncIterator[Switchboard]:
    """Open a switchboard, and hang up afterwards."""
    switchboard = Switchboard(Line(path) for _ in range(count))
    try:
        yield switchboard
    finally:
        await switchboard.close()


async def _answer(reader: asyncio.StreamReader, *, started: float) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    length = int(dict(headers)["content-length"])
    body = await reader.readexactly(length)
    return Answer(int(status_line.split(" ", 2)[1]), headers, body, time.perf_counter() - started)
