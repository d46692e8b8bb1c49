# The programs of README.md, for the tests that run them. Sourced after lib.sh.
# shellcheck shell=bash

# readme_program LANGUAGE [NUMBER]: a block of that language, the first one.
readme_program() {
    local text
    text=$(awk -v fence="\`\`\`$1" -v number="${2:-1}" \
        '$0 == fence && ++count == number { on = 1; next } /^```/ { if (on) exit } on' README.md)
    [ -n "$text" ] || { say "README.md has no block ${2:-1} of $1"; return 1; }
    say "$text"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'
}

# serves PORT COMMAND...: the program answers a Socket.IO handshake on the port.
serves() {
    local port=$1 log pid answer='' i
    shift
    log=$(mktemp)
    "$@" >"$log" 2>&1 &
    pid=$!
    for i in {1..100}; do
        kill -0 "$pid" 2>/dev/null || break
        answer=$(curl -sS --max-time 5 "http://127.0.0.1:$port/socket.io/?EIO=4&transport=polling" 2>/dev/null) && break
        sleep 0.1
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    [[ $answer == '0{"sid":"'* ]] || { say "no handshake after $i tries, but '$answer'; it said:"; cat "$log"; return 1; }
}
