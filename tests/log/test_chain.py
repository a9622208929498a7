"""Headers, commitments and erasures, without a database."""

import unicodedata

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.log.chain import Header, commitment, digest, header_of, ranges, ranges_of, what_text, who_text
from app.log.erased import Erased

HEX = "0123456789abcdef" * 4
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def header(**changes: object) -> Header:
    values = {"seq": 1, "prev": HEX, "at": "2026-11-23T04:05:06.789Z", "verb": "add", "about": "P6-ST-01"}
    return Header(**{**values, "who": HEX, "what": HEX, **changes})  # type: ignore[arg-type]


@given(seq=st.integers(1, 2**53 - 1), verb=TEXT, about=TEXT, at=TEXT)
def test_a_header_is_what_rfc_8785_says(seq: int, verb: str, about: str, at: str) -> None:
    made = header(seq=seq, verb=verb, about=about, at=at)
    members = {
        "about": about,
        "at": at,
        "prev": HEX,
        "seq": seq,
        "v": 1,
        "verb": verb,
        "what": HEX,
        "who": HEX,
    }

    assert made.text().encode() == rfc8785.dumps(members)


@given(st.fixed_dictionaries({"header": TEXT, "person": st.none() | st.integers(0, 2**31), "what": TEXT}))
def test_a_line_of_an_export_is_what_rfc_8785_says(line: dict[str, object]) -> None:
    assert orjson.dumps(line, option=orjson.OPT_SORT_KEYS) == rfc8785.dumps(line)  # type: ignore[arg-type]


def test_a_header_reads_back_as_it_was() -> None:
    made = header(about='Đường "x" \\ \n\x7f')

    assert header_of(made.text()) == made


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"at":', '"at": '),
        lambda text: text + " ",
        lambda text: text.replace('"v":1', '"v":1.0'),
        lambda text: text.replace('"v":1', '"v":2'),
        lambda text: text.replace('"seq":1', '"seq":1e0'),
        lambda text: text.replace('"seq":1', '"seq":true'),
        lambda text: text.replace('"seq":1', '"seq":01'),
        lambda text: text.replace('"verb":"add"', '"verb":"\\u0061dd"'),
        lambda text: text.replace(HEX, HEX.upper(), 1),
        lambda text: text.replace(HEX, HEX[1:], 1),
        lambda text: text.replace('"seq":1,', '"seq":1,"seq":1,'),
        lambda text: text.replace("{", '{"a":1,'),
        lambda text: text.replace('"about":"P6-ST-01",', ""),
        lambda text: text.replace("P6-ST-01", unicodedata.normalize("NFD", "Hẻm")),
        lambda _text: "[]",
        lambda _text: "",
    ],
)
def test_a_header_has_one_form_only(change) -> None:
    text = header().text()
    changed = change(text)

    assert header_of(text) is not None
    assert changed != text
    assert header_of(changed) is None


def test_the_same_word_in_another_normal_form_has_another_hash_and_is_kept_composed() -> None:
    composed, apart = (unicodedata.normalize(form, "Hẻm sạt lở") for form in ("NFC", "NFD"))

    assert digest(header(about=composed).text()) != digest(header(about=apart).text())
    assert what_text(None, {"name": apart}) == what_text(None, {"name": composed})
    assert composed in what_text(None, {"name": apart})


def test_a_commitment_without_its_key_tells_nobody_apart() -> None:
    first, second = commitment(b"a" * 32, who_text(7)), commitment(b"b" * 32, who_text(7))

    assert first != second
    assert who_text(None).encode() == rfc8785.dumps({"person": None})
    assert who_text(7).encode() == rfc8785.dumps({"person": 7})


@given(st.sets(st.integers(1, 60)))
def test_ranges_name_the_same_numbers(numbers: set[int]) -> None:
    made = ranges(sorted(numbers))

    assert {n for first, last in made for n in range(first, last + 1)} == numbers
    assert ranges_of([list(pair) for pair in made], before=61) == made


@pytest.mark.parametrize(
    "value", [None, {}, [[1]], [[2, 1]], [[1, 2], [2, 3]], [[0, 1]], [[1, 9]], [[1, 1.0]], [[True, 2]]]
)
def test_ranges_that_are_not_well_formed_are_refused(value: object) -> None:
    assert ranges_of(value, before=9) is None


@given(st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)))
def test_erasing_is_accounted_for_only_where_it_happened(gone: set[int], named: set[int]) -> None:
    erased = Erased()
    for seq in sorted(gone):
        erased.add(seq)

    right = erased.account(ranges(sorted(named)))

    assert right == (named <= gone)
    if right:
        assert bool(erased) == (named < gone)
        assert not erased or erased.first() == min(gone - named)
