"""Modules that a library imports and a run hardly needs: absent until they are used."""

import subprocess
import sys

import pytest

BEGIN = """\
import sys
from reconciler.spared import spared
assert not {"colorsys", "email.utils"} & sys.modules.keys()
with spared("colorsys", meanwhile={"ONE_THIRD": 3}, always={"ONE_SIXTH": 6}):
    import colorsys as late
    from colorsys import ONE_THIRD
"""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("assert 'colorsys' not in sys.modules", id="not imported"),
        pytest.param("assert (ONE_THIRD, late.ONE_SIXTH) == (3, 6)", id="what is given"),
        pytest.param(
            "import colorsys; assert colorsys is not late and colorsys.ONE_SIXTH < 1",
            id="whoever imports it afterwards gets it",
        ),
        pytest.param(
            "assert late.rgb_to_hsv is sys.modules['colorsys'].rgb_to_hsv", id="anything else"
        ),
        pytest.param("assert late.ONE_THIRD < 1", id="what was given meanwhile only"),
        pytest.param(
            "import colorsys\n"
            "with spared('colorsys'):\n"
            "    assert sys.modules['colorsys'] is colorsys\n"
            "assert sys.modules['colorsys'] is colorsys\n",
            id="what is there already stays",
        ),
        pytest.param(
            "with spared('email.utils'):\n"
            "    from email.utils import formataddr\n"
            "import email.utils\n"
            "assert formataddr is email.utils.formataddr\n",
            id="used within the block",
        ),
        pytest.param("assert not hasattr(late, '__path__')", id="no package"),
        pytest.param(
            "try:\n    late.nothing\nexcept AttributeError as error:\n"
            "    assert 'colorsys' in str(error)\nelse:\n    raise AssertionError\n",
            id="what the module has not",
        ),
    ],
)
def test_a_spared_module_is_there_for_whoever_uses_it(program: str) -> None:
    subprocess.run([sys.executable, "-c", BEGIN + program], check=True)
