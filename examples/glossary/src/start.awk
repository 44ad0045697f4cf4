# All terms' files to the start page.

BEGIN {
  print "<!doctype html>\n<html lang=\"en\">\n<title>Glossary</title>\n<h1>Glossary</h1>"
  print "<form action=\"/cgi-bin/search\"><input name=\"q\" aria-label=\"Search\"></form>\n<ul>"
}
FNR == 1 {
  name = FILENAME
  sub(/.*\//, "", name)
  sub(/\.txt$/, "", name)
  printf "<li><a href=\"terms/%s.html\">%s</a></li>\n", name, $0
}
END { print "</ul>" }
