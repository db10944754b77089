"""What a reset may change."""

from typing import Any

import pytest

from reconciler.sandbox.settings import SandboxSettings, SettingsError, changed


@pytest.mark.parametrize(
    ("wanted", "settings"),
    [
        ({}, SandboxSettings()),
        ({"latency": 0.5, "birth": 2}, SandboxSettings(latency=0.5, birth=2)),
        ({"limit": 5, "retryAfter": 3}, SandboxSettings(limit=5, retry_after=3)),
        ({"limit": None}, SandboxSettings()),
        ({"unauthorized": 401, "tolerant": True}, SandboxSettings(unauthorized=401, tolerant=True)),
        ({"clockAhead": -90.5}, SandboxSettings(clock_ahead=-90.5)),
        (
            {"newborn": "unauthorized,null", "restart": 2, "logout": 3},
            SandboxSettings(newborn="unauthorized,null", restart=2, logout=3),
        ),
        (
            {"deletedLooks": "gone", "listTokens": False, "instanceLimits": False},
            SandboxSettings(deleted_looks="gone", list_tokens=False, instance_limits=False),
        ),
        ({"firstId": 7, "typeInstance": "v3"}, SandboxSettings(first_id=7, type_instance="v3")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_reset_changes_settings(wanted: dict[str, Any], settings: SandboxSettings) -> None:
    assert changed(SandboxSettings(), wanted) == settings


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ([], "settings are a JSON object"),
        ({"speed": 1}, "'speed' is no setting; there are latency, birth,"),
        ({"latency": -1}, "latency: -1 does not fit"),
        ({"latency": True}, "latency: True does not fit"),
        ({"limit": 0}, "limit: 0 does not fit"),
        ({"firstId": "7"}, "firstId: '7' does not fit"),
        ({"clockAhead": 1e12}, "clockAhead: 1000000000000.0 does not fit"),
        ({"newborn": "null,odd"}, "newborn: 'null,odd' does not fit"),
        ({"deletedLooks": "odd"}, "deletedLooks: 'odd' does not fit"),
        ({"unauthorized": 500}, "unauthorized: 500 does not fit"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_setting_that_is_not_there_is_told(wanted: object, reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        changed(SandboxSettings(), wanted)

    assert str(caught.value).startswith(reason)
