"""Texts from outside."""

import pytest
from binance_wallet_extras.text import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m\x07\x9b", r"\x1b[31m\x07\x9b"),
        ("a\0b\r\n\t", r"a\x00b\r\n\t"),
        ("\u202egnp\u2069\u200b\ufeff", r"\u202egnp\u2069\u200b\ufeff"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\ufffe\uffff\ud800", r"\ufffe\uffff\ud800"),
        (r"a\x1b", r"a\x1b"),
    ],
)
def test_characters_that_act_become_escapes(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["", "BTC", "币安人生", "基金　甲", "a\xa0b", "👩\u200d💻", "\U0010fffd", "\u0645\u06cc\u200c\u062e"]
)
def test_characters_that_only_show_stay(text):
    assert printable(text) == text
