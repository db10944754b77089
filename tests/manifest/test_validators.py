"""A schema made ready to judge, without what its library brings along."""

import subprocess
import sys

import pytest

from tests.command import clean_env

pytest.importorskip("jsonschema_rs")

PROGRAM = """\
import sys
from reconciler.manifest.validators import compiled
judge = compiled({"type": "integer"})
assert judge.is_valid(1) and not judge.is_valid("1")
assert not {"email.utils", "socket"} & sys.modules.keys()
from email.utils import formataddr, parsedate_to_datetime
assert formataddr(("", "a@b")) == "a@b"
assert parsedate_to_datetime("Sun, 22 Nov 2026 10:06:00 GMT").year == 2026
"""


def test_judging_brings_in_no_mail_and_leaves_it_to_others() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], env=clean_env(covered=False), check=True)
