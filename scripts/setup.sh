#!/bin/sh
# Creates an environment with a Python 3.11 to 3.13 and installs the pinned packages into it: setup.sh [.venv]
set -eu
cd "$(dirname "$0")/.."
venv=${1:-.venv}

supported='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
if ! { [ -x "$venv/bin/python" ] && "$venv/bin/python" -c "$supported" 2>/dev/null; }; then
    for name in ${PYTHON:-} python3 python3.12 python3.13 python3.11 python; do
        if command -v "$name" >/dev/null 2>&1 && "$name" -c "$supported" 2>/dev/null; then
            python=$name
            break
        fi
    done
    if [ -z "${python:-}" ]; then
        echo "fairkit needs Python 3.11, 3.12 or 3.13 with the venv module, and found none on the PATH." >&2
        for name in python3 python3.12 python3.13 python3.11 python; do
            found=$("$name" --version 2>/dev/null) && echo "  $name is $found" >&2
        done
        echo "On Debian and Ubuntu: apt-get install python3 python3-venv. On a Mac: brew install python@3.12." >&2
        echo "A Python elsewhere is used by: make PYTHON=/path/to/python3.12 ..." >&2
        exit 1
    fi
    echo "Creating $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi

echo "Installing pinned packages into $venv: some 2 GB, a few minutes; only the first time."
# The lock is complete, so pip need not resolve, which makes fairness-indicators installable everywhere; and each file is
# what it was when the lock was made (sha256).
"$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --require-hashes \
    --requirement requirements.lock
"$venv/bin/python" -m pip install --disable-pip-version-check --no-deps --no-build-isolation --quiet --editable .
