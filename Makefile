# digitnet: a neural network inside SQLite.
#
#   make               builds ./digitnet.so
#   make deps demo     installs what is missing, then walks through it all:
#                      sql/demo/demo.sh
#   make deps test     the same, then runs the tests: tests/run.sh
#   make test ONLY='unit/core/*'   some of them; only what they need is built
#   make test SAN=1    the tests under AddressSanitizer and UBSan (gcc)
#   make test SAN=thread   those that have threads, under ThreadSanitizer
#   make valgrind      the tests under valgrind (SHORT=1: some)
#   make coverage      the lines and branches that the tests reach, and those they do not
#   make layers        checks who knows whom: no SQLite in core, no circle, the rooms of
#                      ext
#   make kill          kill -9 at random moments of training (SHORT=1: 15 of them)
#   make fuzz          made-up files, models, options, SQL, sanitized (SHORT=1: 30 s each)
#   make oom           every allocation fails once, in all that SQL can ask (SHORT=1: of a
#                      kind)
#   make io            every read, write, lock … fails once; full disks (SHORT=1: a
#                      sample)
#   make interrupt     from sqlite3_interrupt to return, at random moments (SHORT=1:
#                      fewer)
#   make load          two processes, ten connections: MINUTES=10 of it (SHORT=1: 20 s)
#   make bench         how fast and how accurate, beside ONNX Runtime, oneDNN, PyTorch
#   make search        what search_model finds, beside the default network for the same
#                      cost
#   make onnx          ONNX files, against ONNX's checker and ONNX Runtime (SHORT=1:
#                      fewer)
#   make picture       the README's picture of the page, and the one it is tested by, anew
#   make model         trains the built-in model anew, in hours (SHORT=1: a minute, for
#                      show)
#   make cross ARCH=…  the tests on s390x, arm64, armhf, riscv64, ppc64el or i386, under
#                      emulation (SHORT=1: some)
#   make old-new       the SQL tests in SQLite 3.31 and in the newest (SHORT=1: some of
#                      them)
#   make install       to PREFIX; and other ways to hand it on: ext/package/package.mk
#   make packages      makes and tries each of those (SHORT=1: without the Debian package)
#   make omit          the amalgamation without training, ONNX, PNG, the built-in model
#                      (SHORT=1: without all of them)
#   make portable      the library with zlib and libpng in it, for any Linux:
#                      ext/package/portable.mk
#   make portable-test    makes and tries it, for glibc and musl, x86-64 and arm64
#                      (SHORT=1: without emulation)
#   make windows       digitnet.dll for Windows x64, by mingw-w64
#   make windows-test  makes and tries it under wine64
#   make macos-test    compiles and links it for macOS, by clang with macOS's headers
#   make wasm          SQLite with it as WebAssembly: ext/package/wasm.mk
#   make wasm-test     makes and tries that in Node
#   make page          a page that reads what is drawn on it, in build/page
#   make page-test     makes and tries that in headless Chromium
#   make release       all packages of all platforms with checksums, in build/release
#   make clients       from Python, Node, Go, C and more: tests/clients
#   make cluster       in three dqlite nodes, one of which is killed: tests/cluster
#   make style         checks the C files against .clang-format; comments keep to 90
#                      columns
#   make compile_commands.json   for editors and clang's tools
#   make help          prints these lines
#   make clean
#
# Everything a build makes lies in build/, but for digitnet.so itself. CC=clang, CFLAGS=…
# and B=another/build/folder work as one would expect; V=1 shows the commands.

ifneq (,$(filter deps,$(MAKECMDGOALS)))

# `make deps test` on a bare machine: there is no compiler yet to ask anything. So deps
# goes first, and the other goals are left to a make of their own that starts after it.
GOALS := $(filter-out deps,$(MAKECMDGOALS))

deps:
	@tests/deps.sh
ifneq (,$(GOALS))
$(firstword $(GOALS)): deps
	@$(MAKE) --no-print-directory $(GOALS)
$(wordlist 2,99,$(GOALS)): $(firstword $(GOALS)) ;
endif

.PHONY: deps $(GOALS)

else

CC      ?= cc
CFLAGS  ?= -O2 -g
KOPT    ?= -O3
WARN     = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes
B       ?= build
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
DARWIN   = $(findstring -darwin,$(MACHINE))
SO      ?= digitnet.$(if $(DARWIN),dylib,so)
Q        = $(if $(V),,@)

# Sanitised code misleads gcc's warnings about bounds: they are the plain build's matter.
ifdef SAN
WARN     =
B        = build/san
SO       = $(B)/digitnet.so
CFLAGS   = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
           -fsanitize=address,undefined,float-cast-overflow
endif
ifeq ($(SAN),thread)
B        = build/tsan
CFLAGS   = -O1 -g -fno-omit-frame-pointer -fsanitize=thread
endif

MAKEFLAGS += --no-builtin-rules
COMMA := ,

# No contraction of a*b+c: a fused multiply-add happens where the source says so, and
# nowhere else, or the same model would have other bits on another machine.
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -fPIC \
             -fvisibility=hidden -pthread -ffp-contract=off $(WARN) $(CPPFLAGS) $(CFLAGS)
LIBS     = -lpng -lz -lm -pthread

# macOS: written by its manuals, not run. _POSIX_C_SOURCE alone hides sysconf's number
# of processors there; its linker cannot hide a library's names, and wants all symbols.
ifneq (,$(DARWIN))
ALL_CFLAGS += -D_DARWIN_C_SOURCE
LINK_SO  = -dynamiclib
else
LINK_SO  = -shared -Wl,-z,defs -Wl,--exclude-libs,ALL
endif

# --- objects -----------------------------------------------------------------------

CORE    = $(patsubst %.c,$(B)/%.o,$(filter-out core/kernels/%,$(wildcard core/*.c core/*/*.c)))
LOADERS = $(patsubst %.c,$(B)/%.o,$(wildcard loaders/*.c))
EXT     = $(patsubst %.c,$(B)/%.o,$(wildcard ext/*.c ext/*/*.c))

# core/kernels/kernels.c is compiled once for each instruction set; core/isa.c chooses
# among them when the library runs. -O3 here: loops of constant length must unroll.
X86_32  = $(filter i386-% i486-% i586-% i686-%,$(MACHINE))
ifneq (,$(X86_32)$(filter x86_64-%,$(MACHINE)))
KERNELS = $(B)/core/kernels/avx2.o $(B)/core/kernels/avx512.o
endif
# What clang knows as a macro, gcc leaves as it is.
BY_GCC := $(findstring __clang__,$(shell echo __clang__ | $(CC) -E -P -))
ifneq (,$(filter arm-% armv%,$(MACHINE)))
KERNELS = $(if $(BY_GCC),$(B)/core/kernels/vfpv4.o)
endif
KERNELS += $(B)/core/kernels/portable.o
KFLAGS_avx2     = -mavx2 -mfma -DDN_WIDTH=8
KFLAGS_avx512   = -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma \
                  -mprefer-vector-width=512 -DDN_WIDTH=16
KFLAGS_portable = -DDN_WIDTH=4
KFLAGS_vfpv4    = -DDN_WIDTH=4 -march=armv7-a -mfpu=vfpv4
ifneq (,$(X86_32))
ALL_CFLAGS += -msse2 -mfpmath=sse
endif
# gcc for s390x, asked for C11, computes floats as doubles where it can.
ifneq (,$(filter s390x-%,$(MACHINE)))
ALL_CFLAGS += $(if $(BY_GCC),-fexcess-precision=fast)
endif

CORE += $(KERNELS)
OBJS  = $(CORE) $(LOADERS) $(EXT)

all: $(SO)

$(SO): $(OBJS)
	@echo "  ld  $@"
	$(Q)$(CC) $(LINK_SO) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(OBJS) $(LIBS)

# Loops over a picture's pixels: a third of their time, and the same bits.
$(B)/loaders/digit%.o: ALL_CFLAGS += $(KOPT)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(KERNELS): $(B)/core/kernels/%.o: core/kernels/kernels.c Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(KOPT) $(KFLAGS_$*) -DDN_ISA=$* -MMD -MP -c -o $@ $<

# The built-in model and what is told of it, as numbers between commas.
$(B)/ext/%.inc: ext/%
	@mkdir -p $(@D)
	$(Q)od -An -v -tu1 $< | sed 's/\([0-9][0-9]*\)/\1,/g' > $@

$(B)/ext/model/builtin.o: $(B)/ext/model/builtin.model.inc $(B)/ext/model/builtin.json.inc
$(B)/ext/model/builtin.o: ALL_CFLAGS += -I$(B)/ext/model

# The SQL of the web page, the same way.
$(B)/ext/report/report_page.sql: ext/report/report_page.awk $(wildcard sql/report/*.sql)
	@mkdir -p $(@D)
	$(Q)$(AWK) -f $< sql/report/page.sql > $@

$(B)/ext/report/report_page.sql.inc: $(B)/ext/report/report_page.sql
	$(Q)od -An -v -tu1 $< | sed 's/\([0-9][0-9]*\)/\1,/g' > $@

$(B)/ext/report/report_model.o: $(B)/ext/report/report_page.sql.inc
$(B)/ext/report/report_model.o: ALL_CFLAGS += -I$(B)/ext/report

# --- packages: install, amalgamation, static, npm, wheel, deb, dist --------------------

include ext/package/package.mk

# --- tests: make test and what else tries it --------------------------------------------

include tests/tests.mk

# --- for those who work on it -----------------------------------------------------------

# The head of this file.
help:
	@sed -n 's/^#   //p' Makefile

# What editors and clang's tools read: how each file is compiled.
define compiled
{"directory": "$(CURDIR)", "file": "$1", "command": "$(CC) $(ALL_CFLAGS) $2 -c $1"}$3

endef
COMPILED = $(filter-out core/kernels/%,$(OBJS:$(B)/%.o=%.c)) $(wildcard tests/*/*.c tests/*/*/*.c)

compile_commands.json: Makefile
	$(file > $@,[$(foreach f,$(COMPILED),$(call compiled,$f,-I$(B)/ext/model,$(COMMA))) \
	    $(foreach isa,$(basename $(notdir $(KERNELS))),$(call compiled,core/kernels/kernels.c,\
	        $(KOPT) $(KFLAGS_$(isa)) -DDN_ISA=$(isa),$(if $(filter portable,$(isa)),,$(COMMA))))])
	@echo "  $@"

layers: $(SO)
	@tests/layers.sh $(SO) "$(CORE)" "$(LOADERS)" "$(EXT)"

STYLED = $(foreach folder,core loaders ext sql tests,$(foreach end,c h sh sql awk mk js go py,\
         $(wildcard $(folder)/*.$(end) $(folder)/*/*.$(end) $(folder)/*/*/*.$(end))))

style:
	$(Q)clang-format --dry-run -Werror $(filter %.c %.h,$(STYLED))
	$(Q)LC_ALL=C awk -f tests/house/columns.awk $(STYLED) Makefile .ci/run .ci/fetch

clean:
	rm -rf $(B) $(SO) compile_commands.json

-include $(OBJS:.o=.d)

.PHONY: all help layers style clean compile_commands.json

endif
