# make_slide FILE WIDTH HEIGHT [R G B COUNT]...: an uncompressed TIFF of 0.5 um pixels, COUNT
# pixels of each colour in a row; sizes below 256 * 256, no value 0.
make_slide() {
    file=$1 width=$2 height=$3
    shift 3
    LC_ALL=C awk -v w="$width" -v h="$height" -v pixels="$*" '
        function short(v) { bytes[++n] = v % 256; bytes[++n] = int(v / 256) }
        function long(v) { short(v % 65536); short(int(v / 65536)) }
        function entry(tag, type, count, value) { short(tag); short(type); long(count); long(value) }
        BEGIN {
            short(18761); short(42); long(8); short(13)
            entry(256, 4, 1, w); entry(257, 4, 1, h); entry(258, 3, 3, 170)
            entry(259, 3, 1, 1); entry(262, 3, 1, 2); entry(273, 4, 1, 200)
            entry(277, 3, 1, 3); entry(278, 4, 1, h); entry(279, 4, 1, 3 * w * h)
            entry(282, 5, 1, 176); entry(283, 5, 1, 176); entry(284, 3, 1, 1)
            entry(296, 3, 1, 3); long(0)
            short(8); short(8); short(8); long(20000); long(1)
            while (n < 200) bytes[++n] = 0
            for (i = 1; i <= n; i++) printf "\\%03o", bytes[i]
        }' >slide.header
    # shellcheck disable=SC2059
    printf "$(cat slide.header)" >"$file"
    rm slide.header
    LC_ALL=C awk -v pixels="$*" 'BEGIN {
        n = split(pixels, p, " ")
        for (i = 1; i <= n; i += 4)
            for (k = 0; k < p[i + 3]; k++) printf "%c%c%c", p[i], p[i + 1], p[i + 2] }' >>"$file"
}
