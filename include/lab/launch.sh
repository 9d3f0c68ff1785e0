#!/bin/sh
# launch.sh HOLD_FILE COMMAND...: run COMMAND in this very process, but not while HOLD_FILE forbids it.
#
# A hold file holds the unix time, in seconds, until which the component stays down. The deadline is in the file so
# that a hold ends with nobody left alive to end it; a file that holds no such time is no hold.
#
# HOLD_FILE.clock holds such a deadline too, then an offset in seconds and the path of libfaketime: until then, a COMMAND
# that preloads what LAUNCH_PRELOAD names reads a time that is that far ahead.

# ahead TIME: tell whether TIME lies ahead.
ahead() {
    case $1 in
    *[!0-9.]* | *.*.* | .* | '') return 1 ;;
    *.*) fraction=${1#*.}000 ;;
    *) fraction=000 ;;
    esac
    milliseconds=${1%%.*}${fraction%"${fraction#???}"}
    [ "$(date +%s%3N)" -lt "$milliseconds" ] 2>/dev/null
}

held() {
    deadline=
    { read -r deadline || [ -n "$deadline" ]; } 2>/dev/null <"$1" || return 1
    ahead "$deadline"
}

skewed() {
    { read -r deadline offset library; } 2>/dev/null <"$1" || return 1
    ahead "$deadline" && [ -f "$library" ]
}

hold_file=$1
shift
while [ -e "$hold_file" ] && held "$hold_file"; do
    sleep 0.1
done
if [ -e "$hold_file.clock" ] && skewed "$hold_file.clock"; then
    stop_after=$((${deadline%%.*} - $(date +%s)))
    [ "$stop_after" -gt 0 ] || stop_after=1
    FAKETIME_STOP_AFTER_SECONDS=$stop_after FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME=$offset LAUNCH_PRELOAD=$library
    export FAKETIME_STOP_AFTER_SECONDS FAKETIME_DONT_FAKE_MONOTONIC FAKETIME LAUNCH_PRELOAD
fi
exec "$@"
