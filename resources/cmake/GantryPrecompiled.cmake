# SPDX-License-Identifier: Apache-2.0
# Precompiled headers. The generated messages have tens of thousands of lines: without this, reading
# them is two thirds of the time of a build.

set(messages
    <algorithm> <functional> <map> <memory> <optional> <set> <string> <string_view> <vector>
    <absl/status/statusor.h> <absl/strings/str_cat.h>
    <controller/api/agent.pb.h> <controller/api/control.pb.h> <controller/api/records.pb.h>)

# The two sets: with Qt's test library for tests, which are all programs (-fPIE), without it for libraries.
add_library(gantry_precompiled OBJECT "${CMAKE_SOURCE_DIR}/resources/cmake/precompiled.cpp")
target_link_libraries(gantry_precompiled PRIVATE gantry_options gantry_api absl::statusor)
target_precompile_headers(gantry_precompiled PRIVATE ${messages})
if(GANTRY_BUILD_TESTS)
  # What QFINDTESTDATA needs differs from folder to folder, which no precompiled header survives.
  set_property(TARGET Qt6::Test PROPERTY INTERFACE_COMPILE_DEFINITIONS QT_TESTLIB_LIB)
  add_executable(gantry_precompiled_tests EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/resources/cmake/precompiled.cpp")
  target_link_libraries(gantry_precompiled_tests PRIVATE gantry_options gantry_api absl::statusor Qt6::Core Qt6::Test)
  target_precompile_headers(gantry_precompiled_tests PRIVATE ${messages} <QTest>)
endif()

# gantry_stands_on(TARGET LIBRARY RESULT): whether TARGET links LIBRARY, itself or through others of ours.
function(gantry_stands_on target library result)
  set(open ${target})
  set(seen "")
  while(open)
    list(POP_FRONT open next)
    if(next STREQUAL library)
      set(${result} TRUE PARENT_SCOPE)
      return()
    endif()
    if(TARGET ${next} AND next MATCHES "^(gantry|tst_)" AND NOT next IN_LIST seen)
      list(APPEND seen ${next})
      get_target_property(links ${next} LINK_LIBRARIES)
      if(links)
        list(APPEND open ${links})
      endif()
    endif()
  endwhile()
  set(${result} FALSE PARENT_SCOPE)
endfunction()

# gantry_use_precompiled(FOLDER): gives the precompiled headers to every library under FOLDER that
# knows the messages, and to every test.
function(gantry_use_precompiled folder)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(kind ${target} GANTRY_KIND)
    # Qt's test library reads otherwise where there is a GUI.
    gantry_stands_on(${target} gantry_desktop has_gui)
    if(kind STREQUAL test AND NOT has_gui)
      target_precompile_headers(${target} REUSE_FROM gantry_precompiled_tests)
    elseif(kind STREQUAL library)
      gantry_stands_on(${target} gantry_schema knows_messages)
      if(knows_messages)
        target_precompile_headers(${target} REUSE_FROM gantry_precompiled)
      endif()
    endif()
  endforeach()
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(child ${folders})
    gantry_use_precompiled(${child})
  endforeach()
endfunction()

gantry_use_precompiled("${CMAKE_SOURCE_DIR}")
