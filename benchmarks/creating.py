"""How long do creates take, against what people use instead? A server that takes 200 ms."""

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, Sample, in_turns
from benchmarks.report import Found, Row, show
from benchmarks.serving import TOKEN, Server, applying, serving

CREATES, LATENCY = 50, 0.2
_HERE: Final = Path(__file__).parent
_PLAYBOOK: Final = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.uri:
        url: "{url}"
        method: POST
        body_format: json
        body: {{name: "support-{{{{ item }}}}", incomingWebhook: "yes", outgoingWebhook: "no"}}
      loop: "{{{{ range({count}) | list }}}}"
      no_log: true
"""


def measure(place: Environment, *, rounds: int = 3) -> Found:
    with tempfile.TemporaryDirectory() as scratch, serving(LATENCY) as server:
        costs = in_turns(_commands(place, server, Path(scratch)), rounds, warm=False)
    rows = []
    for name, cost in costs.items():
        each = Sample(tuple(1000 * seconds / CREATES for seconds in cost.seconds.values))
        spent = Sample(tuple(1000 * seconds / CREATES for seconds in cost.cpu.values))
        rows += [Row(f"{name}: each create", each, "ms"), Row(f"{name}: processor", spent, "ms")]
    return Found(
        "How long do creates take, against what people use instead?",
        rows,
        [],
        f"{CREATES} creates, 200 ms for an answer, start-up included. The others create one after"
        " the other, and keep no record of what they bought.",
    )


def _commands(place: Environment, server: Server, scratch: Path) -> dict[str, Command]:
    url = f"{server.url}/partner/createInstance/{TOKEN}"
    playbook = scratch / "create.yaml"
    playbook.write_text(_PLAYBOOK.format(url=url, count=CREATES))
    official = (place.python, _HERE / "official.py", server.url, TOKEN, str(CREATES))
    ansible = {"ANSIBLE_LOCALHOST_WARNING": "False", "ANSIBLE_HOME": str(scratch / "ansible")}
    return {
        "reconciler apply, 50 at a time": applying(
            place, server, scratch / "fifty", CREATES, "--concurrency", "50"
        ),
        "reconciler apply, 8 at a time": applying(place, server, scratch / "eight", CREATES),
        "httpx.Client": Command([place.python, _HERE / "post.py", url, str(CREATES)]),
        "the official SDK": Command(official),
        "Ansible's uri in a loop": Command([place.bin / "ansible-playbook", playbook], ansible),
    }


if __name__ == "__main__":
    show(measure(environment()))
