"""The books as hledger and beancount read them, and the script with which a stranger verifies an export."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from contracts.envelope import plain
from contracts.sites.proofs import JOURNAL_FORMATS, JournalAsked, ProofAsked
from sites.domain import seals as seals_domain
from sites.operations import ledger, seals
from sites.queries import proofs as proof_queries
from sqlalchemy import Connection

from gateway import static
from tests.sites.articles import DISTRICT, NOON, a_site, money_in_the_fund
from tests.sites.money import a_payee, a_visit, an_approved_batch, an_auditor, encumbered

SCRIPT = Path(next(iter(static.__path__))) / "verify_ledger.py"


@pytest.fixture
def journals(db: Connection, tmp_path: Path) -> dict[str, Path]:
    """Two funds' books in each format, and what they are held against."""
    money_in_the_fund(db)
    other = money_in_the_fund(db, path=f"{DISTRICT}.1")
    encumbered(db, other, 1)
    site = a_site(db)
    a_payee(db, site)
    an_approved_batch(db, a_visit(db, site=site, came=18), a_visit(db))
    ledger.appropriate(
        db, fund_id=other, year=2027, amount_fen=1_234_56, document_number="川财 ; 〔2026〕“9”号", at=NOON, by=None
    )
    seals.seal(db)
    paths = {}
    for name in JOURNAL_FORMATS:
        part = proof_queries.journal(db, JournalAsked(format=name), actor=an_auditor())
        assert part.next is None
        paths[name] = tmp_path / f"journal.{name}"
        paths[name].write_text(part.text, encoding="utf-8")
    paths["proof"] = tmp_path / "proof.json"
    paths["proof"].write_text(json.dumps(plain(proof_queries.proof(db, ProofAsked(), actor=an_auditor()))))
    return paths


def run(*command: Any) -> tuple[int, str]:
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


class TestHledger:
    def test_finds_the_journal_strictly_right_and_balanced(self, journals: dict[str, Path]) -> None:
        assert run("hledger", "-f", journals["hledger"], "check", "--strict") == (0, "")
        ended, balances = run("hledger", "-f", journals["hledger"], "balance", "--flat", "--no-total", "-O", "csv")
        assert ended == 0
        assert ":2026:payable:" in balances

    def test_finds_one_fen_that_is_missing(self, journals: dict[str, Path]) -> None:
        text = journals["hledger"].read_text()
        journals["hledger"].write_text(text.replace("  380.00 CNY", "  379.99 CNY", 1))
        assert run("hledger", "-f", journals["hledger"], "check", "--strict")[0] != 0


class TestBeancount:
    def test_finds_the_ledger_right(self, journals: dict[str, Path]) -> None:
        assert run(Path(sys.executable).with_name("bean-check"), journals["beancount"]) == (0, "")

    def test_finds_one_fen_that_is_missing(self, journals: dict[str, Path]) -> None:
        text = journals["beancount"].read_text()
        journals["beancount"].write_text(text.replace("  380.00 CNY", "  379.99 CNY", 1))
        assert run(Path(sys.executable).with_name("bean-check"), journals["beancount"])[0] != 0


class TestTheScript:
    def test_knows_the_fields_that_are_sealed(self) -> None:
        names: dict[str, Any] = {}
        exec(compile(SCRIPT.read_text(), str(SCRIPT), "exec"), {"__name__": "read"}, names)  # noqa: S102
        assert names["FIELDS"] == seals_domain.FIELDS

    def test_finds_an_export_right_and_says_what_was_changed_in_it(self, journals: dict[str, Path]) -> None:
        script = (sys.executable, SCRIPT, journals["json"])
        assert run(*script) == (0, "all is right\n")
        assert run(*script, journals["proof"]) == (0, "all is right\n")
        lines = journals["json"].read_text().splitlines(keepends=True)
        for changed, said in (
            ([lines[0].replace('"amount_fen":', '"amount_fen":1'), *lines[1:]], "line 1: entry 1 "),
            ([lines[0], *lines[2:]], "does not follow"),
            ([*lines[:1], lines[0], *lines[1:]], "does not follow"),
        ):
            journals["json"].write_text("".join(changed))
            ended, told = run(*script)
            assert ended == 1
            assert said in told
        journals["json"].write_text("".join(lines[:-1]))
        assert run(*script)[0] == 0  # a journal that ends early is whole by itself; the proof knows better
        assert run(*script, journals["proof"])[0] == 1
        # A proof whose head was cut along with the journal: a checkpoint or a closed month still knows the end.
        last = json.loads(lines[-1])
        before = [each for each in map(json.loads, lines[:-1]) if each["fund_id"] == last["fund_id"]][-1]
        proof = json.loads(journals["proof"].read_text())
        for kept in ("checkpoints", "periods"):
            fund = next(each for each in proof["funds"] if each["fund_id"] == last["fund_id"])
            end = {"day": "2026-11-30", "period": "2026-11", "number": last["number"], "hash": last["hash"]}
            fund |= {"number": before["number"], "hash": before["hash"], "checkpoints": [], "periods": []}
            fund[kept] = [{**end, "balances": {}}]
            journals["proof"].write_text(json.dumps(proof))
            ended, told = run(*script, journals["proof"])
            assert ended == 1
            assert "before the checkpoint of" in told
        assert run(sys.executable, SCRIPT)[0] == 2
