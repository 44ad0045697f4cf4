# The server, as the runtime stage starts it.

test_the_server_answers_its_health_check() {
  httpd -p 127.0.0.1:8099 -h /site
  answer=$(wget -q -O - http://127.0.0.1:8099/health)
  [ "$answer" = ok ] || { echo "the health check says: $answer"; return 1; }
}
