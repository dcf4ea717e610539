#!/usr/bin/env bash
# Runs the stock clients against a server: run.sh --url ws://host:port --key KEY --secret SECRET
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="${KLOUD_INTEROP_VENV:-$HOME/.cache/kloud/interop-venv}"

if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/python/requirements.txt"
(cd "$here/browser" && ${KLOUD_PNPM:-npx --yes pnpm@10} install --frozen-lockfile --silent)

echo "== Python clients"
"$venv/bin/python" "$here/python/meeting.py" "$@"
echo "== browsers and a Python client"
PYTHON="$venv/bin/python" node "$here/browser/meeting.mjs" "$@"
