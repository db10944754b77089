"""Secrets do not show themselves, and the sieve stops those that slip through."""

import base64
import copy
import html
import json
import pickle
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from reconciler.secrets import (
    MASK,
    SHORTEST,
    Environment,
    Secret,
    Sieve,
    apart_from,
    clean_foreign,
)

TOKEN = "c1b0474542144e0ead529eb4861ca5f583c346eb00564f64a7"
ODD = 'Bearer né/w+to="ken"<\\&?%'


@dataclass(frozen=True)
class Holder:
    token: Secret
    others: list[Secret] = field(default_factory=list)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{!r}".format,
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - one of the ways
        lambda secret: f"{Holder(secret, [secret])}",
        lambda secret: json.dumps(secret, default=str),
        lambda secret: repr(vars(Holder)) + repr({secret: secret}),
    ],
    ids=["repr", "str", "format", "format-r", "percent", "dataclass", "json", "dict"],
)
def test_a_secret_shows_its_mask(show: Callable[[Secret], str]) -> None:
    shown = show(Secret(TOKEN))

    assert MASK in shown
    assert TOKEN not in shown


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="a secret is not pickled") as caught:
        pickle.dumps(Secret(TOKEN))
    with pytest.raises(TypeError, match="a secret is not pickled"):
        copy.copy(Secret(TOKEN))

    assert TOKEN not in str(caught.value)


def test_equal_secrets_are_equal_and_nothing_else_is() -> None:
    assert Secret(TOKEN) == Secret(TOKEN)
    assert len({Secret(TOKEN), Secret(TOKEN), Secret(ODD)}) == 2
    assert Secret(TOKEN) != TOKEN


def test_an_environment_shows_its_names_only() -> None:
    env = Environment({"HOME": "/root", "TOKEN": TOKEN})

    assert env["TOKEN"] == env.get("TOKEN") == TOKEN
    assert (list(env), len(env), env.get("NONE")) == (["HOME", "TOKEN"], 2, None)
    assert repr(env) == f"{env}" == "Environment(HOME, TOKEN)"
    assert TOKEN not in pretty_repr(env)


def in_base64(offset: int, encode: Callable[[bytes], bytes]) -> Callable[[str], str]:
    """Return what puts a value into base64, *offset* bytes into a longer text."""
    return lambda value: encode(b"x" * offset + value.encode() + b" and more").decode()


def percent_lower(value: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda code: code.group().lower(), quote(value, safe=""))


FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "percent": lambda value: quote(value, safe=""),
    "percent-path": quote,
    "percent-plus": quote_plus,
    "percent-lower": percent_lower,
    "percent-all": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
    "json": json.dumps,
    "json-utf8": lambda value: json.dumps(value, ensure_ascii=False),
    "json-twice": lambda value: json.dumps(json.dumps({"a": value})),
    "repr": repr,
    "xml": html.escape,
    "xml-text": lambda value: html.escape(value, quote=False),
    "base64-0": in_base64(0, base64.b64encode),
    "base64-1": in_base64(1, base64.b64encode),
    "base64-2": in_base64(2, base64.b64encode),
    "base64-url-0": in_base64(0, base64.urlsafe_b64encode),
    "base64-url-1": in_base64(1, base64.urlsafe_b64encode),
    "base64-url-2": in_base64(2, base64.urlsafe_b64encode),
}
CROWD = [Secret(f"odd secret no. {number:06}") for number in range(500)]


@pytest.mark.parametrize("crowd", [[], CROWD], ids=["few", "many"])
@pytest.mark.parametrize("secret", [TOKEN, ODD, "hunter2-hunter2-hunter2"], ids=["hex", "odd", "-"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_secret_is_masked_in_every_form(
    form: Callable[[str], str], secret: str, crowd: list[Secret]
) -> None:
    sieve = Sieve([Secret(secret), *crowd])
    leak = form(secret)

    cleaned = sieve.clean(f"POST https://host/partner/createInstance/{leak}: refused")

    assert MASK in cleaned
    assert not [leak[i : i + 12] for i in range(len(leak) - 11) if leak[i : i + 12] in cleaned]


def test_what_stands_around_a_plain_secret_stays() -> None:
    sieve = Sieve([Secret(TOKEN), Secret("gac.partner/token")])

    cleaned = sieve.clean(
        f'{{"url": "https://h/createInstance/gac.partner%2ftoken?a=1", "t": "{TOKEN}"}}'
    )

    assert cleaned == f'{{"url": "https://h/createInstance/{MASK}?a=1", "t": "{MASK}"}}'


@pytest.mark.parametrize("crowd", [[], CROWD], ids=["few", "many"])
def test_secrets_that_overlap_are_masked_to_the_last_letter(crowd: list[Secret]) -> None:
    sieve = Sieve([Secret("pass-word-1"), Secret("word-1-and"), Secret("word-1"), *crowd])

    assert sieve.clean("<pass-word-1-and> <word-1>") == f"<{MASK}> <{MASK}>"


def test_a_token_with_letters_around_it_is_masked() -> None:
    sieve = Sieve([Secret(TOKEN)])

    assert TOKEN not in sieve.clean(f"waInstance1101728000sendMessage{TOKEN}x")


def test_a_text_without_secrets_stays_as_it_is() -> None:
    sieve = Sieve([Secret(TOKEN), Secret(ODD), *CROWD])
    text = (
        '{"event": "manifest_loaded", "path": "C:\\\\x", "q": "a+b 100% \\"x\\" \\u00e9", '
        '"lineage": "00f219ff-408b-4cbc-ba5a-7dae0687742e", "sum": "' + "0" * 64 + '"}\n'
    )

    assert sieve.clean(text) == text
    assert Sieve().clean(text) == text


def test_what_is_too_short_to_be_secret_stays() -> None:
    sieve = Sieve([Secret("x" * (SHORTEST - 1)), Secret("yes")])

    assert sieve.clean("yes, xxxxx") == "yes, xxxxx"
    assert Sieve([Secret("x" * SHORTEST)]).clean("xxxxxx") == MASK


@given(st.text(), st.lists(st.text(min_size=1), max_size=12))
def test_any_text_is_cleaned_of_any_secret(text: str, secrets: list[str]) -> None:
    sieve = Sieve(map(Secret, secrets))

    cleaned = sieve.clean(text + "".join(secrets))

    long = [secret for secret in secrets if len(secret) >= SHORTEST and MASK not in secret]
    assert not [secret for secret in long if secret in cleaned.replace(MASK, "")]


def test_a_sieve_learns_while_others_use_it() -> None:
    sieve, over = Sieve(), Event()
    errors: list[Exception] = []

    def clean() -> None:
        while not over.is_set():
            try:
                sieve.clean(f"a line with 100% of odd secret no. 000499 and {TOKEN}")
            except Exception as error:
                errors.append(error)

    readers = [Thread(target=clean) for _ in range(2)]
    for reader in readers:
        reader.start()
    for secret in [*CROWD, Secret(TOKEN)]:
        sieve.add(secret)
    over.set()
    for reader in readers:
        reader.join()

    assert errors == []


def test_a_log_line_costs_the_same_with_twenty_thousand_tokens() -> None:
    line = json.dumps(
        {
            "run_id": "d3ee2c9c9b2f6d9d",
            "key": "support-eu-0001",
            "id_instance": 1101728000,
            "event": "instance_created",
            "timestamp": "2026-11-23T05:26:38.312495Z",
        }
    )
    sieve = Sieve(Secret(f"{number:050x}") for number in range(20_000))

    def seconds() -> float:
        started = time.perf_counter()
        for _ in range(200):
            sieve.clean(line)
        return (time.perf_counter() - started) / 200

    assert min(seconds() for _ in range(10)) < 30e-6


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Unauthorized", "Unauthorized"),
        (f"token {TOKEN} is bad", f"token {MASK} is bad"),
        ("bad: gac.1234", f"bad: {MASK}"),
        ("bad: 0b6c2a52-9d43-4a5e-8f6b-21b0d7a5a3f1.", f"bad: {MASK}."),
        ("temporarily-unavailable-maintenance", "temporarily-unavailable-maintenance"),
        ("two\nlines\x1b[31m\u202e", "two lines [31m"),
        (f"{'word ' * 100}{TOKEN}", ("word " * 40)[:199] + "…"),
        (" ".join([TOKEN] * 40), " ".join([MASK] * 16)),
        ("x" * 2000, MASK),
    ],
    ids=["plain", "token", "partner", "uuid", "words", "control", "long", "cut-token", "one-run"],
)
def test_a_text_of_the_api_is_made_fit_to_show(text: str, shown: str) -> None:
    assert clean_foreign(text) == shown


def test_secrets_of_different_types_are_different() -> None:
    assert len({Secret("1"), Secret(1), Secret(True)}) == 3


def test_short_secrets_that_are_part_of_a_name_stay_apart_from_the_others() -> None:
    secrets = [Secret("shop"), Secret("shop-eu-1"), Secret("a" * 17), Secret("hush-hush")]

    assert apart_from("shop-eu-1\n" + "a" * 17, secrets) == secrets[2:]


def test_many_short_secrets_are_told_apart_in_linear_time() -> None:
    names = "\n".join(f"shop-{number}" for number in range(40_000))
    secrets = [Secret(f"tok{number:06}") for number in range(40_000)]
    before = time.process_time()

    assert apart_from(names, secrets) == secrets
    assert time.process_time() - before < 5  # the search for each in all took half a minute
