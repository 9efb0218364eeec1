#!/bin/sh
# Prints the path of a Python 3.11, 3.12 or 3.13 that really runs, or says in one sentence that there is none.
# A version manager's shim can stand on the path and still fail, so each one in every folder of the path is tried.
runs() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' </dev/null >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    if runs "$PYTHON"; then
        command -v "$PYTHON"
        exit 0
    fi
    echo "PYTHON is set to $PYTHON, which is not a working Python 3.11, 3.12 or 3.13." >&2
    exit 1
fi

without_venv=""
IFS=:
for name in python3 python3.13 python3.12 python3.11 python; do
    for folder in $PATH .venv/bin; do
        candidate=${folder:-.}/$name
        [ -x "$candidate" ] && runs "$candidate" || continue
        if "$candidate" -c 'import ensurepip, venv' </dev/null >/dev/null 2>&1; then
            echo "$candidate"
            exit 0
        fi
        without_venv=${without_venv:-$candidate}
    done
done

if [ -n "$without_venv" ]; then
    echo "$without_venv lacks the venv module: install it (on Debian and Ubuntu: sudo apt install python3-venv) and run make again." >&2
else
    echo "No working Python 3.11, 3.12 or 3.13 was found: install one, or name one with make run PYTHON=/path/to/python3." >&2
fi
exit 1
