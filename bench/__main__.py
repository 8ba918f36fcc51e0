"""Run the command line: `python -m bench` is `cookoff`."""

from bench.cli.main import main

if __name__ == "__main__":
    main()
