#!/usr/bin/env bash
# Runs the stock clients against any LiveKit server:
#   run.sh --url ws://host:port --api-key KEY --api-secret SECRET [--hooks PORT]
# With the port that the server sends its webhooks to on this machine, they are looked at too.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="${KLOUD_INTEROP_VENV:-$HOME/.cache/kloud/interop-venv}"

options=()
for word in "$@"; do
    case "$word" in
        --api-key) options+=(--key) ;;
        --api-secret) options+=(--secret) ;;
        *) options+=("$word") ;;
    esac
done

if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/python/requirements.txt"
for folder in browser server node; do
    (cd "$here/$folder" && ${KLOUD_PNPM:-npx --yes pnpm@10} install --frozen-lockfile --silent)
done
export PYTHON="$venv/bin/python"

echo "== Python clients"
"$PYTHON" "$here/python/meeting.py" "${options[@]}"
echo "== Python clients, two connections each"
"$PYTHON" "$here/python/meeting.py" "${options[@]}" --connections 2
echo "== a Python program with an API key"
"$PYTHON" "$here/python/service.py" "${options[@]}"
echo "== a Node program with an API key, and webhooks"
node "$here/server/service.mjs" "${options[@]}"
echo "== Node clients"
node "$here/node/meeting.mjs" "${options[@]}"
echo "== browsers and a Python client"
node "$here/browser/meeting.mjs" "${options[@]}"
echo "== browsers and a Python client, two connections each"
node "$here/browser/meeting.mjs" "${options[@]}" --connections 2
echo "== the same with livekit-client of a year ago"
node "$here/browser/meeting.mjs" "${options[@]}" --connections 2 --client livekit-client-2.16
echo "== each codec between browsers"
node "$here/browser/codecs.mjs" "${options[@]}"
