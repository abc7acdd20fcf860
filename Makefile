# The two commands of a fresh machine are `make demo` and `make test`; CMake does the work.
PREFIX ?= /usr/local
CMAKE = cmake
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: all configure setup demo test test-fast test-arm test-emulated test-wasm test-peers check bench install clean

# Release build: the command line is build/tmo.
all: configure
	@$(CMAKE) --build --preset release -j $(JOBS)

configure: setup
	@$(CMAKE) --preset release > build.log 2>&1 || { cat build.log; rm -f build.log; exit 1; }; rm -f build.log

# Installs the compiler and the libraries that are missing (Debian and Ubuntu; elsewhere says what is needed).
setup:
	@tools/setup

# The main job on the built-in model and data: a handwriting model, quantized four ways.
demo: configure
	@$(CMAKE) --build --preset release -j $(JOBS) --target tmo
	@tools/demo.sh

# All tests: in a release build, under AddressSanitizer and UndefinedBehaviorSanitizer, and for other processors emulated.
test: all
	@ctest --preset release
	@$(CMAKE) --preset asan > /dev/null && $(CMAKE) --build --preset asan -j $(JOBS)
	@ctest --preset asan
	@tools/test_arm
	@$(MAKE) test-emulated

# The release tests alone.
test-fast: all
	@ctest --preset release

# The runtime library on 64-bit Arm, under qemu-user.
test-arm: all
	@tools/test_arm

# Kernels and goldens with AVX-512, VNNI and AMX, on processors without them (x86-64 only).
ifeq ($(shell uname -m),x86_64)
test-emulated:
	@tools/setup --emulated
	@$(CMAKE) --preset emulated > /dev/null && $(CMAKE) --build --preset emulated -j $(JOBS)
	@ctest --preset emulated
else
test-emulated:
endif

# The runtime library on WebAssembly, under node (installs a compiler in a Python environment of its own).
test-wasm: all
	@tools/test_wasm

# Live comparison with LiteRT and LiteRT Quantizer (installs them in a Python environment of their own).
test-peers: all
	@tools/peers/test_peers.sh

# Format, who includes whom, and warnings of both compilers.
check: setup
	@tools/setup --check
	@tools/check_format
	@tools/check_includes
	@$(CMAKE) --preset clang > /dev/null && $(CMAKE) --build --preset clang -j $(JOBS)

# Speed, start and memory beside the peers, as ratios; tables and charts in build/bench/docs. tools/peers/setup brings the peers.
bench: all
	@bench/compare.py --docs build/bench/docs

install: all
	@$(CMAKE) --install build --prefix $(PREFIX)

clean:
	rm -rf build build-*
