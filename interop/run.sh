#!/usr/bin/env bash
# Runs the stock clients against a server: run.sh --url ws://host:port --key KEY --secret SECRET [--hooks PORT]
# With the port that the server sends its webhooks to on this machine, they are looked at too.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="${KLOUD_INTEROP_VENV:-$HOME/.cache/kloud/interop-venv}"

if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/python/requirements.txt"
for folder in browser server; do
    (cd "$here/$folder" && ${KLOUD_PNPM:-npx --yes pnpm@10} install --frozen-lockfile --silent)
done

echo "== Python clients"
"$venv/bin/python" "$here/python/meeting.py" "$@"
echo "== a Python program with an API key"
"$venv/bin/python" "$here/python/service.py" "$@"
echo "== a Node program with an API key, and webhooks"
PYTHON="$venv/bin/python" node "$here/server/service.mjs" "$@"
echo "== browsers and a Python client"
PYTHON="$venv/bin/python" node "$here/browser/meeting.mjs" "$@"
echo "== each codec between browsers"
node "$here/browser/codecs.mjs" "$@"
