"""A command with subcommands."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Commands", "did_you_mean"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about a word that is not known: what may be meant, if one is close."""
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.75)
    return f": did you mean {close[0]}?" if close else ""


class Commands(click.Group):
    """Lists the subcommands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the method is click's
        return [*self.commands]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not (ctx.resilient_parsing or args[0].startswith("-") or args[0] in self.commands):
            choice = f"choose {', '.join(self.commands)}{did_you_mean(args[0], self.commands)}"
            raise click.UsageError(f"there is no command {args[0]!r}: {choice}")
        return super().resolve_command(ctx, args)
