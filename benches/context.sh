#!/usr/bin/env bash
# How much of a build context is sent, and how long it takes: this builder beside docker's own client.
#
# usage: benches/context.sh [BINARY] [BIG_MB]
set -euo pipefail

binary=$(realpath "${1:-target/release/build-orchestrator}")
big_mb=${2:-1000}
dir=$(mktemp -d)
name=lucid-bench-context-$$
cleanup() {
    rm -rf "$dir"
    docker image ls --quiet --filter "reference=$name*" | sort -u | xargs --no-run-if-empty docker rmi --force >/dev/null
}
trap cleanup EXIT

project() { # project TARGETS MB
    rm -rf "$dir/p" && mkdir "$dir/p" && cd "$dir/p"
    head -c "$(($2 * 1000000))" /dev/urandom >big
    echo services: >compose.yml
    for n in $(seq "$1"); do
        echo "$name $n" >"own$n"
        printf 'FROM scratch\nCOPY own%s big /\n' "$n" >"Dockerfile.$n"
        printf '  t%s:\n    image: %s:t%s\n    build: {context: ., dockerfile: Dockerfile.%s}\n' \
            "$n" "$name" "$n" "$n" >>compose.yml
    done
}

ours() { # ours WHAT
    local start end sent
    start=$(date +%s.%N)
    sent=$("$binary" build --file compose.yml --parallel 8 --quiet 2>/dev/null |
        grep -o '"step_duration_ms":[0-9]*,"sent_bytes":[0-9]*' | tail -1 | grep -o '[0-9]*$')
    end=$(date +%s.%N)
    printf '%-44s %12s bytes  %6.1f s\n' "$1" "$sent" "$(echo "$end - $start" | bc)"
}

dockers() { # dockers WHAT TARGETS
    local start end sent=0
    rm -f "$dir"/log*
    start=$(date +%s.%N)
    for n in $(seq "$2"); do
        DOCKER_BUILDKIT=1 /usr/bin/docker build --progress plain -f "Dockerfile.$n" -t "$name:d$n" . >"$dir/log$n" 2>&1 &
    done
    wait
    end=$(date +%s.%N)
    # Each client says what it has transferred, in rounded units.
    sent=$(grep -h 'transferring context: [0-9]' "$dir"/log* | grep -oE '[0-9.]+[kMG]?B' | sort -u | paste -sd' ')
    printf '%-44s %12s        %6.1f s  (%s)\n' "$1" "" "$(echo "$end - $start" | bc)" "${sent:-nothing}"
}

project 8 100
ours "8 targets, 100 MB: first build"
ours "8 targets, 100 MB: nothing changed"
echo changed >own3
ours "8 targets, 100 MB: one file of 8 bytes changed"
project 8 100 # new content: what one builder has sent must not help the other
dockers "docker build, 8 at once, 100 MB: first build" 8

project 1 "$big_mb"
ours "1 target, $big_mb MB: first build"
echo changed >own1
ours "1 target, $big_mb MB: one file of 8 bytes changed"
project 1 "$big_mb"
dockers "docker build, $big_mb MB: first build" 1
echo changed again >own1
dockers "docker build, $big_mb MB: one file changed" 1
