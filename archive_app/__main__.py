"""Run the command line: ``python -m archive_app``."""

from archive_app.cli import main

if __name__ == "__main__":
    main()
