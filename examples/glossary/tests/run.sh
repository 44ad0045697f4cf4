#!/bin/sh
# Runs every function `test_*` of tests/*_test.sh and writes the results as JUnit XML.
#
# A test fails when it returns non-zero; what it prints is its message. Exits 1 when one failed.
set -u

results=$1
cases=$(mktemp) || exit 2
tests=0
failures=0

now_ms() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }
escape() { sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g'; }

for file in tests/*_test.sh; do
  suite=$(basename "$file" _test.sh)
  for name in $(sed -n 's/^\(test_[a-z_]*\)() {$/\1/p' "$file"); do
    started=$(now_ms)
    output=$(. "./$file" && "$name" 2>&1)
    status=$?
    seconds=$(awk -v ms="$(($(now_ms) - started))" 'BEGIN { printf "%.3f", ms / 1000 }')
    tests=$((tests + 1))
    printf '    <testcase classname="%s" name="%s" file="%s" time="%s">' \
      "$suite" "${name#test_}" "$file" "$seconds" >> "$cases"
    if [ "$status" -ne 0 ]; then
      failures=$((failures + 1))
      printf '<failure message="%s"/>' "$(printf '%s' "$output" | escape)" >> "$cases"
    fi
    echo '</testcase>' >> "$cases"
  done
done

{
  echo '<?xml version="1.0" encoding="UTF-8"?>'
  echo '<testsuites>'
  printf '  <testsuite name="glossary" tests="%s" failures="%s">\n' "$tests" "$failures"
  cat "$cases"
  echo '  </testsuite>'
  echo '</testsuites>'
} > "$results" || exit 2
echo "$tests tests, $failures failures"
[ "$failures" -eq 0 ]
