"""`python -m fairkit` is `fairkit`."""

from fairkit.cli import main

if __name__ == "__main__":
    main()
