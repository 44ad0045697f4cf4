# The pages that the builder stage made.

test_every_term_has_a_page() {
  for term in terms/*.txt; do
    page=/site/terms/$(basename "$term" .txt).html
    [ -s "$page" ] || { echo "no page for $term"; return 1; }
  done
}

test_every_link_leads_to_a_page() {
  for target in $(sed -n 's/.*href="\([a-z-]*\.html\)".*/\1/p' /site/terms/*.html | sort -u); do
    [ -s "/site/terms/$target" ] || { echo "dead link: $target"; return 1; }
  done
}

test_the_start_page_lists_all_terms() {
  listed=$(grep -c '<li>' /site/index.html)
  terms=$(ls terms/*.txt | wc -l)
  [ "$listed" -eq "$terms" ] || { echo "$listed of $terms terms are listed"; return 1; }
}

test_markup_in_a_term_is_escaped() {
  page=$(printf 'A <b>\nuse x < y & z' | awk -v name=x -f src/page.awk)
  case $page in
    *'A &lt;b&gt;'*'x &lt; y &amp; z'*) ;;
    *) echo "not escaped: $page"; return 1 ;;
  esac
}
