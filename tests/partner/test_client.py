"""Creates are sent once and lists are read at last, whatever the server does; nothing leaks."""

import gzip
import io
import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from rich.traceback import Traceback

from reconciler.errors import AccountUnreadable, ReconcilerError, TokenRefused, UsageError
from reconciler.model import (
    Attempt,
    Created,
    NotSent,
    Refused,
    Rejected,
    Throttled,
    Unknown,
)
from reconciler.partner.client import Partner, silence_libraries
from reconciler.partner.methods import CREATE_INSTANCE
from reconciler.secrets import MASK, Secret, Sieve
from tests.partner.conftest import DESIRED, NOW, PARTNER_TOKEN, certified
from tests.partner.server import (
    MADE,
    TOKEN,
    Reply,
    ScriptedServer,
    drip,
    hang,
    http,
    made,
    raw,
    reset,
    says,
)

Serve = Callable[..., ScriptedServer]
Connect = Callable[..., Partner]
SEGMENT = quote(PARTNER_TOKEN, safe="")
BODY = json.dumps(MADE).encode()
CREATED = Created(1101728000, Secret(TOKEN), "whatsapp")


@pytest.fixture(params=["plain", "tls"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def serve(serve: Serve, way: str, authority: trustme.CA) -> Serve:
    tls = None if way == "plain" else certified(authority, "localhost")
    return lambda *script: serve(*script, tls=tls)


@pytest.fixture
def connect(connect: Connect, way: str, bundle: Path) -> Connect:
    trusting = {} if way == "plain" else {"ca_bundle": bundle}
    return lambda url, **options: connect(url, **trusting, **options)


def test_a_create_is_one_post_of_the_name_and_the_parameters(
    serve: Serve, connect: Connect
) -> None:
    server = serve(made())

    outcome = connect(server.url).send(CREATE_INSTANCE, DESIRED)

    assert outcome == CREATED
    (request,) = server.requests
    assert request.method == "POST"
    assert request.target == f"/partner/createInstance/{SEGMENT}"
    assert json.loads(request.body) == {
        "name": "support-eu",
        "webhookUrlToken": "hush-hush-hush",
        "delaySendMessagesMilliseconds": 1000,
    }
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["host"] == f"localhost:{server.port}"
    assert request.headers["user-agent"].startswith("greenapi-reconciler/")


def test_a_path_before_the_methods_is_kept(serve: Serve, connect: Connect) -> None:
    server = serve(made())

    connect(f"{server.url}/gateway/").send(CREATE_INSTANCE, DESIRED)

    assert server.requests[0].target == f"/gateway/partner/createInstance/{SEGMENT}"


def test_a_token_of_dots_stays_a_segment_of_its_own(serve: Serve, connect: Connect) -> None:
    server = serve(made())

    connect(server.url, token="..").send(CREATE_INSTANCE, DESIRED)

    assert server.requests[0].target == "/partner/createInstance/%2E%2E"


def test_letters_of_any_script_arrive_as_they_are(serve: Serve, connect: Connect) -> None:
    server = serve(made())

    connect(server.url).send(CREATE_INSTANCE, DESIRED._replace(name="Käse 🧀 \u2028"))

    assert json.loads(server.requests[0].body)["name"] == "Käse 🧀 \u2028"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(made(), CREATED, id="200"),
        pytest.param(http(201, BODY), CREATED, id="201"),
        pytest.param(http(500, BODY), CREATED, id="500-with-an-id"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\n\r\n" + BODY), CREATED, id="ended-by-closing"),
        pytest.param(
            raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n" + BODY),
            CREATED,
            id="after-100-continue",
        ),
        pytest.param(
            http(200, gzip.compress(BODY), "Content-Encoding: gzip"),
            CREATED,
            id="compressed-unasked",
        ),
        pytest.param(
            says({"code": 401, "description": "Unauthorized"}),
            Refused(401, "Unauthorized"),
            id="200-with-401",
        ),
        pytest.param(
            says({"code": 100}, 400),
            Rejected(100, "temporarily no free instances"),
            id="400-with-100",
        ),
        pytest.param(http(404), Rejected(404, "404 Not Found"), id="404"),
        pytest.param(http(429, b"", "Retry-After: 3"), Throttled(3.0), id="429"),
        pytest.param(
            http(429, b"", "Retry-After: Sun, 22 Nov 2026 10:07:00 GMT"),
            Throttled(60.0),
            id="429-with-date",
        ),
        pytest.param(
            http(502, b"<html>"), Unknown("the server answered 502 Bad Gateway"), id="502"
        ),
        pytest.param(
            http(307, b"", "Location: /elsewhere"),
            Unknown("the server answered 307 Temporary Redirect"),
            id="redirect",
        ),
        pytest.param(http(200, b""), Unknown("the answer is empty"), id="empty"),
        pytest.param(http(200, b"null"), Unknown("the answer is not readable"), id="null"),
        pytest.param(http(200, b"[" * 500_000), Unknown("the answer is not readable"), id="nested"),
        pytest.param(
            http(200, BODY[:40], length=999),
            Unknown("the answer was cut after idInstance 1101728000"),
            id="cut",
        ),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
            Unknown("the answer was cut"),
            id="cut-chunk",
        ),
        pytest.param(
            http(200, BODY[:-1] + b" " * 2**20 + b"}"),
            Unknown("the answer was cut after idInstance 1101728000"),
            id="huge",
        ),
        pytest.param(
            http(200, gzip.compress(BODY + b" " * 2**26), "Content-Encoding: gzip"),
            Unknown("the answer was cut after idInstance 1101728000"),
            id="gzip-bomb",
        ),
        pytest.param(
            http(200, BODY, "Content-Encoding: gzip"),
            Unknown("the answer was cut"),
            id="gzip-only-said",
        ),
        pytest.param(
            raw(b"HTTP/1.1 2"),
            Unknown("the connection ended without a whole HTTP answer"),
            id="cut-headers",
        ),
        pytest.param(
            raw(b"SSH-2.0-OpenSSH\r\n\r\n"),
            Unknown("the connection ended without a whole HTTP answer"),
            id="not-http",
        ),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000),
            Unknown("the connection ended without a whole HTTP answer"),
            id="endless-header",
        ),
        pytest.param(
            raw(b""),
            Unknown("the connection ended without a whole HTTP answer"),
            id="closed-after-reading",
        ),
    ],
)
def test_an_answer_has_one_meaning_and_the_post_is_never_repeated(
    serve: Serve, connect: Connect, reply: Reply, expected: Attempt
) -> None:
    server = serve(reply)

    assert connect(server.url).send(CREATE_INSTANCE, DESIRED) == expected
    assert len(server.requests) == 1


def test_a_reset_is_unknown_and_not_repeated(serve: Serve, connect: Connect, way: str) -> None:
    server = serve(reset)

    outcome = connect(server.url).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, Unknown)
    assert outcome.reason == "connection reset" or "tls" in way  # it may end in good order there
    assert len(server.requests) == 1


def test_a_redirect_to_nowhere_is_not_followed_and_unknown(serve: Serve, connect: Connect) -> None:
    server = serve(http(302, b"", "Location: https://a.example:bad/"))

    assert isinstance(connect(server.url).send(CREATE_INSTANCE, DESIRED), Unknown)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(hang, id="silent"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"), id="headers-that-never-end"),
        pytest.param(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="continue-for-ever"),
        pytest.param(
            drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
            id="chunks-that-never-end",
        ),
        pytest.param(
            drip(b"HTTP/1.1 200 OK\r\n\r\n" + BODY, b" "), id="a-whole-instance-and-then-blanks"
        ),
    ],
)
def test_an_answer_that_takes_too_long_in_all_is_unknown(
    serve: Serve, connect: Connect, reply: Reply
) -> None:
    server = serve(reply)

    outcome = connect(server.url, timeout=0.3).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, Unknown)
    assert len(server.requests) == 1
    assert connect(server.url).send(CREATE_INSTANCE, DESIRED) == CREATED


# Python's ssl forgets to close a socket that was reset before its handshake: the server's, here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_request_whose_time_is_over_does_not_leave_any_more(
    serve: Serve, connect: Connect
) -> None:
    server = serve()

    outcome = connect(server.url, timeout=1e-9, connect_timeout=5).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, NotSent | Unknown)
    server.stop()
    assert server.requests == []


def test_a_worker_goes_on_after_an_answer_that_took_too_long(
    serve: Serve, connect: Connect
) -> None:
    server = serve(hang, made(), made())
    partner = connect(server.url, timeout=4)  # a loaded machine answers within that

    outcomes = [partner.send(CREATE_INSTANCE, DESIRED) for _ in range(3)]

    assert outcomes == [Unknown("no answer within 4 s"), CREATED, CREATED]


def test_nobody_listening_is_not_sent(serve: Serve, connect: Connect) -> None:
    server = serve()
    server.stop()

    assert connect(server.url).send(CREATE_INSTANCE, DESIRED) == NotSent("connection refused")


def test_a_name_that_nobody_knows_is_not_sent(connect: Connect) -> None:
    outcome = connect("https://partner.invalid").send(CREATE_INSTANCE, DESIRED)

    assert outcome == NotSent("host name not known")


def test_a_server_that_takes_no_connection_is_not_sent(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))

        outcome = connect(f"http://127.0.0.1:{port}", connect_timeout=0.2).send(
            CREATE_INSTANCE, DESIRED
        )

        for client in waiting:
            client.close()
    assert outcome == NotSent("no connection in time")


def test_each_create_has_a_connection_of_its_own(serve: Serve, connect: Connect) -> None:
    server = serve()
    partner = connect(server.url)

    outcomes = [partner.send(CREATE_INSTANCE, DESIRED) for _ in range(5)]

    assert outcomes == [CREATED] * 5
    assert [request.connection for request in server.requests] == [1, 2, 3, 4, 5]


def test_creates_that_fly_together_have_connections_of_their_own(
    serve: Serve, connect: Connect
) -> None:
    together = threading.Barrier(4)

    def reply(server: ScriptedServer, connection: Any) -> bool:
        together.wait()
        return made()(server, connection)

    server = serve(*[reply] * 8)
    partner = connect(server.url)

    with ThreadPoolExecutor(4) as workers:
        outcomes = list(workers.map(partner.send, [CREATE_INSTANCE] * 8, [DESIRED] * 8))

    assert outcomes == [CREATED] * 8
    assert sorted(request.connection for request in server.requests) == list(range(1, 9))


def test_a_second_answer_to_one_request_is_not_taken_for_the_next_ones(
    serve: Serve, connect: Connect
) -> None:
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{"idInstance":%07d}'
    server = serve(raw(answer % 1000001 + answer % 1000002, keep=True), says({"idInstance": 1}))
    partner = connect(server.url)

    outcomes = [partner.send(CREATE_INSTANCE, DESIRED) for _ in range(2)]

    assert [o.id_instance for o in outcomes if isinstance(o, Created)] == [1000001, 1]
    assert server.connections == 2


def test_an_interim_answer_is_not_the_answer(serve: Serve, connect: Connect) -> None:
    def reply(server: ScriptedServer, connection: Any) -> bool:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        return made()(server, connection)

    assert connect(serve(reply).url).send(CREATE_INSTANCE, DESIRED) == CREATED


def test_cookies_are_not_kept_and_no_netrc_is_read(
    serve: Serve, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine localhost login user password s3cret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server = serve(says(MADE, 200, "Set-Cookie: session=7; Path=/"), made())
    partner = connect(server.url)

    partner.send(CREATE_INSTANCE, DESIRED)
    partner.send(CREATE_INSTANCE, DESIRED)

    sent = [name for request in server.requests for name in request.headers]
    assert "cookie" not in sent
    assert "authorization" not in sent


def test_closing_ends_what_is_in_flight_as_unknown(serve: Serve, connect: Connect) -> None:
    server = serve(hang)
    partner = connect(server.url, timeout=60)

    with ThreadPoolExecutor(1) as workers:
        outcome = workers.submit(partner.send, CREATE_INSTANCE, DESIRED)
        server.hanging.wait()
        partner.close()

        assert isinstance(outcome.result(), Unknown)
    assert partner.send(CREATE_INSTANCE, DESIRED) == NotSent("the run is ending")


def test_a_defect_is_unknown_instead_of_a_traceback(serve: Serve, connect: Connect) -> None:
    def broken_clock() -> Any:
        raise ZeroDivisionError(PARTNER_TOKEN)

    outcome = connect(serve().url, now=broken_clock).send(CREATE_INSTANCE, DESIRED)

    assert outcome == Unknown("the program failed during the request (ZeroDivisionError)")


# --- the list of instances -----------------------------------------------------------------

ROW = {"idInstance": 1101728000, "name": "support-eu", "apiTokenInstance": TOKEN, "deleted": False}


def test_the_account_is_one_get(serve: Serve, connect: Connect) -> None:
    server = serve(says([ROW]))

    account = connect(server.url).account()

    assert [(row.id_instance, row.name, row.token) for row in account.live] == [
        (1101728000, "support-eu", Secret(TOKEN))
    ]
    (request,) = server.requests
    assert (request.method, request.target) == ("GET", f"/partner/getInstances/{SEGMENT}")
    assert request.body == b""
    assert request.headers["cache-control"] == "no-cache"


def test_tokens_that_come_in_pass_the_sieve_nowhere(serve: Serve, connect: Connect) -> None:
    server, sieve = serve(made(), says([{**ROW, "apiTokenInstance": "f00d" * 12}])), Sieve()
    partner = connect(server.url, sieve=sieve)

    partner.send(CREATE_INSTANCE, DESIRED)
    partner.account()

    cleaned = sieve.clean(f"{TOKEN} {'f00d' * 12} {PARTNER_TOKEN}")
    assert cleaned == f"{MASK} {MASK} {MASK}"


def test_what_the_api_says_of_others_secrets_is_masked(serve: Serve, connect: Connect) -> None:
    said = {"code": 400, "description": "not hook-of-another, nor hush-hush-hush"}
    partner = connect(serve(says(said)).url, sieve=Sieve([Secret("hook-of-another")]))

    assert partner.send(CREATE_INSTANCE, DESIRED) == Rejected(400, f"not {MASK}, nor {MASK}")


def test_a_long_list_is_read_whole(serve: Serve, connect: Connect) -> None:
    rows = [{**ROW, "idInstance": number, "name": f"n{number}"} for number in range(1, 20_001)]

    account = connect(serve(says(rows)).url).account()

    assert len(account.instances) == 20_000


def test_a_list_is_asked_for_again_after_what_may_pass(serve: Serve, connect: Connect) -> None:
    server = serve(http(502), reset, http(200, b"["), says([]))
    paused: list[float] = []

    account = connect(server.url, paused=paused).account()

    assert account.instances == ()
    assert len(server.requests) == 4
    assert paused == [0.5, 1.0, 2.0]


def test_pauses_are_spread_and_obey_the_server(serve: Serve, connect: Connect) -> None:
    server = serve(http(429), http(429, b"", "Retry-After: 7"), says([]))
    paused: list[float] = []

    connect(server.url, paused=paused, random=lambda: 0.0).account()

    assert paused == [0.25, 7.0]


def test_whoever_asks_for_a_long_pause_is_left_alone(serve: Serve, connect: Connect) -> None:
    server = serve(http(429, b"", "Retry-After: 5000"), says([]))

    with pytest.raises(AccountUnreadable, match="it asks to be left alone for 5000 s"):
        connect(server.url).account()

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply", [http(404, b"<html>not here</html>"), http(200, b"<!doctype html>")]
)
def test_a_web_page_is_not_taken_for_the_weather(
    serve: Serve, connect: Connect, reply: Reply
) -> None:
    server = serve(reply)

    with pytest.raises(AccountUnreadable) as raised:
        connect(server.url, url_from="GREEN_API_PARTNER_URL").account()

    assert raised.value.message.startswith(f"{server.url} does not look like the partner API: ")
    assert raised.value.message.endswith("a web page (the URL comes from GREEN_API_PARTNER_URL)")
    assert len(server.requests) == 1


def test_an_answer_that_is_older_than_the_last_one_is_doubted(
    serve: Serve, connect: Connect
) -> None:
    server = serve(
        says(MADE, 200, "Date: Sun, 22 Nov 2026 10:06:00 GMT"),
        says([], 200, "Date: Sun, 22 Nov 2026 10:00:00 GMT"),
    )
    partner = connect(server.url)
    partner.send(CREATE_INSTANCE, DESIRED)

    account = partner.account()

    assert account.doubts == ("is 360 s older than an earlier answer",)
    assert account.date == "2026-11-22T10:00:00Z"


def test_a_list_that_stays_out_of_reach_ends_the_run(serve: Serve, connect: Connect) -> None:
    server = serve(*[http(503)] * 9)

    with pytest.raises(AccountUnreadable) as raised:
        connect(server.url).account(tries=3)

    assert raised.value.message == (
        f"{server.url}: the list of instances could not be read: "
        "the server answered 503 Service Unavailable"
    )
    assert len(server.requests) == 3


@pytest.mark.parametrize("reply", [http(404), http(302, b"", "Location: /x"), says({"code": 400})])
def test_what_will_not_pass_is_not_asked_again(
    serve: Serve, connect: Connect, reply: Reply
) -> None:
    server = serve(reply)

    with pytest.raises(AccountUnreadable):
        connect(server.url).account()

    assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [says({"code": 401}), says({}, 401), says({"code": 401}, 400)])
def test_a_refused_token_ends_the_run(serve: Serve, connect: Connect, reply: Reply) -> None:
    server = serve(reply)

    with pytest.raises(TokenRefused, match="refused the partner token: 401 Unauthorized"):
        connect(server.url).account()

    assert len(server.requests) == 1


def test_an_account_out_of_reach_says_why(serve: Serve, connect: Connect) -> None:
    server = serve()
    server.stop()

    with pytest.raises(AccountUnreadable, match="connection refused"):
        connect(server.url).account(tries=2)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(hang, id="reading"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n\r\n[", b" "), id="dripping"),
    ],
)
def test_a_stop_ends_the_reading(serve: Serve, connect: Connect, reply: Reply) -> None:
    server = serve(reply)
    partner, stopping = connect(server.url, timeout=60), threading.Event()

    with ThreadPoolExecutor(1) as workers:
        account = workers.submit(partner.account, stopping=stopping)
        server.hanging.wait()
        stopping.set()

        with pytest.raises(AccountUnreadable, match="the run is stopping"):
            account.result()
    assert len(server.requests) == 1


class StoppedWhileWaiting(threading.Event):
    def wait(self, timeout: float | None = None) -> bool:
        assert timeout == 60.0
        self.set()
        return True


def test_a_stop_ends_the_waiting(serve: Serve, connect: Connect) -> None:
    server = serve(http(503, b"", "Retry-After: 60"), hang)

    with pytest.raises(AccountUnreadable, match="the run is stopping"):
        connect(server.url).account(stopping=StoppedWhileWaiting())

    assert len(server.requests) == 1


# --- secrets -------------------------------------------------------------------------------

SPELLINGS = (PARTNER_TOKEN, SEGMENT, quote(PARTNER_TOKEN), "5f/3a", "5f%2F3a", TOKEN, "hush-hush")


def leaks(text: str) -> list[str]:
    return [spelling for spelling in SPELLINGS if spelling in text]


def test_the_search_for_leaks_finds_one() -> None:
    assert leaks(f"POST https://api.example/partner/createInstance/{SEGMENT}") == [
        SEGMENT,
        "5f%2F3a",
    ]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that any library logs, down to debug."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


REPLIES = pytest.mark.parametrize(
    "reply",
    [
        pytest.param(made(), id="made"),
        pytest.param(says([ROW]), id="list"),
        pytest.param(http(500), id="500"),
        pytest.param(http(302, b"", "Location: relative"), id="redirect"),
        pytest.param(raw(b"junk"), id="junk"),
        pytest.param(reset, id="reset"),
        pytest.param(
            says({"code": 400, "description": f"/partner/x/{SEGMENT}: {PARTNER_TOKEN} {TOKEN}"}),
            id="echo-of-the-tokens",
        ),
        pytest.param(
            says({"code": 400, "description": "webhookUrlToken hush-hush-hush is too short"}),
            id="echo-of-a-parameter",
        ),
        pytest.param(
            says({"code": 401, "description": f"{PARTNER_TOKEN} {SEGMENT}"}, 401),
            id="echo-with-401",
        ),
    ],
)


def everything_told(partner: Partner) -> str:
    """Create and list; return all that a user, a log or a traceback could then show of it."""
    told = [repr(partner), repr(vars(partner)), repr(partner.send(CREATE_INSTANCE, DESIRED))]
    try:
        told.append(repr(partner.account(tries=1)))
    except ReconcilerError as error:
        shown = Traceback(show_locals=True, locals_max_string=10_000).trace
        frames = [frame for stack in shown.stacks for frame in stack.frames]
        variables = [str(node) for frame in frames for node in (frame.locals or {}).values()]
        told += [str(error), str(error.hint), traceback.format_exc(), *variables]
    return "\n".join(told)


@REPLIES
def test_no_secret_is_told(
    serve: Serve, connect: Connect, reply: Reply, logged: io.StringIO
) -> None:
    told = everything_told(connect(serve(reply, reply).url))

    assert leaks(told) == []
    assert logged.getvalue() == ""


@REPLIES
def test_no_partner_token_is_logged_even_by_loud_libraries(
    serve: Serve, connect: Connect, reply: Reply, logged: io.StringIO
) -> None:
    partner = connect(serve(reply, reply).url)
    for name in ("httpx", "httpcore", "h11"):
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).propagate = True

    everything_told(partner)
    silence_libraries()

    assert "send_request_headers" in logged.getvalue()
    assert leaks(logged.getvalue()) == []


def test_httpx_sends_every_request(serve: Serve, connect: Connect, logged: io.StringIO) -> None:
    partner = connect(serve(made(), says([])).url)
    logging.getLogger("httpx").setLevel(logging.INFO)
    logging.getLogger("httpx").propagate = True

    partner.send(CREATE_INSTANCE, DESIRED)
    partner.account()
    silence_libraries()

    lines = [line for line in logged.getvalue().splitlines() if line.startswith("HTTP")]
    assert lines == [
        f'HTTP Request: POST {partner.url}/partner/createInstance/*** "HTTP/1.1 200 Said"',
        f'HTTP Request: GET {partner.url}/partner/getInstances/*** "HTTP/1.1 200 Said"',
    ]


@pytest.mark.parametrize(
    "url", ["http://api.example", "https://u:s3cret@api.example", "https://api.example/?s3cret"]
)
def test_a_bad_address_is_refused_before_anything_else(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Partner(url, Secret(PARTNER_TOKEN), timeout=5, now=lambda: NOW)

    assert "s3cret" not in str(refused.value)
