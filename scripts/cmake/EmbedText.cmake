# cmake -DIN=file -DOUT=file.c -DNAME=symbol -P EmbedText.cmake: the bytes of a file as a C array
# NAME_bytes with a NUL behind it, and NAME_length without it.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1', " bytes "${hex}")
string(REGEX REPLACE "(('[^']*', )('[^']*', )('[^']*', )('[^']*', )('[^']*', )('[^']*', )('[^']*', )('[^']*', ))"
       "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}.new" "/* Generated from a data file; do not edit. */
#include <stddef.h>
extern const char ${NAME}_bytes[];
extern const size_t ${NAME}_length;
const char ${NAME}_bytes[] = {
${bytes}'\\0'};
const size_t ${NAME}_length = sizeof ${NAME}_bytes - 1;
")
file(RENAME "${OUT}.new" "${OUT}")
