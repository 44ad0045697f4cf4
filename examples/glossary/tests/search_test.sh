# The search, called as the server calls it.

search() { QUERY_STRING="q=$1" sh /site/cgi-bin/search; }

test_a_word_finds_its_terms() {
  search layer | grep -qx image || { echo "image is not found: $(search layer)"; return 1; }
}

test_case_does_not_matter() {
  [ "$(search LAYER)" = "$(search layer)" ]
}

test_stop_words_find_nothing() {
  search the | grep -qx 'nothing found'
}

test_other_characters_are_refused() {
  search 'a;reboot' | grep -qx 'ask for one word of letters'
}
