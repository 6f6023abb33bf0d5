# portable.mk - a part of the Makefile: libraries that run elsewhere than where they were
# built, with zlib and libpng in them.
#
#   make portable                 build/portable/digitnet.so, for this kind of machine
#   make portable FOR=linux-arm64    build/portable/linux-arm64/digitnet.so. FOR:
#                                 linux-x64, linux-arm64: glibc 2.17 and newer
#                                 linux-x64-musl, linux-arm64-musl: musl 1.2
#   make windows                  build/portable/windows-x64/digitnet.dll, by mingw-w64
#   make macos                    build/portable/macos-arm64/digitnet.dylib, macos-x64, by
#                                 clang, lld and macOS's headers: that they compile
#   make windows-test             makes that and tries it under wine64:
#                                 tests/package/windows.sh
#   make macos-test               makes those and looks at them: tests/package/macos.sh
#   make portable-test            makes them all and tries them: tests/package/portable.sh
#
# They need the C library and nothing else, and export one name. The two libraries are
# Debian's sources: ext/package/portable/sources.sh.

PORTABLE = $(B)/portable
FOR     ?= linux-$(if $(filter aarch64-%,$(MACHINE)),arm64,x64)
OWN      = $(abspath ext/package/portable)

# Each platform's compiler, and what its sources and its linker are told.
cc.linux-x64       = $(if $(filter x86_64-%,$(MACHINE)),$(CC),x86_64-linux-gnu-gcc)
cc.linux-arm64     = $(if $(filter aarch64-%,$(MACHINE)),$(CC),aarch64-linux-gnu-gcc)
cc.linux-x64-musl  = musl-gcc
cc.linux-arm64-musl = aarch64-linux-gnu-gcc -specs $(abspath $(PORTABLE))/musl-arm64.specs
glibc.flags        = -include $(OWN)/glibc.h
# In glibc before 2.34 threads are in a library of their own.
glibc.link         = $(OWN)/glibc.c -Wl,--wrap=stat64,--wrap=fstat64 \
                     -Wl,--no-as-needed -l:libpthread.so.0
flags.linux-x64    = $(glibc.flags)
link.linux-x64     = $(glibc.link)
flags.linux-arm64  = $(glibc.flags)
link.linux-arm64   = $(glibc.link)
# What gcc calls to choose between atomics asks glibc which there are.
flags.linux-arm64-musl = -mno-outline-atomics

# Its threads are mingw-w64's, linked in; __USE_MINGW_ANSI_STDIO is C99's printf. What the
# linker would add is a time, and an address made of the file's name.
cc.windows-x64     = x86_64-w64-mingw32-gcc-posix
flags.windows-x64  = -include $(OWN)/win32.h -D__USE_MINGW_ANSI_STDIO=1
link.windows-x64   = $(OWN)/win32.c -static -Wl,--wrap=open,--wrap=opendir \
                     -Wl,--wrap=readdir,--wrap=closedir \
                     -Wl,--no-insert-timestamp -Wl,--disable-auto-image-base

# Debian's clang knows macOS's processors. What it calls to ask x86-64 for its vectors is
# of the library that Apple's clang links in: here it stays to be found.
MACOS             = $(PORTABLE)/macos
MACOS_CLANG      ?= clang
MACOS_LD         ?= $(shell $(MACOS_CLANG) -print-prog-name=ld64.lld)
macos.cc          = $(MACOS_CLANG) -target $1-apple-macos11 -nostdlibinc \
    $(foreach folder,$2-macos.11-none any-macos.11-any any-macos-any,\
        -isystem $(abspath $(MACOS))/include/$(folder))
cc.macos-arm64    = $(call macos.cc,arm64,aarch64)
cc.macos-x64      = $(call macos.cc,x86_64,x86_64)
flags.macos-arm64 = -D_DARWIN_C_SOURCE
flags.macos-x64   = -D_DARWIN_C_SOURCE
link.macos-arm64  = -arch arm64
link.macos-x64    = -arch x86_64 -U ___cpu_model -U ___cpu_features2
ar.macos-arm64    = llvm-ar
ar.macos-x64      = llvm-ar

PORTABLE_FLAGS = -std=c11 -O2 -fPIC -fvisibility=hidden -ffp-contract=off -pthread \
    -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -ffunction-sections -fdata-sections \
    -ffile-prefix-map=$(CURDIR)/= -ffile-prefix-map=$(abspath $(B))/= \
    -I$(abspath $(PORTABLE))/include
PORTABLE_LINK  = -shared -s -static-libgcc -Wl,--gc-sections -Wl,--build-id=none
ELF_LINK       = -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,--version-script=$(OWN)/exports.map

# --- zlib and libpng --------------------------------------------------------------------

SOURCES_OF_LIBRARIES = \
    $(addprefix zlib/,adler32.c crc32.c deflate.c inffast.c inflate.c inftrees.c trees.c \
        zutil.c) \
    $(addprefix libpng/,png.c pngerror.c pngget.c pngmem.c pngpread.c pngread.c pngrio.c \
        pngrtran.c pngrutil.c pngset.c pngtrans.c pngwio.c pngwrite.c pngwtran.c pngwutil.c)

# Their headers and those of SQLite, which are the same for any machine.
$(PORTABLE)/include/complete: ext/package/portable/sources.sh
	@$< $(PORTABLE)/sources
	@mkdir -p $(@D)
	$(Q)cp $(addprefix $(PORTABLE)/sources/,zlib/zlib.h zlib/zconf.h libpng/png.h \
	    libpng/pngconf.h) $(@D)
	$(Q)cp $(PORTABLE)/sources/libpng/scripts/pnglibconf.h.prebuilt $(@D)/pnglibconf.h
	$(Q)cp $$(echo '#include <sqlite3ext.h>' | $(CC) -E - | \
	    sed -n 's/^# [0-9]* "\(.*sqlite3[a-z]*\.h\)".*/\1/p' | sort -u) $(@D)
	@touch $@

# Without the assembly that libpng has for some processors: rows are the same.
$(PORTABLE)/%/libraries.a: $(PORTABLE)/include/complete
	@mkdir -p $(@D)/objects
	@echo "  cc  $@"
	$(Q)cd $(@D)/objects && $(cc.$*) $(PORTABLE_FLAGS) $(flags.$*) -w \
	    -DPNG_ARM_NEON_OPT=0 -DPNG_INTEL_SSE_OPT=0 \
	    -c $(addprefix $(abspath $(PORTABLE))/sources/,$(SOURCES_OF_LIBRARIES))
	@rm -f $@
	$(Q)$(or $(ar.$*),$(AR)) rcsD $@ $(@D)/objects/*.o

# musl-tools knows this machine's processor. Another one's musl has the text that tells
# gcc of it.
$(PORTABLE)/musl-arm64.specs: ext/package/portable/debian.sh
	@$< $(PORTABLE)/musl-arm64 arm64 - musl musl-dev
	$(Q)sed 's|/usr/|$(abspath $(PORTABLE))/musl-arm64/usr/|g' \
	    $(PORTABLE)/musl-arm64/usr/lib/aarch64-linux-musl/musl-gcc.specs > $@
	$(Q)cp $(PORTABLE)/musl-arm64/lib/aarch64-linux-musl/libc.so \
	    $(PORTABLE)/musl-arm64/usr/lib/aarch64-linux-musl

$(PORTABLE)/linux-arm64-musl/libraries.a: $(PORTABLE)/musl-arm64.specs

$(MACOS)/libSystem.tbd: ext/package/portable/macos.sh
	@$< $(@D)
	@touch $@

$(PORTABLE)/macos-arm64/libraries.a $(PORTABLE)/macos-x64/libraries.a: $(MACOS)/libSystem.tbd

# What a package that carries them must show.
$(PORTABLE)/LICENSES: LICENSE $(PORTABLE)/include/complete
	$(Q){ cat LICENSE; \
	    printf '\n--- zlib, in the library ---\n\n'; cat $(PORTABLE)/sources/zlib/LICENSE; \
	    printf '\n--- libpng, in the library ---\n\n'; cat $(PORTABLE)/sources/libpng/LICENSE; \
	} > $@

# --- the library ------------------------------------------------------------------------

$(PORTABLE)/%/digitnet.so: $(ONE)/digitnet.c $(PORTABLE)/%/libraries.a $(PORTABLE)/LICENSES \
    $(wildcard ext/package/portable/*)
	@echo "  cc  $@"
	$(Q)$(cc.$*) $(PORTABLE_FLAGS) $(flags.$*) $(PORTABLE_LINK) $(ELF_LINK) -o $@ \
	    $(abspath $<) $(@D)/libraries.a $(link.$*) -lm

$(PORTABLE)/%/digitnet.dll: $(ONE)/digitnet.c $(PORTABLE)/%/libraries.a $(PORTABLE)/LICENSES \
    $(wildcard ext/package/portable/*)
	@echo "  cc  $@"
	$(Q)$(cc.$*) $(PORTABLE_FLAGS) $(flags.$*) $(PORTABLE_LINK) -o $@ $(abspath $<) \
	    $(@D)/libraries.a $(link.$*)

$(PORTABLE)/%/digitnet.dylib: $(ONE)/digitnet.c $(PORTABLE)/%/libraries.a
	@echo "  cc  $@"
	$(Q)$(cc.$*) $(PORTABLE_FLAGS) $(flags.$*) -Wall -Wextra -c -o $(@D)/digitnet.o \
	    $(abspath $<)
	$(Q)$(MACOS_LD) -dylib $(link.$*) -platform_version macos 11.0.0 11.0.0 \
	    -install_name @rpath/digitnet.dylib -exported_symbol _sqlite3_digitnet_init \
	    -dead_strip -S -o $@ $(@D)/digitnet.o $(@D)/libraries.a $(MACOS)/libSystem.tbd

windows: $(PORTABLE)/windows-x64/digitnet.dll

macos: $(PORTABLE)/macos-arm64/digitnet.dylib $(PORTABLE)/macos-x64/digitnet.dylib

$(PORTABLE)/digitnet.so: $(PORTABLE)/$(FOR)/digitnet.so
	@cp $< $@

portable: $(PORTABLE)/$(if $(filter command line,$(origin FOR)),$(FOR)/)digitnet.so

portable-test: $(SO)
	@B=$(B) MAKE='$(MAKE)' tests/package/portable.sh

windows-test: $(SO)
	@B=$(B) SO=$(SO) MAKE='$(MAKE)' tests/package/windows.sh

macos-test:
	@B=$(B) MAKE='$(MAKE)' tests/package/macos.sh

.PRECIOUS: $(PORTABLE)/%/libraries.a
.PHONY: portable windows macos portable-test windows-test macos-test
