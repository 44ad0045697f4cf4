#!/bin/sh
# Serves the site, and builds it again when a term or a source file is newer than it.
set -eu

sh scripts/build.sh /site
httpd -p 8080 -h /site
while sleep 1; do
  if [ -n "$(find src terms -newer /site/index.html)" ]; then
    sh scripts/build.sh /site
  fi
done
