# Sourced by the other scripts here: texts as JSON, by sh alone where nothing in them needs care, else by one awk.

# the ASCII that means itself in a JSON string stays; bytes that are no UTF-8 become U+FFFD
# shellcheck disable=SC2016 # the dollars are awk's
_quoting='
    function follows(place, first, last) { return code[substr(text, place, 1)] >= first && code[substr(text, place, 1)] <= last }
    function wide(place, lead) {
        if (lead >= 194 && lead <= 223) return follows(place + 1, 128, 191) ? 2 : 0
        if (lead >= 224 && lead <= 239)
            return follows(place + 1, lead == 224 ? 160 : 128, lead == 237 ? 159 : 191) && follows(place + 2, 128, 191) ? 3 : 0
        if (lead >= 240 && lead <= 244)
            return follows(place + 1, lead == 240 ? 144 : 128, lead == 244 ? 143 : 191) && follows(place + 2, 128, 191) &&
                follows(place + 3, 128, 191) ? 4 : 0
        return 0
    }
    BEGIN {
        for (number = 1; number < 256; number++) code[sprintf("%c", number)] = number
        text = ENVIRON["_text"]
        printf "\""
        for (place = 1; place <= length(text); place += taken) {
            letter = substr(text, place, 1); number = code[letter]; taken = 1
            if (number < 32 || number == 127) printf "\\u%04x", number
            else if (number == 34 || number == 92) printf "\\%s", letter
            else if (number < 128) printf "%s", letter
            else if ((taken = wide(place, number)) > 0) printf "%s", substr(text, place, taken)
            else { taken = 1; printf "\\ufffd" }
        }
        printf "\""
    }'

# quote TEXT: sets $quoted to it as a JSON string, to null where that cannot be done. Needs LC_ALL=C.
quote() {
    case $1 in
        *[!A-Za-z0-9\ ._/:,\;=+@%~#-]*)
            quoted=$(_text=$1 awk "$_quoting" 2>/dev/null)
            quoted=${quoted:-null}
            ;;
        *) quoted=\"$1\" ;;
    esac
}

# field NAME TEXT MOST: adds the text to $fields; an empty one is not known, and one that is too long is left out
field() {
    [ -n "$2" ] && [ "${#2}" -le "$3" ] || return 0
    quote "$2"
    fields="$fields${fields:+,}\"$1\":$quoted"
}

# count NAME TEXT: adds a whole number to $fields; what is none is left out
count() {
    case $2 in
        '' | *[!0-9]* | 0?* | ????????????????*) return 0 ;;
    esac
    fields="$fields${fields:+,}\"$1\":$2"
}
