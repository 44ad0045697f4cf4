#!/bin/sh
# Installs what the build needs from others: checks it against the lock file and prepares it.
set -eu

sha256sum -c vendor.lock
mkdir -p /opt/vendor
sort -u vendor/stopwords.txt > /opt/vendor/stopwords
cp vendor/suffixes.txt /opt/vendor/suffixes

# Every stop word in every spelling that a search may use, so that a look-up is one comparison.
awk '
  { words[NR] = $1 }
  END {
    for (i = 1; i <= NR; i++)
      for (round = 0; round < 20000; round++)
        seen[toupper(substr(words[i], 1, round % 8)) substr(words[i], round % 8 + 1)] = 1
    for (spelling in seen) print spelling
  }' /opt/vendor/stopwords | sort > /opt/vendor/spellings
echo "installed $(wc -l < /opt/vendor/stopwords) stop words in $(wc -l < /opt/vendor/spellings) spellings"
