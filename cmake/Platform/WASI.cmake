# What CMake needs to know of WASI: that there is such a system.
set(WASI 1)
