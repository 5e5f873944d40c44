#!/bin/bash
# Runs cron/nightly under Debian's real cron, in mount and process namespaces of its own: nothing of the machine's cron is touched.
#
#   sudo Tests/Cron/under-cron.sh                     with a stub that records how it was called
#   sudo Tests/Cron/under-cron.sh .build/…/makegood   with the stub, and one night with the program itself
#
# Takes up to 75 seconds: cron looks at its tables once a minute. Prints PASS and FAIL lines; exits 1 when anything failed.
# Without root, namespaces or cron it says SKIP and exits 0.
set -u

repository=$(cd "$(dirname "$0")/../.." && pwd)
skip() { printf 'SKIP under-cron: %s; NOTHING WAS TESTED\n' "$1"; exit 0; }

if [ "${UNDER_CRON_INSIDE:-}" != yes ]; then
  program=${1:-}
  if [ -n "$program" ]; then
    [ -x "$program" ] || { echo "under-cron: no such program: $program" >&2; exit 66; }
    program=$(realpath "$program")
  fi
  [ "$(id -u)" -eq 0 ] || skip 'it needs root'
  [ -x /usr/sbin/cron ] || skip 'cron is not installed (apt-get install cron)'
  unshare --mount --pid --fork --mount-proc true 2>/dev/null || skip 'this machine allows no namespaces'
  folder=$(mktemp -d /tmp/under-cron.XXXXXX) || exit 73
  trap 'rm -rf "$folder"' EXIT
  # The process namespace ends with its first process, and cron with it.
  UNDER_CRON_INSIDE=yes unshare --mount --pid --fork --kill-child --mount-proc "$0" "$folder" "$program"
  exit $?
fi

folder=$1
program=$2
failures=0
pass() { printf 'PASS %s\n' "$1"; }
fail() { printf 'FAIL %s\n' "$1"; failures=$((failures + 1)); }
check() { # check WHAT COMMAND…
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then pass "$what"; else fail "$what"; fi
}
refute() {
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then fail "$what"; else pass "$what"; fi
}

# --- the private machine: copies of a few folders, bound over the real ones
mount --make-rprivate / || skip 'mounts cannot be made private'
chmod 755 "$folder"
mkdir -p "$folder"/{cron.d,spool/crontabs,sbin,default,lib/makegood,mail,bin,run}
cp -a /usr/sbin/. "$folder/sbin"
cp -a /etc/default/. "$folder/default"
cat >"$folder/sbin/sendmail" <<END
#!/bin/sh
cat >"\$(mktemp $folder/mail/XXXXXX)"
END
chmod 755 "$folder/sbin/sendmail"
chmod 1777 "$folder/mail"
install -m 755 "$repository/cron/nightly" "$folder/lib/makegood/nightly"
: >"$folder/crontab"
bind() { mount --bind "$1" "$2" || skip "$2 cannot be replaced here"; }
bind "$folder/sbin" /usr/sbin
bind "$folder/default" /etc/default
bind "$folder/lib" /usr/local/lib
bind "$folder/cron.d" /etc/cron.d
bind "$folder/spool" /var/spool/cron
bind "$folder/run" /run
if [ -e /etc/crontab ]; then bind "$folder/crontab" /etc/crontab; fi

# --- a program that records how it was called, and answers with the next of the statuses it was given
cat >"$folder/bin/stub" <<'END'
#!/bin/sh
home=$(dirname "$MAKEGOOD_DB")
{
  echo "call $*"
  echo "folder $PWD"
  echo "umask $(umask)"
  if [ -t 0 ] || [ -t 1 ] || [ -t 2 ]; then echo terminal; fi
  env | sort | sed 's/^/env /'
} >>"$home/calls"
status=$(sed -n 1p "$home/$1.statuses" 2>/dev/null)
sed -i 1d "$home/$1.statuses" 2>/dev/null
status=${status:-0}
[ "$status" -eq 0 ] || echo "stub: error: $1 was told to fail with $status" >&2
exit "$status"
END
chmod 755 "$folder/bin/stub"

# new_case NAME PROGRAM: a folder, a configuration and a line of cron that keeps the exit status.
new_case() {
  local home=$folder/case-$1
  mkdir -p "$home/facts"
  cat >"$home/configuration" <<END
MAKEGOOD_DB=$home/makegood.db
MAKEGOOD_REPORTS=$home/reports
MAKEGOOD_FACTS=$home/facts
MAKEGOOD_BIN=$2
MAKEGOOD_ATTEMPTS=3
MAKEGOOD_PAUSE_SECONDS=1
TMPDIR=$home
END
  cat >"$folder/cron.d/case-$1" <<END
MAILTO=case-$1
MAKEGOOD_CONFIGURATION=$home/configuration
* * * * * nobody [ -e $home/begun ] || { : >$home/begun; /usr/local/lib/makegood/nightly; echo \$? >$home/status; }
END
  chmod 644 "$folder/cron.d/case-$1"
  chown -R nobody "$home"
}
mail_of() { grep -ls "^To: case-$1\$" "$folder"/mail/* 2>/dev/null; }
has_mail_saying() { mail_of "$1" | xargs -r grep -qs -- "$2"; }
ended_with() { [ "$(cat "$folder/case-$1/status" 2>/dev/null)" = "$2" ]; }
called() { [ "$(sed -n 's/^call \([a-z]*\).*/\1/p' "$folder/case-$1/calls" 2>/dev/null | tr '\n' ' ')" = "$2" ]; }

# --- the file that is shipped, installed as it is told to be, but for its minute and its user
shipped=$repository/cron/makegood.cron
job=$folder/case-shipped
new_case shipped "$folder/bin/stub"
rm "$folder/cron.d/case-shipped"
cp "$job/configuration" /etc/default/makegood
sed -E 's/^[0-9]+ [0-9,]+ \* \* \* makegood /* * * * * nobody /; s/^MAILTO=.*/MAILTO=case-shipped/' "$shipped" >/etc/cron.d/makegood
chmod 644 /etc/cron.d/makegood
check 'makegood.cron ends with a newline' test -z "$(tail -c 1 "$shipped")"
refute 'makegood.cron has no carriage return' grep -q "$(printf '\r')" "$shipped"
refute 'makegood.cron has no percent sign that is not escaped' grep -qE '^[^#]*(^|[^\\])%' "$shipped"
check 'the schedule was found and replaced' grep -q '^\* \* \* \* \* nobody /usr/local/lib/makegood/nightly$' /etc/cron.d/makegood

stub=$folder/bin/stub
new_case quiet "$stub"
new_case bad-facts "$stub"
echo 65 >"$folder/case-bad-facts/import.statuses"
new_case bad-night "$stub"
echo 74 >"$folder/case-bad-night/run.statuses"
new_case busy-once "$stub"
echo 75 >"$folder/case-busy-once/run.statuses"
new_case busy "$stub"
printf '75\n75\n75\n' >"$folder/case-busy/run.statuses"
new_case prepares "$stub"
echo MAKEGOOD_PREPARE=yes >>"$folder/case-prepares/configuration"
new_case prepares-not "$stub"
echo MAKEGOOD_PREPARE=yes >>"$folder/case-prepares-not/configuration"
echo 74 >"$folder/case-prepares-not/run.statuses"
new_case no-configuration "$stub"
rm "$folder/case-no-configuration/configuration"
new_case no-program "$folder/bin/nowhere"
chown -R nobody "$folder"/case-*
cases='quiet bad-facts bad-night busy-once busy prepares prepares-not no-configuration no-program'

if [ -n "$program" ]; then
  # The program may lie where nobody but its builder can read.
  install -m 755 "$program" "$folder/bin/makegood"
  new_case real "$folder/bin/makegood"
  "$folder/bin/makegood" init --db "$folder/case-real/makegood.db" --quiet
  chown -R nobody "$folder/case-real"
  # The program itself must take the very call that prepares.
  echo MAKEGOOD_PREPARE=yes >>"$folder/case-real/configuration"
  cat >"$folder/case-real/facts/orders.csv" <<END
order_id,line,carrier,region,plan,provisioned_at,activated_at,ended_at,end_reason
o1,+12025550101,Harbor Mobile,us-east,sms-pro,2026-01-01T08:00:00Z,2026-01-01T08:05:00Z,,
END
  cases="$cases real"
fi

/usr/sbin/cron -f >"$folder/cron.log" 2>&1 &

finished() {
  local name
  for name in $cases; do [ -s "$folder/case-$name/status" ] || return 1; done
  grep -qs '^call run' "$job/calls"
}
deadline=$((SECONDS + 90))
until finished || [ "$SECONDS" -ge "$deadline" ]; do sleep 1; done
sleep 3 # mail is sent after the command has ended

calls=$job/calls
check 'cron runs the file that is shipped' test -s "$calls"
check 'facts are imported first, quietly' grep -qx "call import $job/facts --quiet" "$calls"
check 'then the night is run, quietly' grep -qx 'call run --quiet' "$calls"
check 'the locale is set' grep -qx 'env LC_ALL=C.UTF-8' "$calls"
check 'PATH reaches /usr/local/bin' grep -q '^env PATH=.*/usr/local/bin' "$calls"
check 'the database is handed on' grep -qx "env MAKEGOOD_DB=$job/makegood.db" "$calls"
check 'the reports folder is handed on' grep -qx "env MAKEGOOD_REPORTS=$job/reports" "$calls"
check 'others cannot read what is written' grep -qx 'umask 0027' "$calls"
refute 'there is no terminal' grep -qx terminal "$calls"
refute 'the file that is shipped causes no mail' mail_of shipped

check 'a good night ends with 0' ended_with quiet 0
refute 'a good night causes no mail' mail_of quiet
check 'facts refused: the status is the import'\''s' ended_with bad-facts 65
check 'facts refused: the night is run all the same' called bad-facts 'import run '
check 'facts refused: the mail says why' has_mail_saying bad-facts 'import was told to fail with 65'
check 'facts refused: the mail says what was done' has_mail_saying bad-facts 'run on what was known before'
check 'a failed night passes its status on' ended_with bad-night 74
check 'a failed night is mailed' has_mail_saying bad-night 'run was told to fail with 74'
check 'a held database is waited for' ended_with busy-once 0
check 'a held database is tried again' called busy-once 'import run run '
refute 'a wait that ended well causes no mail' mail_of busy-once
check 'a database held for good ends with 75' ended_with busy 75
check 'a database held for good is tried three times' called busy 'import run run run '
check 'a database held for good is mailed' has_mail_saying busy 'status 75 (try 3 of 3)'
check 'payouts are prepared where that is asked for' grep -qx 'call payout prepare --quiet' "$folder/case-prepares/calls"
check 'payouts are prepared after the night' called prepares 'import run payout '
check 'after a failed night nothing is prepared' called prepares-not 'import run '
refute 'nothing is ever sent' grep -rqs '^call payout send' "$folder"/case-*/calls
check 'a missing configuration ends with 78' ended_with no-configuration 78
check 'a missing configuration is mailed' has_mail_saying no-configuration 'cannot read the configuration'
check 'a missing program ends with 78' ended_with no-program 78
check 'a missing program is mailed' has_mail_saying no-program 'cannot find the program'
if [ -n "$program" ]; then
  check 'makegood itself: the night ends with 0' ended_with real 0
  refute 'makegood itself: it prints nothing' mail_of real
  check 'makegood itself: yesterday is closed' test -s "$folder/case-real/reports/$(date -u -d yesterday +%F)/summary.csv"
fi
refute 'no temporary file is left' compgen -G "$folder/case-*/makegood-nightly.*"

if [ "$failures" -gt 0 ]; then
  printf '%s FAILED; what cron mailed and said:\n' "$failures"
  tail -n +1 "$folder"/mail/* "$folder/cron.log" 2>/dev/null
  exit 1
fi
echo 'all passed'
