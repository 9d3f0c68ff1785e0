#!/bin/sh
# launch.sh HOLD_FILE COMMAND...: run COMMAND in this very process, but not while HOLD_FILE forbids it.
#
# A hold file holds the unix time, in seconds, until which the component stays down. The deadline is in the file so
# that a hold ends with nobody left alive to end it; a file that holds no such time is no hold.

held() {
    deadline=
    { read -r deadline || [ -n "$deadline" ]; } 2>/dev/null <"$1" || return 1
    case $deadline in
    *[!0-9.]* | *.*.* | .* | '') return 1 ;;
    *.*) fraction=${deadline#*.}000 ;;
    *) fraction=000 ;;
    esac
    milliseconds=${deadline%%.*}${fraction%"${fraction#???}"}
    [ "$(date +%s%3N)" -lt "$milliseconds" ] 2>/dev/null
}

hold_file=$1
shift
while [ -e "$hold_file" ] && held "$hold_file"; do
    sleep 0.1
done
exec "$@"
