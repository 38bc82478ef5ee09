"""What the shop's visitors said in its banner, as its CONSENT functions read it. They know nothing of us."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

asked: list[str] = []  # the paths of the requests for which by_cookie was called


def by_cookie(request: HttpRequest) -> bool | None:
    """Read the banner's own cookie: yes, no, or nothing yet."""
    asked.append(request.path)
    return {"yes": True, "no": False}.get(request.COOKIES.get("banner", ""))


def by_session(request: HttpRequest) -> bool | None:
    """Read the answer that a view has put in the session."""
    answer: bool | None = request.session.get("banner")
    return answer


def by_login(request: HttpRequest) -> bool | None:
    """Read the session only of who is logged in."""
    return by_session(request) if request.user.is_authenticated else None


def by_user(request: HttpRequest) -> bool | None:
    """Ask the database."""
    return User.objects.filter(username="agrees").exists()


def by_visitor(request: Any) -> bool | None:
    """Ask who is visiting, which is what consent decides."""
    return request.attribution.identity is None


def broken(request: HttpRequest) -> bool | None:
    """Fail, as anything may."""
    raise RuntimeError("the banner's own error")


def broken_statement(request: HttpRequest) -> bool | None:
    """Fail in the database: PostgreSQL then refuses all that follows in the transaction."""
    return bool(User.objects.raw('SELECT * FROM "no_such_table"')[0])


def talkative(request: HttpRequest) -> str:
    """Answer in words, all of which are true to Python."""
    return "denied"


async def patient(request: HttpRequest) -> bool | None:
    """Answer later."""
    return True


def hesitant(request: HttpRequest) -> Iterator[bool]:
    """Answer one by one."""
    yield True


class Patient:
    """Something that is called, and answers later."""

    async def __call__(self, request: HttpRequest) -> bool | None:
        """Answer later."""
        return True


class Hesitant:
    """Something that is called, and answers one by one."""

    def __call__(self, request: HttpRequest) -> Iterator[bool]:
        """Answer one by one."""
        yield True


class Banner:
    """Something that is called, and answers."""

    def __init__(self, agreed: str) -> None:
        self._agreed = agreed

    def __call__(self, request: HttpRequest) -> bool | None:
        """Read the banner's own cookie."""
        return request.COOKIES.get("banner") == self._agreed


def curious(request: HttpRequest, question: str) -> bool | None:
    """Want to know more than the request."""
    return True


NO_FUNCTION = {"consent": True}
