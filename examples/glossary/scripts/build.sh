#!/bin/sh
# Builds the site into the folder named: a page for each term, the start page, and the search.
set -eu

site=$1
mkdir -p "$site/cgi-bin" "$site/terms"
for term in terms/*.txt; do
  name=$(basename "$term" .txt)
  awk -v name="$name" -f src/page.awk "$term" > "$site/terms/$name.html"
done
awk -f src/start.awk terms/*.txt > "$site/index.html"
awk -v stopwords=/opt/vendor/spellings -f src/index.awk terms/*.txt | sort > "$site/search.tsv"
cp src/search.cgi "$site/cgi-bin/search"
chmod 755 "$site/cgi-bin/search"
echo ok > "$site/health"
echo "built $(ls "$site/terms" | wc -l) pages and $(wc -l < "$site/search.tsv") index entries"
