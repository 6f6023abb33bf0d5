# digitnet: a neural network inside SQLite.
#
#   make               builds ./digitnet.so
#   make deps demo     installs what is missing, runs the main job
#   make deps test     the same, runs the tests
#   make layers        checks that core and loaders know nothing of SQLite or each other
#
# Everything a build makes lies in build/, but for digitnet.so itself.

CC      ?= cc
CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes
# No contraction of a*b+c: a fused multiply-add happens where the source says so, and
# nowhere else, or the same model would have other bits on another machine.
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -fPIC -fvisibility=hidden -pthread \
             -ffp-contract=off $(WARN) $(CFLAGS)
LIBS     = -lpng -lz -lm -pthread
B       ?= build

MACHINE := $(shell $(CC) -dumpmachine)

# --- objects -----------------------------------------------------------------------

CORE    = $(patsubst %.c,$(B)/%.o,$(wildcard core/*.c))
LOADERS = $(patsubst %.c,$(B)/%.o,$(wildcard loaders/*.c))
EXT     = $(patsubst %.c,$(B)/%.o,$(wildcard ext/*.c))

# core/kernels/kernels.c is compiled once for each instruction set; core/isa.c chooses
# among them when the library runs. -O3 here: loops of constant length must unroll.
KERNELS = $(B)/core/kernels/portable.o
ifneq (,$(filter x86_64-%,$(MACHINE)))
KERNELS += $(B)/core/kernels/avx2.o $(B)/core/kernels/avx512.o
endif
KFLAGS_avx2   = -mavx2 -mfma -DDN_WIDTH=8
KFLAGS_avx512 = -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma -mprefer-vector-width=512 -DDN_WIDTH=16
KFLAGS_portable = -DDN_WIDTH=4
ifneq (,$(filter i386-% i486-% i586-% i686-%,$(MACHINE)))
ALL_CFLAGS += -msse2 -mfpmath=sse
endif

CORE += $(KERNELS)
OBJS  = $(CORE) $(LOADERS) $(EXT)

all: digitnet.so

digitnet.so: $(OBJS)
	$(CC) -shared -Wl,-z,defs -Wl,--exclude-libs,ALL $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(OBJS) $(LIBS)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/core/kernels/%.o: core/kernels/kernels.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -O3 $(KFLAGS_$*) -DDN_ISA=$* -MMD -MP -c -o $@ $<

-include $(OBJS:.o=.d)

clean:
	rm -rf $(B) digitnet.so

.PHONY: all clean
