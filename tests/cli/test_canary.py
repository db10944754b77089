"""No secret leaves: every command and outcome, every stream and file, every encoding."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.canary import leaks, leaks_in
from tests.cli.canaries import OURS, PARTNER, QUICK, SECRETS, SINKS, coop, echo, styled
from tests.cli.conversation import conversation
from tests.cli.pages import fetch, linking, views
from tests.command import COMMAND, Completed, clean_env, project
from tests.nightly import NIGHTLY, cases
from tests.sandbox.server import Sandbox, running

STATE = frozenset({"instances.state.json"})
RECIPIENT = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"  # opens nothing here


@pytest.fixture(scope="module")
def _aviary() -> Iterator[Sandbox]:
    with running("--token", PARTNER) as sandbox:
        yield sandbox


@pytest.fixture
def aviary(_aviary: Sandbox) -> Sandbox:
    """A sandbox whose partner token is a canary."""
    _aviary.reset()
    return _aviary


LOST = {"on": "create", "do": "close", "lag": 9}  # so that the account is asked once more
OUTCOMES: dict[str, Sequence[dict[str, Any]]] = {
    "created": [],
    "refused-200": [{"on": "any", **echo(200, 401)}],
    "refused-400": [{"on": "any", **echo(400, 401)}],
    "refused-later": [{"on": "create", **echo(401, 401)}],
    "rejected": [{"on": "create", "times": "always", **echo(400, 400)}],
    "rejected-200": [{"on": "create", "times": "always", **echo(200, 466)}],
    "no-free": [{"on": "create", **echo(400, 100)}],
    "throttled": [{"on": "create", **echo(429, 429, retryAfter=0)}],
    "unknown-500": [{"on": "create", **echo(500, 500)}],
    "unknown-body-500": [{"on": "create", "lag": 9, **echo(200, 500)}],
    "unknown-odd": [{"on": "create", "lag": 9, **echo(200, None)}],
    "unknown-token-as-id": [
        {
            "on": "create",
            "lag": 9,
            "do": "status",
            "status": 200,
            "body": f'{{"idInstance": "{SECRETS["unknown"]}", "apiTokenInstance": {{}}}}',
        }
    ],
    "closed": [{"on": "create", "do": "close", "lag": 9}],
    "reset": [{"on": "create", "do": "reset"}],
    "cut": [{"on": "create", "do": "cut", "lag": 9}],
    "garbage": [{"on": "create", "do": "garbage"}],
    "nested": [{"on": "create", "do": "nested"}],
    "redirect": [
        {"on": "create", "do": "redirect", "location": f"https://example.com/?t={PARTNER}"}
    ],
    "no-token": [{"on": "create", "do": "no-token", "times": 3}, {"on": "list", "do": "no-token"}],
    "string-id": [{"on": "create", "do": "string-id"}],
    "extra-fields": [{"on": "create", "do": "extra-fields", "times": 3}],
    "twins": [{"on": "create", "do": "close", "twin": True}],
    "renamed": [{"on": "create", "do": "close", "newName": "somebody else"}],
    "listing-500": [{"on": "list", "times": "always", **echo(500, 500)}],  # retried: takes seconds
    "listing-odd": [LOST, {"on": "list", "nth": 2, **echo(200, None)}],
    "listing-refused": [LOST, {"on": "list", "nth": 2, **echo(200, 403)}],
    "listing-cut": [LOST, {"on": "list", "nth": 2, "do": "cut"}],
    "listing-broken-row": [
        LOST,
        {
            "on": "list",
            "nth": 2,
            "do": "status",
            "status": 200,
            "body": f'[{{"idInstance": [], "apiTokenInstance": "{SECRETS["unknown"]}"}}]',
        },
    ],
    "listing-odd-row": [
        {"on": "create", "do": "close", "twin": True},
        {
            "on": "list",
            "nth": 2,
            "do": "status",
            "status": 200,
            "body": json.dumps(
                [
                    {
                        "idInstance": number,
                        "name": "first",
                        "timeCreated": PARTNER,  # is shown with candidates
                        "apiTokenInstance": SECRETS["unknown"],
                    }
                    for number in (7, 8)
                ]
            ),
        },
    ],
}


# By day one of a kind: created, refused, rejected, throttled, unknown by status, body and without
# an answer, without a token, and listings that fail or lie.
BY_DAY = (
    *("created", "refused-200", "rejected", "throttled", "unknown-500", "unknown-token-as-id"),
    *("closed", "redirect", "no-token", "twins", "listing-odd", "listing-odd-row"),
)


@pytest.mark.parametrize(
    ("rules", "level", "log", "output", "github"), cases(styled(OUTCOMES), by_day=BY_DAY)
)
def test_no_outcome_of_apply_shows_a_secret(
    rules: Sequence[dict[str, Any]],
    level: str,
    log: str,
    output: str,
    github: bool,
    aviary: Sandbox,
    tmp_path: Path,
) -> None:
    birds = coop(tmp_path, aviary, github=github)
    aviary.create_by_hand("a stranger", count=2)
    aviary.faults(*rules)

    done = birds.run(
        "apply", *QUICK, *SINKS, "-o", output, "--log-level", level, "--log-format", log,
        "--recipient", RECIPIENT,
    )  # fmt: skip

    assert sum(aviary.applied()) >= bool(rules), done.err
    assert birds.leaks(done) == []


CRASHES = {
    "yaml": ("yaml.cyaml:CParser", "RuntimeError", "plan"),
    "schema": ("jsonschema_rs:Draft7Validator", "JSONDecodeError", "validate"),
    "state-lock": ("fcntl:flock", "RuntimeError", "apply"),
    "state-digest": ("hmac:digest", "ValueError", "apply"),
    "state-sync": ("os:fdatasync", "OSError", "apply"),
    "state-fold": ("os:fsync", "OSError", "apply"),
    "state-broken": ("os:fdatasync", "SystemError", "apply"),
    "sealing": ("pyrage:encrypt", "UnicodeDecodeError", "apply"),
    "request": ("httpx:Request", "KeyError", "apply"),
    "response": ("httpx:Response.iter_bytes", "RuntimeError", "apply"),
    "connect": ("socket:create_connection", "RuntimeError", "apply"),
    "http": ("h11:Connection.send", "ExceptionGroup", "apply"),
    "receive": ("h11:Connection.next_event", "MemoryError", "apply"),
    "log": ("structlog:wrap_logger", "KeyError", "apply"),
    "log-line": ("structlog.processors:JSONRenderer.__call__", "ValueError", "apply"),
    "metrics": ("prometheus_client:generate_latest", "RuntimeError", "apply"),
    "threads": ("threading:Thread.start", "RuntimeError", "apply"),
    "git": ("subprocess:run", "ValueError", "apply"),
}


@pytest.mark.parametrize(
    ("where", "error", "command"),
    cases(CRASHES, by_day=("yaml", "state-sync", "sealing", "response", "log-line", "threads")),
)
def test_no_crash_in_a_library_shows_a_secret(
    where: str, error: str, command: str, aviary: Sandbox, tmp_path: Path
) -> None:
    birds = coop(tmp_path, aviary)
    mark = tmp_path / "it-struck"
    boom = {
        "PYTHONPATH": str(Path(__file__).parent / "boom"),
        "BOOM": f"{where} {error}",
        "BOOM_TEXT": f"{PARTNER} {' '.join(SECRETS.values())}",
        "BOOM_MARK": str(mark),
        "BOOM_RICH": "1" if command == "apply" else "",
    }
    sealed = () if "git" in where or "subprocess" in where else ("--recipient", RECIPIENT)
    options = (*QUICK, *SINKS, *sealed) if command == "apply" else ()

    done = birds.run(command, *options, "--log-level", "debug", env=boom)

    assert mark.exists(), done.err
    assert birds.leaks(done, tokens_in=frozenset() if sealed else STATE) == []


def test_a_crash_says_where_it_was_and_what_to_do(aviary: Sandbox, tmp_path: Path) -> None:
    birds = coop(tmp_path, aviary)
    boom = {
        "PYTHONPATH": str(Path(__file__).parent / "boom"),
        "BOOM": "yaml.cyaml:CParser KeyError",
        "BOOM_TEXT": PARTNER,
        "BOOM_MARK": str(tmp_path / "it-struck"),
    }

    done = birds.run("validate", env=boom)

    assert done.code == 1
    assert done.err.splitlines()[0].startswith("error: the program itself failed: KeyError at ")
    assert "libyaml.py:" in done.err
    assert "please report" in done.err


COMMANDS = [
    ("validate",),
    ("validate", "--show"),
    ("validate", "--strict", "-o", "json"),
    ("plan", "--refresh", "-o", "json", "--out", "plan.json"),
    ("plan", "-o", "markdown", "--color", "always"),
    ("apply", "plan.json", "--yes", "--settle", "0", *SINKS),
    ("status", "--refresh"),
    ("status", "-o", "json"),
    ("status", "first", "--refresh", "--states", "--live"),
    ("status", "first", "--states", "--live", "-o", "json"),
    ("report", "--states", "--live", "--html", "report.html"),
    ("wait", "first", "--timeout", "60", "--report", "wait.json"),
    ("resolve", "second", "--not-created"),
    ("adopt", "--all"),
    ("export", "--to", "export.json"),
    ("export", "--format", "k8s-secret", "--to", "export.yaml", "--only", "nobody"),
    ("state", "seal"),
    ("schema",),
    ("init",),
    ("completion", "bash"),
    ("apply", "--partner-token", "x"),
    ("apply", PARTNER),
    ("status", PARTNER),
    ("state", "seal", "--recipient", RECIPIENT),
]


def test_no_command_shows_a_secret(aviary: Sandbox, tmp_path: Path) -> None:
    birds = coop(tmp_path, aviary)
    aviary.faults({"on": "create", "name": "second", "do": "close", "when": "before"})

    runs = [
        birds.run(*words, *(("--log-level", "debug") if words[0] in LOGGING else ()))
        for words in COMMANDS
    ]

    assert {done.code for done in runs} == {0, 2, 6}, [(done.code, done.err) for done in runs]
    assert birds.leaks(*runs, tokens_in=frozenset({"export.json"})) == []


LOGGING = {"validate", "plan", "apply", "status", "report", "wait", "resolve", "adopt"}


BROKEN = """\
version: 1
defaults:
  webhookUrl: ftp://${env:HOOK_PATH}
  webhookUrlToken: [LITERAL]
instances:
  first: {webhookUrlToken: {a: LITERAL}, delaySendMessagesMilliseconds: "${env:HOOK_TOKEN}"}
  second: {webhookUrlTokenn: LITERAL, incomingWebhook: "${file:hook.secret}"}
  third: {webhookUrlToken: LITERAL, webhookUrlToken: LITERAL, autoTyping: "${env:HOOK_PATH}"}
  fourth: {webhookUrlToken: !secret LITERAL}
  fifth: {name: "${env:HOOK_TOKEN}", webhookUrlToken: "${env:HOOK_TOKEN}${env:NOT_SET}"}
"""


@pytest.mark.parametrize(
    "output",
    ["text", "json", *(pytest.param(x, marks=NIGHTLY) for x in ("github", "gitlab", "sarif"))],
)
@pytest.mark.parametrize("text", [BROKEN, BROKEN + "  sixth: LITERAL]\n"], ids=["rules", "syntax"])
def test_no_problem_of_a_manifest_shows_a_secret(
    text: str, output: str, aviary: Sandbox, tmp_path: Path
) -> None:
    birds = coop(tmp_path, aviary, github=output == "text")
    literal = "canary-literal-0002-JqXzPvBn"
    birds.project.write(text.replace("LITERAL", literal))

    done = birds.run("validate", "-o", output, "--color", "always")

    assert done.code == 3
    assert leaks((done.out + done.err).encode(), {"literal": literal}) == []
    assert birds.leaks(done) == []


@pytest.mark.parametrize("given", ["environment", "file"])
@pytest.mark.parametrize(
    "line",
    [
        "webhookUrlToken: {}",
        'webhookUrl: "https://hooks.example.com/{}"',
        "incomingWebhook: yes # {}",
    ],
    ids=["value", "part", "comment"],
)
def test_a_partner_token_in_the_manifest_is_refused_and_not_shown(
    line: str, given: str, aviary: Sandbox, tmp_path: Path
) -> None:
    birds = coop(tmp_path, aviary)
    token = "partner-token-0001-without-a-prefix"
    (tmp_path / "hook.secret").write_text(token)
    (tmp_path / "hook.secret").chmod(0o600)
    birds.project.write(f"version: 1\ninstances:\n  first:\n    {line.format(token)}\n")
    env = {
        "environment": {"GREEN_API_PARTNER_TOKEN": token},
        "file": {"GREEN_API_PARTNER_TOKEN_FILE": "hook.secret", "GREEN_API_PARTNER_TOKEN": ""},
    }[given]

    done = birds.run("plan", env=env)

    assert done.code == 3
    assert "a partner token may not stand in a manifest" in done.err
    assert leaks((done.out + done.err).encode(), {"token": token}) == []


def test_no_process_shows_a_secret_in_its_name_or_arguments(
    aviary: Sandbox, tmp_path: Path
) -> None:
    birds = coop(tmp_path, aviary)
    aviary.faults({"on": "create", "times": "always", "do": "hang"})

    with birds.project.start("apply", *QUICK, "--log-level", "debug") as process:
        next(line for line in process.stderr if "create_announced" in line)
        files = [
            path
            for path in Path(f"/proc/{process.pid}").glob("task/*/*")
            if path.name in ("cmdline", "comm")
        ]
        shown = b"".join(path.read_bytes() for path in files)
        process.kill()

    assert len(files) >= 6  # the main thread and those that wait for an answer
    assert leaks(shown, birds.canaries) == []
    assert leaks_in(tmp_path, birds.canaries, but=OURS) == []


def test_no_page_shows_a_secret(aviary: Sandbox, tmp_path: Path) -> None:
    birds = coop(tmp_path, aviary)
    birds.run("apply", *QUICK)
    first = next(row for row in aviary.instances() if row["name"] == "first")
    echoed = f"{PARTNER} {first['apiTokenInstance']} {SECRETS['unknown']}"
    body = json.dumps({"type": "error", "message": echoed})
    aviary.faults({"on": "qr", "nth": 1, "do": "status", "status": 200, "body": body})

    options = ("--log-level", "debug", "--log-file", "run.log")
    with linking(birds.project, "first", *options) as (process, url):
        tab, told = views(url), [dict[str, Any]()]
        while not told[-1].get("picture"):
            told.append(next(tab)[1])
        page = fetch(url)
        listed = b"".join(
            (Path("/proc") / str(process.pid) / name).read_bytes() for name in ("cmdline", "comm")
        )
        aviary.link(first["idInstance"], phone="15550100001")
        told += [view for _, view in tab]
        out, err = process.communicate(timeout=60)

    path = urlsplit(url).path.strip("/")
    shown = json.dumps([told, *page.headers.items(), page.body], ensure_ascii=False)
    assert [view["notice"] for view in told[1:] if "***" in view["notice"]] != []
    assert (process.returncode, leaks(shown.encode() + listed, birds.canaries)) == (0, [])
    assert birds.leaks(Completed(0, out, err), tokens_in=STATE) == []
    assert "qr.green-api.com" not in shown
    assert path.encode() not in listed + (tmp_path / "run.log").read_bytes()


@pytest.mark.parametrize("times", [1, 2])
def test_no_interrupted_run_shows_a_secret(times: int, aviary: Sandbox, tmp_path: Path) -> None:
    birds = coop(tmp_path, aviary)
    aviary.faults({"on": "create", "times": "always", "do": "hang", "seconds": 1})

    with birds.project.start("apply", *QUICK, *SINKS, "--log-level", "debug") as process:
        first = next(line for line in process.stderr if "create_announced" in line)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            next(line for line in process.stderr if "SIGINT" in line)
        out, err = process.communicate()

    assert process.returncode == 130
    assert birds.leaks(Completed(130, out, first + err)) == []


def test_no_terminal_shows_a_secret(aviary: Sandbox, tmp_path: Path) -> None:
    birds = coop(tmp_path, aviary)
    aviary.faults(
        {"on": "create", "nth": 2, **echo(400, 400)},
        {"on": "create", "nth": 3, "do": "hang", "seconds": 1},
    )
    options = (*QUICK[1:], "--log-level", "debug", "--concurrency", "1", "--recipient", RECIPIENT)

    with conversation(birds.project, "apply", *options) as terminal:
        terminal.hear("Create 3 instances?")
        terminal.say("y\n")
        code = terminal.end()

    assert code in (5, 6)
    assert "1 rejected" in terminal.seen
    assert birds.leaks(Completed(code, terminal.heard, terminal.seen)) == []


def test_no_development_mode_shows_a_secret(aviary: Sandbox, tmp_path: Path) -> None:
    birds = coop(tmp_path, aviary)
    aviary.faults(
        {"on": "create", "nth": 2, **echo(400, 400)}, {"on": "create", "nth": 3, "do": "hang"}
    )
    loud = {"PYTHONDEVMODE": "1", "PYTHONUNBUFFERED": "1"}
    options = (*QUICK, "--log-level", "debug", "--concurrency", "1", "--recipient", RECIPIENT)

    with subprocess.Popen(
        [COMMAND, "apply", *options],
        env=clean_env({**birds.project.env, **loud}),
        cwd=birds.project.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        heard = [next(line for line in process.stderr if "third" in line)]
        process.send_signal(signal.SIGABRT)  # Python prints every thread's stack
        out, err = process.communicate()

    assert "Fatal Python error: Aborted" in err
    assert birds.leaks(Completed(-6, out, "".join(heard) + err)) == []


CAUGHT = """
import gc, threading
from reconciler.cli import run

class Odd:
    def __del__(self):
        raise ValueError("{secret}")

run()
thread = threading.Thread(target=lambda: {{}}["{secret}"])
thread.start()
thread.join()
odd = Odd()
del odd
gc.collect()
raise RuntimeError("{secret}")
"""


def test_no_thread_destructor_or_exit_prints_what_an_exception_says(tmp_path: Path) -> None:
    secret = SECRETS["path"]
    made = project(tmp_path)

    done = subprocess.run(
        [sys.executable, "-c", CAUGHT.format(secret=secret), "--version"],
        env=clean_env(made.env),
        capture_output=True,
        check=False,
    )

    told = done.stderr.decode().splitlines()[::2]
    assert [line.split(" at ")[0] for line in told] == [
        "error: the program itself failed: KeyError",
        "error: the program itself failed: ValueError",
        "error: the program itself failed: RuntimeError",
    ]
    assert done.returncode == 1
    assert leaks(done.stdout + done.stderr, {"secret": secret}) == []


def test_a_name_that_a_reference_repeats_stays_readable(sandbox: Sandbox, tmp_path: Path) -> None:
    """What the manifest shows in the clear is no secret, and hiding it would only confuse."""
    made = project(
        tmp_path,
        "version: 1\ninstances:\n"
        "  support-eu: {webhookUrl: 'https://x.example.com/${env:STAGE}/${env:KEY}'}\n",
        env={**sandbox.env, "STAGE": "support", "KEY": SECRETS["path"]},
    )

    done = made.run("apply", "--yes", "--rate", "0")

    assert "support-eu" in done.out
    assert {event.get("key", "support-eu") for event in done.events} == {"support-eu"}
    assert leaks((done.out + done.err).encode(), {"key": SECRETS["path"]}) == []
