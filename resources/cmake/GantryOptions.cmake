# SPDX-License-Identifier: Apache-2.0
# Compiler settings that every target of ours shares, as the INTERFACE target gantry_options.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Relative paths, so that a second checkout finds what the first one compiled without precompiled
  # headers, which hold paths; and what ccache asks for (its manual, "Precompiled headers") to cache
  # files that are compiled with one.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE_PROGRAM}")
  add_compile_options(-fpch-preprocess)
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT GANTRY_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()

if(GANTRY_SANITIZE)
  add_compile_options(-fsanitize=${GANTRY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GANTRY_SANITIZE})
endif()

add_library(gantry_options INTERFACE)
target_include_directories(gantry_options INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/gen")
# Some packages ask for -pthread: then everything has it, for all share the precompiled headers.
target_compile_options(gantry_options INTERFACE -pthread -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                                -Woverloaded-virtual)
if(GANTRY_WARNINGS_ARE_ERRORS)
  target_compile_options(gantry_options INTERFACE -Werror)
endif()
# GCC 12 sees writes out of bounds in concatenations of std::string when it optimises (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(gantry_options INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
target_compile_definitions(gantry_options INTERFACE GANTRY_VERSION="${PROJECT_VERSION}")
