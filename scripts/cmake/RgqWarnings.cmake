# Warnings, hardening and sanitizers of our own code; an installed user inherits none of them.
add_library(rgq_flags INTERFACE)
set(shared_warnings
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion
    -Wformat=2 -Wvla -Wundef -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings
    -Wnull-dereference -Wswitch-enum -Wimplicit-fallthrough)
set(c_only_warnings -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition)
target_compile_options(rgq_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:C>:${shared_warnings};${c_only_warnings}>"
  "$<$<COMPILE_LANGUAGE:CXX>:${shared_warnings}>"
  -fno-math-errno -ffp-contract=off)
target_compile_definitions(rgq_flags INTERFACE _DEFAULT_SOURCE _POSIX_C_SOURCE=200809L
                           _XOPEN_SOURCE=700)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT RGQ_SANITIZE)
  target_compile_options(rgq_flags INTERFACE -O3 -fstack-protector-strong -U_FORTIFY_SOURCE
                         -D_FORTIFY_SOURCE=2)
  target_link_options(rgq_flags INTERFACE -Wl,-z,relro,-z,now)
elseif(CMAKE_BUILD_TYPE STREQUAL "Debug")
  # An unoptimised build of the image loops makes the test suite minutes slower.
  target_compile_options(rgq_flags INTERFACE -O1 -g)
endif()
if(RGQ_SANITIZE)
  target_compile_options(rgq_flags INTERFACE -fsanitize=${RGQ_SANITIZE}
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(rgq_flags INTERFACE -fsanitize=${RGQ_SANITIZE})
endif()
