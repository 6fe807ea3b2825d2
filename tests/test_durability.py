"""Journal mode x synchronous under power cuts: exactly what SQLite's documentation allows, and no more."""

import pytest

from splitbrain.durability import (
    ACCOUNTS,
    DOCUMENTED,
    JOURNAL_MODES,
    LEVELS,
    campaign,
    create_bank,
    cut_once,
    durability_table,
    examine,
    forced_writes_a_commit,
    operations,
    transfer,
)
from splitbrain.powercut import EVERYTHING, NAMES, Disk

SETTINGS = [(mode, level) for mode in JOURNAL_MODES for level in LEVELS]
RARE = {("delete", "normal"), ("persist", "normal")}       # "a very small (though non-zero) chance"


@pytest.mark.parametrize(("mode", "level"), SETTINGS)
def test_a_power_cut_does_what_the_documentation_says_it_may_and_no_more(mode, level):
    outcomes = campaign(mode, level, cuts=200)
    may = DOCUMENTED.get((mode, level), "").split()
    assert any(o.lost for o in outcomes) == ("lose" in may)
    if (mode, level) not in RARE:
        assert any(o.corrupt for o in outcomes) == ("corrupt" in may)


@pytest.mark.parametrize(("mode", "level"), sorted(RARE))
def test_the_very_small_chance_is_very_small_and_is_there(mode, level):
    corrupt = sum(bool(o.corrupt) for o in campaign(mode, level, cuts=4000))
    assert 0 < corrupt < 40


@pytest.mark.long
@pytest.mark.parametrize(("mode", "level"), [s for s in SETTINGS if "corrupt" not in DOCUMENTED.get(s, "")])
def test_what_must_not_happen_does_not_in_many_cuts(mode, level):
    may_lose = "lose" in DOCUMENTED.get((mode, level), "")
    for outcome in campaign(mode, level, cuts=5000, transfers=9, seed=3):
        assert not outcome.corrupt
        assert may_lose or not outcome.lost


def test_full_loses_at_most_the_last_commit_and_only_because_the_deletion_is_forgotten():
    assert max(o.lost for o in campaign("delete", "full", cuts=200)) == 1
    assert all(o.harmless for o in campaign("delete", "full", cuts=200, forgets=EVERYTHING - {NAMES}))


def test_wal_normal_loses_the_latest_commits_in_a_row():
    assert max(o.lost for o in campaign("wal", "normal", cuts=200)) > 1


def test_the_same_seed_gives_the_same_outcomes():
    assert campaign("delete", "off", cuts=40, seed=5) == campaign("delete", "off", cuts=40, seed=5)
    assert campaign("delete", "off", cuts=40, seed=5) != campaign("delete", "off", cuts=40, seed=6)


def test_the_table_has_a_row_a_setting():
    rows = durability_table(cuts=5)
    assert [(row["journal mode"], row["synchronous"]) for row in rows] == [
        (mode, level) for mode in ("delete", "wal") for level in LEVELS]
    assert {row["power cuts"] for row in rows} == {5}
    assert rows[3]["SQLite says it may"] == "nothing"


def test_safety_is_paid_for_in_forced_writes():
    assert [forced_writes_a_commit("delete", level) for level in LEVELS] == [0, 3, 4, 5]
    wal = [forced_writes_a_commit("wal", level) for level in LEVELS]
    assert wal[0] == 0 < wal[1] < 0.1 < 1 <= wal[2] == wal[3] < 1.1


def test_the_disk_operations_of_one_commit_are_the_protocol_of_atomic_commit():
    done = [(row["file"].removeprefix("bank.db"), row["what"]) for row in operations("delete", "extra", transfers=1)]
    steps = [step for step, before in zip(done, [None, *done], strict=False) if step != before]
    assert steps == [("-journal", "write"), ("-journal", "sync"), ("", "sync directory"), ("-journal", "write"),
                     ("-journal", "sync"), ("", "write"), ("", "sync"), ("-journal", "delete"), ("", "sync directory")]


def test_one_cut_is_as_a_campaign_makes_it_and_shows_its_disk():
    outcome, disk = cut_once("wal", "normal", after=10_000, seed=1)
    assert outcome.acknowledged == 6 and outcome == cut_once("wal", "normal", after=10_000, seed=1)[0]
    assert bool(outcome.lost) == bool(disk.damage)
    assert len(disk.log) > 20
    assert cut_once("wal", "full", after=0)[0].acknowledged == 0


def bank_after(*statements):
    disk = Disk()
    create_bank(disk, "delete")
    db = disk.connect("bank.db")
    for number in (1, 2, 3):
        transfer(db, number)
    for statement in statements:
        db.execute(statement)
    db.close()
    return disk


def test_examine_tells_lost_from_corrupt():
    assert examine(bank_after(), 3) == (0, "")
    assert examine(bank_after(), 5) == (2, "")
    lost, why = examine(bank_after("UPDATE account SET balance = 0 WHERE id = 4"), 3)
    assert (lost, why) == (0, "3 transfers are recorded, and the balances say otherwise")
    lost, why = examine(bank_after("DELETE FROM transfer WHERE number = 2"), 3)
    assert lost == 1 and "transfers [1, 3]" in why


def test_examine_sees_a_broken_page():
    files = bank_after().files
    content = bytearray(files["bank.db"])
    content[4096:8192] = bytes(4096)
    lost, why = examine(Disk(files={"bank.db": bytes(content)}), 3)
    assert lost is None and why


def test_a_transfer_conserves_money():
    db = bank_after().connect("bank.db")
    assert db.execute("SELECT sum(balance) FROM account").get == 100 * ACCOUNTS


def test_a_setting_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="paper"):
        campaign("paper", "full", cuts=1)
    with pytest.raises(ValueError, match="sometimes"):
        campaign("delete", "sometimes", cuts=1)
