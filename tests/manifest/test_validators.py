"""A schema made ready to judge, without what its library brings along."""

import subprocess
import sys

import pytest

pytest.importorskip("jsonschema_rs")

BEGIN = """\
import sys
from reconciler.manifest import validators
judge = validators.compiled({"type": "integer"})
assert judge.is_valid(1) and not judge.is_valid("1")
"""


def run(program: str) -> None:
    subprocess.run([sys.executable, "-c", BEGIN + program], check=True)


def test_judging_brings_in_no_mail_and_no_sockets() -> None:
    run("assert not {'email.utils', 'socket'} & sys.modules.keys()")


def test_whoever_wants_mail_afterwards_gets_it() -> None:
    run("from email.utils import formataddr; assert formataddr(('', 'a@b')) == 'a@b'")


def test_what_is_there_already_stays() -> None:
    run(
        "import email.utils\n"
        "with validators._mail_later():\n"
        "    assert sys.modules['email.utils'] is email.utils\n"
        "assert sys.modules['email.utils'] is email.utils\n"
    )


def test_the_function_that_the_library_took_still_reads_dates() -> None:
    run(
        "date = 'Sun, 22 Nov 2026 10:06:00 GMT'\n"
        "with validators._mail_later():\n"
        "    from email.utils import parsedate_to_datetime\n"
        "import email.utils\n"
        "assert parsedate_to_datetime is not email.utils.parsedate_to_datetime\n"
        "assert parsedate_to_datetime(date) == email.utils.parsedate_to_datetime(date)\n"
    )


def test_anything_else_that_a_library_takes_is_the_real_thing() -> None:
    run(
        "with validators._mail_later():\n"
        "    from email.utils import formataddr\n"
        "import email.utils\n"
        "assert formataddr is email.utils.formataddr\n"
    )
