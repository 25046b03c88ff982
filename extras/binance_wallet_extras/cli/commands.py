"""A command with subcommands."""

from __future__ import annotations

import click

from binance_wallet_extras.text import did_you_mean

__all__ = ["Commands"]


class Commands(click.Group):
    """Lists the subcommands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the method is click's
        return [*self.commands]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not (args or self.invoke_without_command or ctx.resilient_parsing):
            raise click.UsageError(f"a command is missing: choose {', '.join(self.commands)}")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not (ctx.resilient_parsing or args[0].startswith("-") or args[0] in self.commands):
            choice = f"choose {', '.join(self.commands)}{did_you_mean(args[0], self.commands)}"
            raise click.UsageError(f"there is no command {args[0]!r}: {choice}")
        return super().resolve_command(ctx, args)
