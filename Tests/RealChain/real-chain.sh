#!/bin/bash
# Pays refunds on a private Monero chain, with monerod and monero-wallet-rpc of Debian's package, through crashes at every step.
#
#   Tests/RealChain/real-chain.sh .build/…/makegood          some minutes
#   Tests/RealChain/real-chain.sh .build/…/makegood --all    every fault at every call, for an hour or so
#
# Where the package cannot be had, or the chain cannot be started, it says so, loudly, and tests nothing.
set -u
program=$(realpath "${1:?name the program}")
shift
cd "$(dirname "$0")" || exit 70
[ -x "$program" ] || { echo "real-chain: no such program: $program" >&2; exit 66; }

skip() {
  printf '\n**** SKIPPED: %s. NOTHING WAS PAID ON A REAL CHAIN. ****\n\n' "$1"
  exit 0
}

wanted=()
command -v monerod >/dev/null && command -v monero-wallet-rpc >/dev/null || wanted+=(monero)
command -v python3 >/dev/null || wanted+=(python3)
[ ${#wanted[@]} -eq 0 ] || bash ../../.ci/install "${wanted[@]}" || skip "the packages ${wanted[*]} cannot be had"
for tool in monerod monero-wallet-rpc python3; do
  command -v "$tool" >/dev/null || skip "there is no $tool"
done

status=0
python3 -B real_chain.py "$program" "$@" || status=$?
[ "$status" -ne 77 ] || skip 'the chain cannot be started here'
exit "$status"
