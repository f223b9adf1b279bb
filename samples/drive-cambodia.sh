#!/bin/sh
# Drives a case over the REST interface, with curl alone, from its first open task to the last acknowledged copy.
#
#   samples/drive-cambodia.sh [case]          default case: KH-2008-05, which a first start loads
#
# Settings (environment):
#   SERVER          address of the server             default http://127.0.0.1:5080
#   KEYS            key file that a first start made   default data/api-keys.json
#   CIRCULATED_ON   date of circulation, yyyy-MM-dd    default 2008-11-20
#   SILENCE         length of the silence procedure    default 3 (seconds)
#
# The script keeps nothing itself: it looks for an open task, does it as whoever it is for, and looks again. Stop
# it, or the server, anywhere and start it again. What the public record does not say is entered all the same, so
# that the case moves, and is printed as [synthetic].
set -u

case_id=${1:-KH-2008-05}
server=${SERVER:-http://127.0.0.1:5080}
keys=${KEYS:-data/api-keys.json}
circulated_on=${CIRCULATED_ON:-2008-11-20}
silence=${SILENCE:-3}
tries_max=120 # of one request, one second apart, while the server is away

[ -r "$keys" ] || { echo "There is no $keys. Start the server first, or name its file: KEYS=... $0" >&2; exit 2; }
answer=$(mktemp) && trap 'rm -f "$answer"' EXIT || exit 2

# The key of a client. The file is written with one member to a line, the id before the key.
key_of() {
    sed -n "/\"id\": \"$1\"/,/\"key\":/s/.*\"key\": \"\([^\"]*\)\".*/\1/p" "$keys"
}

# call CLIENT METHOD PATH [IDEMPOTENCY-KEY VERSION BODY]: sets $status; the body of the answer is in the file $answer.
# A request that finds no server, or one that asks to come again, is sent again with the same Idempotency-Key.
call() {
    client=$1 method=$2 path=$3 idempotency=${4:-} version=${5:-} body=${6:-}
    key=$(key_of "$client")
    [ -n "$key" ] || { echo "$keys holds no key of '$client'." >&2; exit 2; }
    set -- -sS -o "$answer" -w '%{http_code}' -X "$method" -H "Authorization: ApiKey $key"
    [ -z "$idempotency" ] || set -- "$@" -H "Idempotency-Key: $idempotency"
    [ -z "$version" ] || set -- "$@" -H "If-Match: $version"
    [ -z "$body" ] || set -- "$@" -H 'Content-Type: application/json' -d "$body"
    tries=0
    while :; do
        status=$(curl "$@" "$server/api/v1/$path" 2>/dev/null) || status=000
        case $status in
            000 | 429 | 503) ;;
            *) return ;;
        esac
        tries=$((tries + 1))
        [ "$tries" -lt "$tries_max" ] || { echo "$server does not answer ($status)." >&2; exit 1; }
        sleep 1
    done
}

stop_unless() { # stop_unless STATUS...: gives up with the problem document when the answer is another one.
    for wanted in "$@"; do
        [ "$status" != "$wanted" ] || return 0
    done
    echo "$method $path as $client answered $status: $(cat "$answer")" >&2
    exit 1
}

# One item of the last list to a line. Every item begins with its id; nothing inside one does.
items() {
    sed 's/{"id":/\
{"id":/g' "$answer" | sed -n '/^{"id":/p'
}

# member NAME LINE: a text or number of an item, for ids and for printing. The first of that name counts.
member() {
    printf '%s\n' "$2" | sed "s/\"$1\":/\\
/" | sed -n -e '2{' -e 's/^"\([^"]*\)".*/\1/p' -e t -e 's/[],}].*//p' -e '}'
}

say() { echo "[$1] $2"; }

# complete CLIENT OUTCOME [DATA] [LABEL]: completes the task at hand. 409 and 412 mean that it moved meanwhile.
complete() {
    data=${3:-}
    call "$1" POST "tasks/$task/complete" "drive/$task/$task_version" "\"$task_version\"" \
        "{\"outcome\":\"$2\"${data:+,\"data\":$data}}"
    stop_unless 200 409 412
    [ "$status" != 200 ] || say "${4:-synthetic}" "$1: $title -> $2${data:+ $data}"
}

open_case() {
    call secretariat GET "assessments/$case_id"
    if [ "$status" = 200 ]; then
        echo "case $case_id: $(member title "$(cat "$answer")"), phase $(member phase "$(cat "$answer")")"
        return
    fi
    call secretariat POST assessments "drive/$case_id/open" '' "{\"id\":\"$case_id\",\"title\":\"Cambodia, driven as $case_id\",\
\"state\":{\"name\":\"Cambodia\",\"iso2\":\"KH\"},\"regime\":\"unscr-1373\",\"synthetic\":\"Opened by samples/drive-cambodia.sh.\"}"
    stop_unless 201
    call secretariat PUT "assessments/$case_id/delegation" "drive/$case_id/delegation" '*' '{"leader":null,"members":[{"agency":"ADB"},
{"agency":"INTERPOL"},{"agency":"IOM"},{"agency":"UNODC"},{"agency":"UN-SECRETARIAT"}]}'
    stop_unless 200
    say synthetic "opened case $case_id with a delegation of five"
}

# An agency writes its chapter and signs it off. Two agencies wait until the case has gone on without them (annexed).
write_chapter() {
    agency=${assigned_to#agency:}
    call secretariat GET "assessments/$case_id/reviews?limit=200"
    stop_unless 200
    open_reviews=$(items | grep -v -c -E '"status":"(Submitted|Accepted|Released)"')
    call secretariat GET "assessments/$case_id"
    stop_unless 200
    if [ "$open_reviews" -le 2 ] && [ "$(member phase "$(cat "$answer")")" = Drafting ]; then
        return 1
    fi
    writer=agency-$(printf '%s' "$agency" | tr '[:upper:]' '[:lower:]')
    review=$case_id.$agency
    call "$writer" PUT "reviews/$review/chapter" "drive/$review/chapter" '*' "{\"text\":\"Synthetic chapter of $agency.\"}"
    stop_unless 200 409
    call "$writer" POST "reviews/$review/findings" "drive/$review/finding" '' \
        "{\"id\":\"S1\",\"type\":\"Shortfall\",\"area\":\"synthetic\",\"summary\":\"Synthetic finding of $agency.\"}"
    stop_unless 201 409
    complete "$writer" SignOff
}

# The task at hand, done as whoever it is for. Fails when there is nothing to do about it on the way to circulation.
do_task() {
    case $activity in
        endorse) complete secretariat Endorsed ;;
        consent) complete state-kh Consented '{"reference":"synthetic note"}' ;;
        prepare) complete secretariat Prepared ;;
        compose) complete secretariat Composed ;;
        visit) complete mission-leader Visited '{"from":"2008-05-05","to":"2008-05-09"}' record ;;
        observations) complete mission-leader Delivered '{"deliveredOn":"2008-05-09"}' ;;
        write) write_chapter ;;
        read) complete mission-leader Accept ;;
        consolidate) complete mission-leader Consolidated ;;
        fact-check) complete state-kh NoComments ;;
        revise) complete mission-leader Ready ;;
        open-silence)
            expiry=$(($(date -u +%s) + silence))
            expiry=$(date -u -d "@$expiry" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$expiry" +%Y-%m-%dT%H:%M:%SZ)
            complete secretariat Open "{\"expiresAt\":\"$expiry\",\"rosterDate\":\"$circulated_on\"}" ;;
        transmit) complete secretariat Transmitted "{\"receivedOn\":\"$circulated_on\"}" ;;
        circulate-on) complete secretariat Circulate "{\"circulatedOn\":\"$circulated_on\"}" ;;
        *) return 1 ;;
    esac
}

# Does the first task that can be done; fails when there is none.
do_one() {
    for task_status in claimed open; do
        call secretariat GET "tasks?assessment=$case_id&status=$task_status&limit=200"
        stop_unless 200
        tasks=$(items)
        while [ -n "$tasks" ]; do
            line=$(printf '%s\n' "$tasks" | sed -n 1p)
            tasks=$(printf '%s\n' "$tasks" | sed 1d)
            task=$(member id "$line") task_version=$(member version "$line") activity=$(member activityId "$line")
            title=$(member title "$line") assigned_to=$(member assignedTo "$line")
            if do_task; then return 0; fi
        done
    done
    acknowledge_one
}

acknowledge_one() {
    call secretariat GET "circulations?assessment=$case_id&status=issued&limit=1"
    stop_unless 200
    line=$(items)
    [ -n "$line" ] || return 1
    copy=$(member id "$line") seat=$(member seat "$line") text="copy $(member copy "$line") of $(member of "$line")"
    holder=seat-$(printf '%s' "$seat" | tr '[:upper:] ' '[:lower:]-')
    call "$holder" POST "circulations/$copy/acknowledge" "drive/$copy" "\"$(member version "$line")\""
    stop_unless 200 409 412
    say synthetic "$holder: acknowledged $text"
}

# Whether copies were issued and all of them acknowledged.
is_circulated() {
    call secretariat GET "circulations?assessment=$case_id&limit=200"
    stop_unless 200
    copies=$(items)
    [ -n "$copies" ] && ! printf '%s\n' "$copies" | grep -q '"acknowledgedAt":null'
}

open_case
idle=0
until is_circulated; do
    if do_one; then
        idle=0
    else
        idle=$((idle + 1))
        [ "$idle" -lt 300 ] || { echo 'Nothing moved for five minutes; the case is not circulated.' >&2; exit 1; }
        sleep 1
    fi
done

first=$(printf '%s\n' "$copies" | sed -n 1p)
echo "circulated on $(member circulatedOn "$first"): $(printf '%s\n' "$copies" | wc -l | tr -d ' ') numbered copies of \"$(member title "$first")\""
printf '%s\n' "$copies" | while IFS= read -r line; do
    echo "  copy $(member copy "$line") $(member seat "$line")"
done
