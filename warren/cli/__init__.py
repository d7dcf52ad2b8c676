"""The command line: a module a noun. What a command does is in the other rooms; here it is asked and told."""


def main() -> None:
    """Entry point of `warren`."""
    from warren.cli.app import run

    run()
