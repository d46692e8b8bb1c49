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

# A port that is free, and that the system gives to nobody who asks for any port:
# several programs listen on it, one after the other.
free_port() {
    python3 -c 'import random, socket
while True:
    with socket.socket() as s:
        try:
            s.bind(("", random.randrange(10000, 32000)))
        except OSError:
            continue
        print(s.getsockname()[1])
        break'
}

# answered PORT PID: waits until the program answers a Socket.IO handshake there.
answered() {
    local answer='' i
    for i in {1..300}; do
        kill -0 "$2" 2>/dev/null || break
        answer=$(curl -sS --max-time 5 "http://127.0.0.1:$1/socket.io/?EIO=4&transport=polling" 2>/dev/null) && break
        sleep 0.1
    done
    [[ $answer == '0{"sid":"'* ]] || { say "no handshake after $i tries, but '$answer'"; return 1; }
}

# serves PORT COMMAND...: the program answers a Socket.IO handshake on the port.
serves() {
    local port=$1 log pid status=0
    shift
    log=$(mktemp)
    "$@" >"$log" 2>&1 &
    pid=$!
    answered "$port" "$pid" || status=1
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    [ $status -eq 0 ] || { say "it said:"; cat "$log"; }
    return $status
}

# talks PORT SERVER CLIENT TEXT: a client that connects to a server says the text.
# Both are commands with their arguments, which have no blanks in them.
talks() {
    local said='' pid
    # shellcheck disable=SC2086  # words
    $2 &
    pid=$!
    # shellcheck disable=SC2086
    if answered "$1" "$pid"; then said=$(timeout 30 $3) || true; fi
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    [ "$said" = "$4" ] || { say "the client said: $said"; return 1; }
}
