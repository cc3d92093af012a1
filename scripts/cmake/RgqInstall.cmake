# Library, headers, program, data, pkg-config file.
install(TARGETS rgdquant rgdquant-cli
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT devel)
install(DIRECTORY include/rgdquant DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT devel)
install(DIRECTORY tracers phantoms DESTINATION ${CMAKE_INSTALL_DATADIR}/rgdquant
        COMPONENT runtime FILES_MATCHING PATTERN "*.json")
install(DIRECTORY scripts/slurm DESTINATION ${CMAKE_INSTALL_DATADIR}/rgdquant COMPONENT runtime
        USE_SOURCE_PERMISSIONS FILES_MATCHING PATTERN "*.sbatch")
install(FILES scripts/Snakefile DESTINATION ${CMAKE_INSTALL_DATADIR}/rgdquant COMPONENT runtime)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT runtime)

# The build tree looks like an installed one, so that the program finds its data in both.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/rgdquant)
foreach(folder tracers phantoms)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${CMAKE_BINARY_DIR}/share/rgdquant/${folder}
       SYMBOLIC)
endforeach()
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/scripts/slurm ${CMAKE_BINARY_DIR}/share/rgdquant/slurm SYMBOLIC)

# Manual pages and completion come from the option tables of the program itself.
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/man/rgdquant.1
  COMMAND sh ${PROJECT_SOURCE_DIR}/scripts/make_manuals.sh $<TARGET_FILE:rgdquant-cli>
          ${CMAKE_BINARY_DIR}/man
  DEPENDS rgdquant-cli ${PROJECT_SOURCE_DIR}/scripts/make_manuals.sh
  COMMENT "Manual pages from the option tables" VERBATIM)
add_custom_target(manuals ALL DEPENDS ${CMAKE_BINARY_DIR}/man/rgdquant.1)
install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT runtime FILES_MATCHING PATTERN "*.1")
install(FILES scripts/completion.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT runtime
        RENAME rgdquant)

# A static library hands its own needs on; DCMTK is C++ and has no usable .pc file.
set(RGQ_PC_PRIVATE "-lfftw3f_omp -lfftw3f -lgsl -lgslcblas -ljansson -lpng -ltiff -lcrypto -lnifti2 -lznz -lz")
string(APPEND RGQ_PC_PRIVATE " -ldcmjpeg -ldcmjpls -ldcmdata -loflog -lofstd")
string(APPEND RGQ_PC_PRIVATE " -lstdc++ ${OpenMP_C_FLAGS} -lm -lpthread")
configure_file(scripts/cmake/rgdquant.pc.in ${CMAKE_BINARY_DIR}/rgdquant.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/rgdquant.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT devel)
