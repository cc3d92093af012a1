# bash completion of rgdquant; everything is asked of the program itself.
_rgdquant() {
    local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "$(rgdquant help --names 2>/dev/null)" -- "$current"))
    elif [[ $current == --* ]]; then
        COMPREPLY=($(compgen -W "$(rgdquant "$command" --help-complete 2>/dev/null)" -- "$current"))
    else
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}
complete -o filenames -F _rgdquant rgdquant
