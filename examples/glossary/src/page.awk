# One term's file to its page. The first line is the title, the rest the text; `[name]` is a link.

function escape(text) {
  gsub(/&/, "\\&amp;", text)
  gsub(/</, "\\&lt;", text)
  gsub(/>/, "\\&gt;", text)
  return text
}

function link(text,   out, name) {
  out = ""
  while (match(text, /\[[a-z-]+\]/)) {
    name = substr(text, RSTART + 1, RLENGTH - 2)
    out = out substr(text, 1, RSTART - 1) "<a href=\"" name ".html\">" name "</a>"
    text = substr(text, RSTART + RLENGTH)
  }
  return out text
}

NR == 1 {
  printf "<!doctype html>\n<html lang=\"en\">\n<title>%s</title>\n<h1 id=\"%s\">%s</h1>\n", escape($0), name, escape($0)
  next
}
NF { printf "<p>%s</p>\n", link(escape($0)) }
