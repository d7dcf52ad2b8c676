"""The command line: a module a noun. What a command does is in the other rooms; here it is asked and told."""

import sys


def main() -> None:
    """Entry point of `warren`."""
    try:
        from warren.cli.app import run

        run()
    except KeyboardInterrupt:
        # Also while modules are loaded, which takes as long as a plan of a small stack.
        print("warren: interrupted; run the same command again to go on.", file=sys.stderr)
        sys.exit(130)
