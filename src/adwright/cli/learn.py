"""`adwright learn ...`: training the writers. Each sub-command lives in a module of its own."""

from __future__ import annotations

import typer

from adwright.cli.learn_augment import augment
from adwright.cli.learn_pretrain import pretrain_command
from adwright.cli.learn_sft import sft

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def learn() -> None:
    """Train the writers."""


app.command("pretrain")(pretrain_command)
app.command()(sft)
app.command()(augment)
