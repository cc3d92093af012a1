# Library, headers, program, data, pkg-config file.
install(TARGETS rgdquant rgdquant-cli
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/rgdquant DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY tracers phantoms DESTINATION ${CMAKE_INSTALL_DATADIR}/rgdquant
        FILES_MATCHING PATTERN "*.json")

# The build tree looks like an installed one, so that the program finds its data in both.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/rgdquant)
foreach(folder tracers phantoms)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${CMAKE_BINARY_DIR}/share/rgdquant/${folder}
       SYMBOLIC)
endforeach()

set(RGQ_PC_PRIVATE "-ljansson -lgsl -lgslcblas -lfftw3f -lfftw3f_omp -lpng -lcrypto -lz -lm")
configure_file(scripts/cmake/rgdquant.pc.in ${CMAKE_BINARY_DIR}/rgdquant.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/rgdquant.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
