"""Texts from outside, such as the names of assets and wallets, made safe to show."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["printable"]

_ACTING: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""The Unicode categories of controls, formats, lone surrogates, and separators of lines and paragraphs."""
_NO_XML: Final = "\ufffe\uffff"
_JOINERS: Final = "\u200c\u200d"  # formats that Persian, Hindi and some emoji are written with


def printable(text: str) -> str:
    r"""Write each character that does something, instead of showing something, as an escape such as `\x1b`.

    A terminal obeys some of these characters. Others turn the direction of a line, or are no text in XML or in UTF-8.
    A text without them stays as it is.
    """
    if text.isprintable():
        return text
    return "".join(_escape(character) if _acts(character) else character for character in text)


def _acts(character: str) -> bool:
    if character in _JOINERS:
        return False
    return character in _NO_XML or unicodedata.category(character) in _ACTING


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
