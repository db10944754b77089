"""Completion: the real script in a real bash; zsh and fish where they are installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import warm
from tests.command import COMMAND, clean_env, project, run

SCRIPTED = """\
source "$1"
COMP_WORDS=($2)
[ -z "$3" ] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
$(complete -p reconciler | sed -E 's/.* -F ([^ ]+) .*/\\1/') reconciler
printf '%s\\n' "${COMPREPLY[@]}"
"""


# A value that is not there, as in the README's manifest, keeps no key from being completed.
PAIRS = """\
version: 1
defaults:
  webhookUrl: https://hooks.example.com/
  webhookUrlToken: ${env:NOT_SET_HERE}
instances:
  support-eu: {incomingWebhook: yes}
  support-uk: {incomingWebhook: yes}
  sales-uk: {outgoingWebhook: yes}
"""
STATE = """\
{"format": "reconciler.state/1", "lineage": "1f", "serial": 1,
 "apiUrl": "https://api.green-api.com", "pending": {}, "instances": {"old-one": {
   "idInstance": 1101728000, "apiTokenInstance": null, "typeInstance": "whatsapp",
   "name": "old-one", "parameters": {}, "createdAt": "2026-11-22T10:06:00Z", "origin": "created"}}}
"""


@pytest.fixture(scope="module")
def bash_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "reconciler.bash"
    done = run("completion", "bash")
    assert (done.code, done.err) == (0, "")
    path.write_text(done.out)
    return path


@pytest.mark.parametrize(
    ("typed", "after_blank", "expected"),
    [
        pytest.param("reconciler va", False, ["validate"], id="command"),
        pytest.param("reconciler s", False, ["sandbox", "schema", "state", "status"], id="several"),
        pytest.param(
            "reconciler state", True, ["copy", "fold", "mv", "rm", "seal"], id="command of a group"
        ),
        pytest.param("reconciler apply --max-c", False, ["--max-creates"], id="option"),
        pytest.param("reconciler plan -o m", False, ["markdown"], id="choice"),
        pytest.param("reconciler adopt s", False, ["sales-uk", "support-eu"], id="keys"),
        pytest.param("reconciler apply --only sa", False, ["sales-uk"], id="keys of an option"),
        pytest.param("reconciler resolve", True, [], id="no key is unresolved"),
        pytest.param("reconciler state mv o", False, ["old-one"], id="what the state has"),
        pytest.param("reconciler state mv old-one", True, ["sales-uk", "support-eu"], id="free"),
        pytest.param("reconciler apply --new su", False, ["support-eu"], id="keys of --new"),
        pytest.param("reconciler export --only", True, ["old-one"], id="what can be exported"),
        pytest.param("reconciler help st", False, ["state", "status"], id="commands"),
        pytest.param("reconciler help state s", False, ["seal"], id="commands of a group's help"),
        pytest.param("reconciler -f - plan --only", True, ["old-one"], id="stdin is left alone"),
    ],
)
def test_bash_completes(
    bash_script: Path, tmp_path: Path, typed: str, after_blank: bool, expected: list[str]
) -> None:
    project(tmp_path)
    (tmp_path / "instances.state.json").write_text(STATE)

    done = subprocess.run(
        ["bash", "-c", SCRIPTED, "bash", bash_script, typed, "1" if after_blank else ""],
        cwd=tmp_path,
        env=clean_env({"PATH": warm.path()}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (sorted(done.stdout.split()), done.stderr) == (expected, "")


# Types a line into an interactive zsh, whose own widget then lists what fits.
TYPED_IN_ZSH = """\
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source $1"
zpty -w -n shell "$2"$'\\x18'
while zpty -r shell heard; do print -rn -- $heard; done
"""
ZSHRC = """\
stty columns 200 rows 100
PS1= LISTMAX=1000
autoload -Uz compinit; compinit -D -u
source script
finish() { zle list-choices; exit }
zle -N finish; bindkey '^X' finish
"""
SHELLS = pytest.mark.parametrize("shell", ["zsh", "fish"])


def offered(shell: str, typed: str, folder: Path) -> str:
    """Return what *shell* lists in *folder* for the line *typed*."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed, so it did NOT complete anything")
    (folder / "script").write_text(run("completion", shell).out)
    (folder / "zshrc").write_text(ZSHRC)
    (folder / "typed").write_text(TYPED_IN_ZSH)
    done = subprocess.run(
        ["zsh", "-f", "typed", "zshrc", typed]
        if shell == "zsh"
        else ["fish", "-c", 'source script; complete -C "$argv[1]"', typed],
        cwd=folder,
        env=clean_env({"PATH": warm.path(), "HOME": str(folder / "home"), "TERM": "dumb"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rpartition("\x1b[?2004h")[2]


@SHELLS
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param(
            "reconciler app",
            "Create what is missing, each exactly once, and record it.",
            id="command, with commas",
        ),
        pytest.param(
            "reconciler plan --out",
            "Save the plan; `reconciler apply FILE` carries out exactly this one.",
            id="option",
        ),
        pytest.param(
            "reconciler apply --only sup", "The 2 entries that begin so.", id="glob for keys"
        ),
    ],
)
def test_other_shells_describe_by_whole_sentences(
    shell: str, typed: str, sentence: str, tmp_path: Path
) -> None:
    project(tmp_path, PAIRS)

    assert sentence in offered(shell, typed, tmp_path)


@SHELLS
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("reconciler apply --only s", ["support-eu", "sales-uk"], id="keys"),
        pytest.param("reconciler plan --exclude 'sup", ["support-*"], id="glob in quotes"),
        pytest.param("reconciler plan -f inst", ["instances.yaml"], id="file"),
        pytest.param("reconciler apply inst", ["instances.yaml"], id="file of an argument"),
        pytest.param("reconciler -f other.yaml plan --only o", ["only-here"], id="-f in front"),
        pytest.param("reconciler help sta", ["state", "status"], id="what help is wanted of"),
    ],
)
def test_other_shells_offer_keys_globs_and_files(
    shell: str, typed: str, expected: list[str], tmp_path: Path
) -> None:
    project(tmp_path, PAIRS)
    (tmp_path / "other.yaml").write_text(PAIRS.replace("sales-uk", "only-here"))
    (tmp_path / "instances.md").touch()  # of a single file zsh makes no list
    (tmp_path / "only-file").touch()

    said = offered(shell, typed, tmp_path)

    assert [word for word in expected if word not in said] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_for_the_name_that_printed_it(shell: str) -> None:
    done = subprocess.run(
        [COMMAND.with_name("greenapi-reconciler"), "completion", shell],
        env=clean_env(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "greenapi-reconciler" in done.stdout
    assert "greenapi-reconciler" not in run("completion", shell).out


def test_an_unknown_shell_is_refused() -> None:
    done = run("completion", "powershell")

    assert (done.code, done.out) == (2, "")
    assert "'bash', 'zsh', 'fish'" in done.err
