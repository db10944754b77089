#!/usr/bin/env bash
# Apply instances.yaml to a local sandbox, twice, and show the bill. Touches nothing but .demo/.
set -euo pipefail
cd "$(dirname "$0")/.."
unset "${!RECONCILER_@}" GREEN_API_PARTNER_TOKEN_FILE

rm -rf .demo && mkdir .demo
reconciler sandbox --latency 0.3 --ready-file .demo/sandbox.json >.demo/sandbox.out 2>.demo/sandbox.err &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true; wait "$sandbox" 2>/dev/null || true' EXIT

until [ -s .demo/sandbox.json ]; do # however slow the machine is, as long as it is on its way
	kill -0 "$sandbox" 2>/dev/null || { cat .demo/sandbox.err >&2; exit 1; }
	sleep 0.05
done
eval "$(cat .demo/sandbox.out)"

export RECONCILER_STATE=.demo/instances.state.json RECONCILER_LOG_LEVEL=warning

run() {
	printf '\n$ %s\n' "$*"
	"$@"
}

echo "A sandbox stands in for GREEN-API at $GREEN_API_PARTNER_URL; nothing here costs money."
run reconciler plan
run reconciler apply --yes --concurrency 4
printf '\nOnce more: everything is recorded, so nothing is created.'
run reconciler apply --yes
run reconciler status
printf '\nThe bill of the sandbox:\n'
python - "$GREEN_API_PARTNER_URL/sandbox/bill" <<'PY'
import json, sys, urllib.request

bill = json.load(urllib.request.urlopen(sys.argv[1]))
for name, times in bill["creates"].items():
    print(f"  {name}: created {times} time{'' if times == 1 else 's'}")
print(f"  {bill['live']} live instances, {bill['posts']} creates sent")
PY
cat <<'END'

Next: the same by hand, with lost answers and renamed entries, in a quarter of an hour:
  source .venv/bin/activate     # brings the command into this shell
  less docs/tutorial.md
END
