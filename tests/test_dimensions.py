"""What reports break credit down by: what a stored value counts as, and which dimensions there are."""

from typing import Any

import pytest

from django_attribution.dimensions import DIMENSIONS, TOUCH_DIMENSIONS, clean_dimensions
from django_attribution.exceptions import InvalidArgument
from django_attribution.models import Touchpoint

ALL = ("channel", "source", "medium", "campaign", "term", "content", "landing_page", "referrer_host", "event")


def test_the_dimensions_are_those_of_a_touch_and_the_event() -> None:
    assert DIMENSIONS == ALL
    assert tuple(TOUCH_DIMENSIONS) == ALL[:-1]


@pytest.mark.parametrize("name", TOUCH_DIMENSIONS)
def test_a_dimension_is_read_from_a_column_that_touches_have(name: str) -> None:
    dimension = TOUCH_DIMENSIONS[name]
    assert dimension.name == name
    Touchpoint._meta.get_field(dimension.column)


@pytest.mark.parametrize("name", TOUCH_DIMENSIONS)
def test_nothing_counts_as_not_set(name: str) -> None:
    assert TOUCH_DIMENSIONS[name].of("") == "(not set)"


@pytest.mark.parametrize("name", ["channel", "source", "medium", "campaign", "term", "content"])
@pytest.mark.parametrize("stored", ["google", "Spring Sale", " spaced ", "(not set)", "(direct)", "0", "ß☃"])
def test_a_word_counts_as_it_was_stored(name: str, stored: str) -> None:
    assert TOUCH_DIMENSIONS[name].of(stored) == stored


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://shop.test/sale/?utm_source=google", "/sale/"),
        ("https://shop.test/sale?utm_source=google&gclid=1", "/sale"),
        ("https://shop.test/", "/"),
        ("https://shop.test", "/"),
        ("https://shop.test?utm_source=google", "/"),
        ("https://shop.test:8443/a/b.html#top", "/a/b.html"),
        ("https://shop.test/a%20b/%C3%9F", "/a%20b/%C3%9F"),
        ("https://shop.test//double//slash", "//double//slash"),
        ("https://[2001:db8::1]/page", "/page"),
        ("/page/?utm_source=google", "/page/"),
        ("https://[2001:db8::1/page", "(not set)"),
        ("", "(not set)"),
    ],
)
def test_a_landing_page_is_its_path(url: str, page: str) -> None:
    assert TOUCH_DIMENSIONS["landing_page"].of(url) == page


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.Blog.test/post", "www.blog.test"),
        ("http://blog.test:8080/", "blog.test"),
        ("https://blog.test", "blog.test"),
        ("https://[2001:db8::1]:443/post", "2001:db8::1"),
        ("https://[2001:db8::1/post", "(not set)"),
        ("/post", "(not set)"),
        ("", "(not set)"),
    ],
)
def test_a_referrer_is_its_host(referrer: str, host: str) -> None:
    assert TOUCH_DIMENSIONS["referrer_host"].of(referrer) == host


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ((), ()),
        ([], ()),
        ("channel", ("channel",)),
        (["event", "channel"], ("event", "channel")),
        (iter(["source", "medium"]), ("source", "medium")),
        (ALL, ALL),
    ],
)
def test_a_breakdown_keeps_the_order_of_its_dimensions(by: Any, names: tuple[str, ...]) -> None:
    assert clean_dimensions(by) == names


@pytest.mark.parametrize(
    ("by", "unknown"),
    [
        ("", "''"),
        ("Channel", "'Channel'"),
        ("channel,source", "'channel,source'"),
        (["channel", "utm_campaign"], "'utm_campaign'"),
        (["identity__linked_user__password"], "'identity__linked_user__password'"),
        ([None], "'None'"),
        ([["channel"]], "[\"['channel']\"]"),
        ([b"channel"], "\"b'channel'\""),
        (["x" * 100], f"'{'x' * 40}'"),
    ],
)
def test_an_unknown_dimension_is_refused_by_a_message_that_lists_the_known(by: Any, unknown: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        clean_dimensions(by)
    assert caught.value.argument == "by"
    assert str(caught.value) == f"Unknown dimension {unknown.strip('[]')}. Known: {', '.join(ALL)}."


@pytest.mark.parametrize("by", [["channel", "channel"], ("source", "medium", "source"), [*ALL, "event"]])
def test_a_dimension_that_is_named_twice_is_refused(by: Any) -> None:
    with pytest.raises(InvalidArgument, match="by names a dimension twice") as caught:
        clean_dimensions(by)
    assert caught.value.argument == "by"


@pytest.mark.parametrize("by", [None, 3])
def test_what_is_no_list_of_dimensions_is_refused(by: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        clean_dimensions(by)
    assert caught.value.argument == "by"
