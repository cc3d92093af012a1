# rgq_unit_test(module name [sources...]): tests/unit/<module>/test_<name>.c, run by Check.
function(rgq_unit_test module name)
  set(target test_${module}_${name})
  add_executable(${target} ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.c ${ARGN})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src
                             ${PROJECT_SOURCE_DIR}/tests/support)
  target_link_libraries(${target} PRIVATE rgdquant rgq_flags PkgConfig::CHECK OpenMP::OpenMP_C m)
  target_compile_definitions(${target} PRIVATE
    RGQ_SOURCE_DIR="${PROJECT_SOURCE_DIR}" RGQ_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME unit.${module}.${name} COMMAND ${target})
  set_tests_properties(unit.${module}.${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()
