"""Text for people: text from outside is made safe to show, and a mistyped word gets a hint."""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["asset", "did_you_mean", "first_few", "is_formula", "plural", "printable", "sentences"]

_INVISIBLE: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""The Unicode categories of controls, formats, lone surrogates, and separators of lines and paragraphs."""
# A cell that begins with one of these is a formula to a spreadsheet: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")  # wide forms, too
_NO_XML: Final = "\ufffe\uffff"
_ENDS: Final = tuple("?!\u3002\uff1f\uff01")  # of a sentence, besides a full stop
_JOINERS: Final = "\u200c\u200d"  # format characters that Persian, Hindi and some emoji need
_MAX_NAMES: Final = 5  # in a message


def printable(text: str) -> str:
    r"""Write control characters, and others that show nothing, as escapes such as `\x1b`.

    A terminal obeys some of these characters. Others change the direction of a line, or are not allowed in XML or in
    UTF-8. All other characters stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(each.encode("unicode_escape").decode() if _is_invisible(each) else each for each in text)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may run a text as a formula."""
    return text.startswith(_FORMULA)


def _is_invisible(character: str) -> bool:
    if character in _JOINERS:
        return False
    return character in _NO_XML or unicodedata.category(character) in _INVISIBLE


def sentences(*parts: str) -> str:
    """The parts of a message, each a sentence of its own. As in any message, the last has no full stop."""
    first, *others = (part.removesuffix(".") for part in parts)
    for part in others:
        first += (" " if first.endswith(_ENDS) else ". ") + part[:1].upper() + part[1:]
    return first


def plural(number: int, noun: str = "day") -> str:
    """A number and its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def first_few(names: Collection[str]) -> str:
    """The names in a message, or the first few and how many others there are."""
    others = f" and {plural(len(names) - _MAX_NAMES, 'other')}" if len(names) > _MAX_NAMES else ""
    return f"{', '.join([*names][:_MAX_NAMES])}{others}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the known word that is closest, if one is close."""
    names = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), names, n=1, cutoff=0.75) if len(names) > 1 else []
    return f": did you mean {names[close[0]]}?" if close else ""


def asset(name: str) -> str:
    """An asset's name, as the exchange writes it: Latin letters in upper case."""
    return name.upper() if name.isascii() else name
