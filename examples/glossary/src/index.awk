# All terms' files to the search index: lines of word, tab, term. Stop words are left out.

BEGIN {
  while ((getline line < stopwords) > 0) stop[line] = 1
}
{
  name = FILENAME
  sub(/.*\//, "", name)
  sub(/\.txt$/, "", name)
  gsub(/[^A-Za-z]+/, " ")
  count = split($0, words, " ")
  for (i = 1; i <= count; i++) {
    if (words[i] in stop) continue
    key = tolower(words[i]) "\t" name
    if (!(key in seen)) { seen[key] = 1; print key }
  }
}
