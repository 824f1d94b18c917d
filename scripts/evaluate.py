"""`fairkit evaluate` as a script."""

from fairkit.cli import main

if __name__ == "__main__":
    main(command="evaluate")
