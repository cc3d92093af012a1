# Every third-party library the product uses, found once. See src/README.md for which
# folder may include which header.
find_package(PkgConfig REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
pkg_check_modules(FFTW3F REQUIRED IMPORTED_TARGET fftw3f)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)
pkg_check_modules(GSL REQUIRED IMPORTED_TARGET gsl)
pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(TIFF REQUIRED IMPORTED_TARGET libtiff-4>=4.5)
pkg_check_modules(OPENSLIDE REQUIRED IMPORTED_TARGET openslide)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(XRAYLIB REQUIRED IMPORTED_TARGET libxrl)
find_package(ZLIB REQUIRED)
find_library(RGQ_FFTW3F_OMP fftw3f_omp REQUIRED)

# niftilib has neither a .pc nor a CMake file in Debian.
find_path(RGQ_NIFTI_INCLUDE nifti2_io.h PATH_SUFFIXES nifti REQUIRED)
find_library(RGQ_NIFTI2 nifti2 REQUIRED)
find_library(RGQ_ZNZ znz REQUIRED)

# DCMTK's .pc file asks for a library Debian does not ship; its CMake file is right.
find_package(DCMTK CONFIG REQUIRED)

if(RGQ_TESTS)
  pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)
endif()
