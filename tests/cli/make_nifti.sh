# make_nifti FILE V1 V2 V3 V4: 2 x 2 x 1 voxels of one byte (octal, e.g. \\001), 1 mm, RAS.
zeros() {
    head -c "$1" /dev/zero
}
one='\000\000\200\077'
make_nifti() {
    {
        printf '\134\001\000\000' && zeros 36
        printf '\003\000\002\000\002\000\001\000\001\000\001\000\001\000\001\000' && zeros 14
        printf '\002\000\010\000' && zeros 2
        printf "$one$one$one$one" && zeros 16
        printf '\000\000\260\103' && zeros 140
        printf '\000\000\001\000' && zeros 24
        printf "$one" && zeros 16 && printf "$one" && zeros 16 && printf "$one" && zeros 4
        zeros 16
        printf 'n+1\000' && zeros 4
        printf "$2$3$4$5"
    } >"$1"
}
