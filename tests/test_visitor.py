"""The visitor of a request goes with it: nothing of a request that was answered stays in memory."""

import gc
import pickle
from collections.abc import Callable, Iterator
from copy import copy
from weakref import ref

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from django_attribution.exceptions import AttributionError
from django_attribution.middlewares import AttributionMiddleware, TrackingParameterMiddleware
from django_attribution.shortcuts import record_conversion
from django_attribution.visitor import RequestVisitor
from tests.browsers import NAVIGATION


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def answer(query: str) -> HttpRequest:
    request = RequestFactory().get(f"/page/?{query}", headers=NAVIGATION)
    TrackingParameterMiddleware(AttributionMiddleware(lambda _: HttpResponse()))(request)
    return request


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "utm_source=news"])
def test_an_answered_request_is_gone_as_soon_as_nobody_holds_it(query: str, no_collector: None) -> None:
    request = answer(query)
    request_is_there, visitor_is_there = ref(request), ref(request.attribution)

    del request

    assert request_is_there() is None
    assert visitor_is_there() is None


@pytest.mark.django_db
@pytest.mark.parametrize("again", [copy, lambda request: pickle.loads(pickle.dumps(request))], ids=["copy", "pickle"])  # noqa: S301 - our own
def test_a_copy_of_a_request_that_is_gone_has_its_visitor(again: Callable[[HttpRequest], HttpRequest]) -> None:
    request = answer("utm_source=news")
    identity, other = request.attribution.identity, again(request)
    del request
    gc.collect()

    assert record_conversion(other, "signup").identity == identity


def test_a_visitor_whose_request_is_over_says_so() -> None:
    visitor = RequestVisitor(RequestFactory().get("/"))

    with pytest.raises(AttributionError, match="request of this visitor is over"):
        visitor.resolve()
