#!/bin/busybox sh
# Lists the terms whose text holds the word asked for: /cgi-bin/search?q=layer
printf 'Content-Type: text/plain\r\n\r\n'
word=${QUERY_STRING#q=}
case $word in
  '' | *[!A-Za-z]*) echo 'ask for one word of letters'; exit 0 ;;
esac
/bin/busybox awk -F '\t' -v word="$word" '
  $1 == tolower(word) { print $2; found = 1 }
  END { if (!found) print "nothing found" }' /site/search.tsv
