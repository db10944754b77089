"""Where a state can be kept."""

from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.places import ObjectUrl, place_of


@pytest.mark.parametrize("text", ["instances.state.json", "/a/b.json", "s3:/x"])
def test_what_is_no_url_is_a_path(text: str) -> None:
    assert place_of(text) == Path(text)


def test_a_path_is_within_its_folder_and_a_url_is_not() -> None:
    assert place_of("state.json", folder=Path("conf")) == Path("conf/state.json")
    assert place_of("gs://b-1/c", folder=Path("conf")) == ObjectUrl("gs", "b-1", "c")


@pytest.mark.parametrize("url", ["s3://bucket/key", "gs://my.bucket/a/b.json", "az://box/a b"])
def test_a_url_is_shown_as_it_was_written(url: str) -> None:
    assert str(place_of(url)) == url


@pytest.mark.parametrize(
    "url",
    ["http://a.com/x", "s3://bucket", "s3://bucket/", "s3:///key", "s3://b/a//b", "s3://bb/../x"],
)
def test_a_url_that_names_no_object_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        place_of(url)

    assert "s3://BUCKET/KEY" in f"{refused.value.hint}"
