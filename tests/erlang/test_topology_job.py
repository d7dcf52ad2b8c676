"""The topology job's Erlang: compiled without a warning, typed, tested; and checks that can fail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.erlang.toolchain import PLT, Erlang, Finished, toolchain, why_not

CODE = Path(__file__).parents[2] / "components" / "topology" / "erlang"

pytestmark = pytest.mark.skipif(bool(why_not()), reason=f"skipped: {why_not()}")

COMPILE = "mkdir ebin; erlc -Werror +debug_info +warn_missing_spec_all -o ebin src/*.erl"

EUNIT = (
    f"{COMPILE}; erlc -Werror -pa ebin -o ebin test/*.erl; "
    'erl -noshell -pa ebin -eval \'case eunit:test([list_to_atom(filename:basename(File, ".erl")) '
    '|| File <- filelib:wildcard("test/*_tests.erl")]) of ok -> halt(0); _ -> halt(1) end.\''
)

DIALYZER = f"dialyzer --plt {PLT} -Wunmatched_returns -Werror_handling --src src"

JOB = "cp src/*.erl .; escript reconcile.escript"


@pytest.fixture(scope="module")
def erlang() -> Erlang:
    return toolchain()


def code(**changed: str) -> dict[str, str]:
    """The job's files; a keyword replaces the text of `src/<keyword>.erl`, or adds such a module."""
    found = [CODE / "reconcile.escript", *CODE.rglob("*.erl")]
    files = {str(file.relative_to(CODE)): file.read_text() for file in found}
    return files | {f"src/{name}.erl": text for name, text in changed.items()}


def run(erlang: Erlang, files: Mapping[str, str], script: str) -> Finished:
    with erlang.workspace(files) as space:
        return space.run(script)


def test_eunit(erlang: Erlang) -> None:
    done = run(erlang, code(), EUNIT)
    assert done.code == 0, done.output
    passed = re.search(r"All (\d+) tests passed", done.output)
    assert passed, done.output
    written = sum(text.count("_test") for name, text in code().items() if "_tests" in name)
    assert int(passed[1]) >= 50, f"{passed[1]} of the tests in {written} places were run"


def test_every_module_has_tests() -> None:
    modules = {Path(name).stem for name in code() if name.startswith("src/")}
    tested = {Path(name).stem.removesuffix("_tests") for name in code() if "_tests." in name}
    # The log's two functions print and throw; every other module's tests go through them.
    assert modules - tested == {"warren_log"}


def test_eunit_says_when_the_code_is_wrong(erlang: Erlang) -> None:
    memory = code()["src/warren_memory.erl"]
    wrong = memory.replace("{404, _} -> [];", "{404, _} -> [{<<>>, <<>>}];")
    assert wrong != memory
    done = run(erlang, code(warren_memory=wrong), EUNIT)
    assert done.code == 1, done.output
    assert "Failed: 1." in done.output, done.output


def test_dialyzer_has_nothing_to_say(erlang: Erlang) -> None:
    done = run(erlang, code(), DIALYZER)
    assert done.code == 0, done.output


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("-spec one() -> binary().\none() -> warren_document:path(atom).", "will never return"),
        ("-spec one() -> binary().\none() -> 1.", "Invalid type specification"),
        ('-spec one() -> ok.\none() -> file:delete("x"), ok.', "unmatched"),
        ("-spec one() -> ok.\none() -> crypto:start(), ok.", "Unknown function"),
    ],
)
def test_dialyzer_says_what_is_wrong(erlang: Erlang, body: str, said: str) -> None:
    wrong = f"-module(warren_wrong).\n-export([one/0]).\n{body}\n"
    done = run(erlang, code(warren_wrong=wrong), DIALYZER)
    assert done.code != 0
    assert said in done.output, done.output


def test_a_function_without_a_spec_is_refused(erlang: Erlang) -> None:
    done = run(
        erlang, code(warren_wrong="-module(warren_wrong).\n-export([a/0]).\na() -> ok.\n"), COMPILE
    )
    assert done.code == 1
    assert "missing specification for function a/0" in done.output


def test_the_job_compiles_what_lies_beside_it(erlang: Erlang) -> None:
    """Without arguments it goes no further than to say how it is used."""
    done = run(erlang, code(), JOB)
    assert (done.code, done.output.splitlines()) == (
        1,
        ["FAILED: usage: reconcile.escript BASE_URL DOCUMENT PASSWORD_FILE CA_FILE USER"],
    )


def test_the_job_says_when_its_own_code_does_not_compile(erlang: Erlang) -> None:
    done = run(erlang, code(warren_log="-module(warren_log).\nsay( -> ok.\n"), JOB)
    assert done.code == 1
    assert "FAILED: the topology job's own code does not compile" in done.output
    assert "warren_log.erl" in done.output


def test_the_job_is_mounted_whole() -> None:
    from components.topology.topology import program

    assert set(program()) == {
        Path(name).name for name in code() if name.startswith("src/") or name.endswith(".escript")
    }


def test_the_job_knows_nothing_of_what_runs_it() -> None:
    for name, text in code().items():
        assert not re.search(r"kube|pod\b|configmap|serviceaccount", text, re.IGNORECASE), name
