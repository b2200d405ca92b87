# SPDX-License-Identifier: Apache-2.0
# One library a folder; everything but main.cpp is in a library.

# gantry_library(NAME SOURCES file… DEPS target…): the static library gantry_NAME.
# Dependencies are public: a header of ours may show the types of what it stands on.
function(gantry_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(gantry_${name} STATIC ${arg_SOURCES})
  target_link_libraries(gantry_${name} PUBLIC gantry_options ${arg_DEPS})
  set_target_properties(gantry_${name} PROPERTIES GANTRY_KIND library)
endfunction()

# gantry_executable(NAME SOURCES file… DEPS target…): the program NAME.
function(gantry_executable name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE gantry_options ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endfunction()

# gantry_proto(NAME [GRPC] FILES file.proto… DEPS target…): messages, or with GRPC the service
# stubs, generated from .proto files of the current folder. Imports and includes are written from
# the root: "manifests/schema/core.pb.h". Generated code is not held to our warnings.
function(gantry_proto name)
  cmake_parse_arguments(arg "GRPC" "" "FILES;DEPS" ${ARGN})
  file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  set(out "${CMAKE_BINARY_DIR}/gen")
  file(MAKE_DIRECTORY "${out}")
  set(sources "")
  foreach(file ${arg_FILES})
    get_filename_component(stem ${file} NAME_WE)
    if(arg_GRPC)
      set(products "${out}/${folder}/${stem}.grpc.pb.cc" "${out}/${folder}/${stem}.grpc.pb.h")
      set(command --grpc_out "${out}" "--plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>")
    else()
      set(products "${out}/${folder}/${stem}.pb.cc" "${out}/${folder}/${stem}.pb.h")
      set(command --cpp_out "${out}")
    endif()
    file(GLOB_RECURSE imports "${CMAKE_SOURCE_DIR}/manifests/schema/*.proto"
         "${CMAKE_SOURCE_DIR}/controller/api/*.proto")
    add_custom_command(
      OUTPUT ${products}
      COMMAND protobuf::protoc ${command} -I "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/${folder}/${file}"
      DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}" ${imports}
      VERBATIM)
    list(APPEND sources ${products})
  endforeach()
  add_library(gantry_${name} STATIC ${sources})
  target_include_directories(gantry_${name} SYSTEM PUBLIC "${out}")
  target_link_libraries(gantry_${name} PUBLIC protobuf::libprotobuf ${arg_DEPS})
  target_compile_options(gantry_${name} PRIVATE -w)
  if(arg_GRPC)
    target_link_libraries(gantry_${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()

# gantry_test(NAME SOURCE DEPS target… [LABELS label…]): one QtTest program, run offscreen.
function(gantry_test name source)
  cmake_parse_arguments(arg "" "" "DEPS;LABELS" ${ARGN})
  add_executable(${name} ${source})
  set_target_properties(${name} PROPERTIES AUTOMOC ON GANTRY_KIND test)
  target_link_libraries(${name} PRIVATE gantry_options Qt6::Core Qt6::Test ${arg_DEPS})
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" ENVIRONMENT "QT_QPA_PLATFORM=offscreen"
                                          TIMEOUT 300)
endfunction()
