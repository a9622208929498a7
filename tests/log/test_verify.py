"""`taluy log verify` on exports: whatever was done to one is found, and the first bad entry is named."""

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.log import verify, witnesses
from app.log.chain import what_text
from app.log.checkpoint import checkpoint, signed_receipt
from app.log.witnesses import Broken, Outside
from tests.log import made

LOG = made.erased()
GOOD = made.export(LOG)
LINES = GOOD.splitlines(keepends=True)


def check(data: bytes, held: Outside | None = None) -> verify.Whole:
    return verify.verify(io.BytesIO(data), held or Outside())


def broken(data: bytes, held: Outside | None = None) -> Broken:
    with pytest.raises(Broken) as found:
        check(data, held)
    return found.value


def test_an_export_as_it_was_written_is_whole() -> None:
    found = check(GOOD)

    assert (found.seq, found.key) == (len(LOG), made.fingerprint_of(made.KEY))


def test_an_empty_log_is_whole() -> None:
    assert check(made.export([])).seq == 0


# What a random hand does ---------------------------------------------------------------------------------------------


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """The export after one change of some kind."""
    kind = draw(st.sampled_from([flip, insert, delete, cut, swap, double, drop, edit, edit, edit_header]))
    return kind(draw)


def flip(draw: st.DrawFn) -> bytes:
    place = draw(st.integers(0, len(GOOD) - 1))
    return GOOD[:place] + bytes([GOOD[place] ^ draw(st.integers(1, 255))]) + GOOD[place + 1 :]


def insert(draw: st.DrawFn) -> bytes:
    place = draw(st.integers(0, len(GOOD)))
    more = draw(
        st.sampled_from([b" ", b"\n", b"\r", b"\t", b"0", b",", b"\x00", b'"'])
        | st.binary(min_size=1, max_size=9)
    )
    return GOOD[:place] + more + GOOD[place:]


def delete(draw: st.DrawFn) -> bytes:
    place = draw(st.integers(0, len(GOOD) - 1))
    return GOOD[:place] + GOOD[place + draw(st.integers(1, 40)) :]


def cut(draw: st.DrawFn) -> bytes:
    return GOOD[: draw(st.integers(0, len(GOOD) - 1))]


def swap(draw: st.DrawFn) -> bytes:
    lines = list(LINES)
    one, other = draw(st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def double(draw: st.DrawFn) -> bytes:
    lines = list(LINES)
    lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(LINES)))
    return b"".join(lines)


def drop(draw: st.DrawFn) -> bytes:
    lines = list(LINES)
    del lines[draw(st.integers(0, len(lines) - 1))]
    return b"".join(lines)


def edit(draw: st.DrawFn) -> bytes:
    """Another value somewhere in a line, written as neatly as the export itself."""
    lines = list(LINES)
    number = draw(st.integers(0, len(lines) - 1))
    members = changed(draw, orjson.loads(lines[number]))
    lines[number] = orjson.dumps(members, option=orjson.OPT_SORT_KEYS) + b"\n"
    return b"".join(lines)


def edit_header(draw: st.DrawFn) -> bytes:
    lines = list(LINES)
    number = draw(st.integers(1, len(LOG)))
    members = orjson.loads(lines[number])
    header = changed(draw, orjson.loads(members["header"]))
    members["header"] = orjson.dumps(header, option=orjson.OPT_SORT_KEYS).decode()
    lines[number] = orjson.dumps(members) + b"\n"
    return b"".join(lines)


def changed(draw: st.DrawFn, members: dict[str, Any]) -> dict[str, Any]:
    """One member gone, new, or of another value."""
    name = draw(st.sampled_from([*members, "more"]))
    if name in members and draw(st.integers(0, 5)) == 0:
        del members[name]
        return members
    value = members.get(name)
    if isinstance(value, dict) and draw(st.booleans()):
        members[name] = changed(draw, value)
        return members
    others: list[Any] = [None, 0, 1, 7, True, "", "x", "0" * 64, [], {}]
    if isinstance(value, str):
        others += [value.upper(), value[:-1], value + " ", f"{value}0"]
    elif isinstance(value, int):
        others += [value + 1, float(value)]
    members[name] = draw(st.sampled_from(others))
    return members


@settings(
    max_examples=1000,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(mutated())
def test_a_thousand_random_changes_are_all_found(data: bytes) -> None:
    assume(data != GOOD)

    broken(data)


def test_every_cut_is_found() -> None:
    for end in range(len(GOOD)):
        broken(GOOD[:end])


# What somebody does who knows the format, and holds a key ------------------------------------------------------------


def test_the_first_bad_entry_is_named() -> None:
    log = made.erased()
    for number in (5, 2):
        log[number - 1].what = what_text(None, {"risk_level": "low"})
        log[number - 1].what_key = log[number - 1].what_key or "0" * 64

    found = broken(made.export(log))

    assert (found.seq, found.line) == (2, 3)
    assert "what was changed" in found.reason


@pytest.mark.parametrize(("number", "part"), [(1, "who"), (1, "what"), (6, "who"), (8, "what"), (7, "what")])
def test_erasing_that_nobody_accounts_for_is_found_however_well_it_is_signed(number: int, part: str) -> None:
    log = made.erased()
    one = log[number - 1]
    if part == "who":
        one.person = one.who_key = None
    else:
        one.what = one.what_key = None

    found = broken(made.export(log))

    assert found.seq == number


@pytest.mark.parametrize(
    "said",
    [
        {"who": [[4, 5]], "what": [[3, 3]]},
        {"who": [[4, 5]]},
        {"who": [[1, 5]], "what": [[3, 3], [6, 6]]},
        {"who": [[4, 5]], "what": [[3, 3], [6, 7]]},
        {"who": [[4, 4], [4, 5]], "what": [[3, 3], [6, 6]]},
        {},
    ],
)
def test_an_entry_that_names_other_parts_than_were_erased_is_found(said: dict[str, Any]) -> None:
    log = made.erased()
    again = made.chained([*made.ordinary(), made.entry("erase", "person:7", 1, said)])
    for one, like in zip(again, log, strict=False):
        if like.who_key is None:
            one.person = one.who_key = None
        if like.what_key is None:
            one.what = one.what_key = None

    assert broken(made.export(again)).seq in (3, 6, 7)


def test_parts_may_be_erased_once_and_accounted_for_once() -> None:
    said = {"who": [[4, 5]], "what": [[3, 3], [6, 6]]}
    log = made.chained(
        [*made.ordinary(), made.entry("erase", "person:7", 1, said), made.entry("erase", "person:7", 1, said)]
    )
    for seq in (4, 5):
        log[seq - 1].person = log[seq - 1].who_key = None
    for seq in (3, 6):
        log[seq - 1].what = log[seq - 1].what_key = None

    assert broken(made.export(log)).seq == 8


@pytest.mark.parametrize(
    ("about", "what", "bad"),
    [
        ("person:7", [[2, 2], [3, 3], [6, 6]], 2),  # what happened to a place is nobody's to erase
        ("person:8", [[3, 3], [6, 6]], 7),  # in the name of somebody else
        ("P6-ST-01", [[3, 3], [6, 6]], 7),
        ("person:7x", [[3, 3], [6, 6]], 7),
    ],
)
def test_only_what_is_about_the_person_is_erased_with_them(about: str, what: list[Any], bad: int) -> None:
    log = made.chained([*made.ordinary(), made.entry("erase", about, 1, {"who": [[4, 5]], "what": what})])
    for seq in (4, 5):
        log[seq - 1].person = log[seq - 1].who_key = None
    for first, _last in what:
        log[first - 1].what = log[first - 1].what_key = None

    assert broken(made.export(log)).seq == bad


def test_how_much_was_erased_is_told() -> None:
    assert check(GOOD).erased == 4
    assert check(made.export(made.chained(made.ordinary()))).erased == 0


def test_two_checkpoints_of_one_name_are_both_held_against_the_log(tmp_path: Path) -> None:
    right, wrong = (tmp_path / name / "checkpoint.json" for name in ("right", "wrong"))
    for path, entry_hash in ((right, verify.digest(LOG[2].header)), (wrong, "ab" * 32)):
        path.parent.mkdir()
        said = checkpoint(made.KEY, 3, entry_hash, signed_at="2026-11-23T00:00:00.000Z")
        path.write_text(json.dumps(said))

    assert check(GOOD, witnesses.outside([right])).seq == len(LOG)
    for order in ([right, wrong], [wrong, right]):
        assert broken(GOOD, witnesses.outside(order)).seq == 3


@pytest.mark.parametrize("number", [0, -1])
def test_a_receipt_for_no_entry_is_no_receipt(number: int, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_text(
        json.dumps({"content_sha256": "x", "id": "x", "log_seq": number, "place": "x", "received_at": "x"})
    )

    with pytest.raises(Broken):
        witnesses.outside(receipts=[path])


def test_a_log_signed_by_another_key_is_found_by_the_fingerprint() -> None:
    log = made.ordinary()
    log[1] = made.entry("change", "P6-ST-01", 1, {"risk_level": "low"})
    forged = made.export(made.chained(log), made.OTHER_KEY)
    known = Outside(keys=[made.fingerprint_of(made.KEY)])

    assert check(forged).key != made.fingerprint_of(made.KEY)
    assert "another key" in broken(forged, known).reason
    assert check(made.export(made.chained(made.ordinary())), known).seq == 6


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with what a phone kept: a receipt, and a checkpoint signed when entry 4 was the last."""
    (tmp_path / "receipt.json").write_text(json.dumps(made.RECEIPT))
    (tmp_path / "checkpoint.json").write_text(json.dumps(made.signed(LOG, 4)))
    return tmp_path


def test_checkpoints_and_receipts_lie_on_the_log_that_they_were_given_for(kept: Path) -> None:
    held = witnesses.outside(
        [kept / "checkpoint.json"], [kept / "receipt.json"], [made.fingerprint_of(made.KEY)]
    )

    assert check(GOOD, held).seq == len(LOG)


@pytest.mark.parametrize("which", ["checkpoint", "receipt"])
def test_a_history_written_anew_with_the_right_key_is_found(kept: Path, which: str) -> None:
    log = made.ordinary()
    log[3] = made.entry("inspect", "P6-ST-01", 7, {"inspection": made.RECEIPT["id"], "sha256": "6f" * 32})
    forged = made.export(made.chained(log))
    path = [kept / f"{which}.json"]
    held = witnesses.outside(path) if which == "checkpoint" else witnesses.outside((), path)

    found = broken(forged, held)

    assert check(forged).seq == 6
    assert (found.seq, found.line) == (4, 5)
    assert "rewritten" in found.reason


def test_a_log_whose_end_was_taken_away_is_found(kept: Path) -> None:
    shorter = made.export(made.chained(made.ordinary()[:3]))

    for held in (
        witnesses.outside([kept / "checkpoint.json"]),
        witnesses.outside((), [kept / "receipt.json"]),
    ):
        assert "ends before" in broken(shorter, held).reason


def test_a_checkpoint_by_another_key_is_not_believed(kept: Path) -> None:
    (kept / "checkpoint.json").write_text(json.dumps(made.signed(LOG, 4, made.OTHER_KEY)))
    held = witnesses.outside([kept / "checkpoint.json"])

    assert "signed by another key" in broken(GOOD, held).reason


@pytest.mark.parametrize(
    "change",
    [{"signature": "0" * 128}, {"public_key": "0" * 64}, {"more": 1}, {"checkpoint": {"seq": 4}}, None],
)
def test_what_is_no_checkpoint_is_refused(kept: Path, change: dict[str, Any] | None) -> None:
    path = kept / "checkpoint.json"
    path.write_text("{" if change is None else json.dumps({**made.signed(LOG, 4), **change}))

    with pytest.raises(Broken, match="no checkpoint"):
        witnesses.outside([path])


@pytest.mark.parametrize("change", [{"log_seq": "4"}, {"id": 1}, {"place": None}])
def test_what_is_no_receipt_is_refused(kept: Path, change: dict[str, Any]) -> None:
    (kept / "receipt.json").write_text(json.dumps({**made.RECEIPT, **change}))

    with pytest.raises(Broken, match="no receipt"):
        witnesses.outside((), [kept / "receipt.json"])


SIGNED = signed_receipt(made.KEY, made.RECEIPT)


def held_with(folder: Path, receipt: dict[str, Any], *checkpoints: Path) -> Outside:
    (folder / "receipt.json").write_text(json.dumps(receipt))
    return witnesses.outside(checkpoints, [folder / "receipt.json"])


def test_a_signed_receipt_lies_on_the_log_of_its_key(tmp_path: Path) -> None:
    assert check(GOOD, held_with(tmp_path, SIGNED)).seq == len(LOG)


@pytest.mark.parametrize("name", ["content_sha256", "id", "place", "received_at", "signature"])
def test_a_receipt_that_was_changed_is_found_by_its_signature(tmp_path: Path, name: str) -> None:
    changed = SIGNED[name][:-1] + ("0" if SIGNED[name][-1] != "0" else "1")

    assert "signature of the receipt" in broken(GOOD, held_with(tmp_path, {**SIGNED, name: changed})).reason


def test_a_receipt_of_another_key_needs_a_checkpoint_of_that_key(tmp_path: Path) -> None:
    other = signed_receipt(made.OTHER_KEY, made.RECEIPT)
    (tmp_path / "old.json").write_text(json.dumps(made.signed(LOG, 4, made.OTHER_KEY)))
    held = held_with(tmp_path, other, tmp_path / "old.json")
    both = [made.fingerprint_of(key) for key in (made.KEY, made.OTHER_KEY)]

    assert "signed by another key" in broken(GOOD, held_with(tmp_path, other)).reason
    assert check(GOOD, dataclasses.replace(held, keys=both)).seq == len(LOG)


@pytest.mark.parametrize(
    "change", [{"v": 2}, {"v": True}, {"key": None}, {"more": 1}, {"log_seq": 0}, {"signature": ...}]
)
def test_a_signed_receipt_has_one_form(tmp_path: Path, change: dict[str, Any]) -> None:
    receipt = {name: each for name, each in {**SIGNED, **change}.items() if each is not ...}

    with pytest.raises(Broken, match="no receipt"):
        held_with(tmp_path, receipt)


def test_memory_does_not_grow_with_the_log() -> None:
    import tracemalloc

    entry = made.entry("change", "P6-ST-01", 1, {"note": "x" * 1000})
    log = made.chained([made.Entry(entry.verb, entry.about, 1, entry.what) for _ in range(3000)])
    data = io.BytesIO(made.export(log))
    tracemalloc.start()
    verify.verify(data, Outside())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(data.getvalue()) > 4_000_000
    assert most < 400_000
