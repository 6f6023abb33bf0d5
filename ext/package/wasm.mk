# wasm.mk - a part of the Makefile: SQLite with digitnet in it as WebAssembly, for
# browsers and Node.
#
#   make wasm        build/wasm/digitnet-wasm: npm's package, and it packed beside that
#   make page        build/page: a page that reads what is drawn; static files
#   make wasm-test   makes the package and tries it in Node: tests/package/wasm.sh
#   make page-test   makes both and tries the page in headless Chromium:
#                    tests/package/web.sh
#
# By Emscripten, Debian's is enough (3.1.6); SQLite is that of npm's package sqlite3, zlib
# and libpng are those of portable.mk. Two modules of the same sources, of which index.js
# chooses: "fused" has the fused multiply-adds of relaxed SIMD, "soft" computes them.

WASM     = $(B)/wasm
EMCC    ?= emcc
# Debian's emcc asks for acorn of a node that need not be Debian's.
WASM_LINKER = NODE_PATH=$(if $(NODE_PATH),$(NODE_PATH):)/usr/share/nodejs $(EMCC)
WASM_OWN = ext/package/wasm
WASM_SQLITE = $(PORTABLE)/sqlite

# What asserts say of a file is the same in every build folder.
WASM_FLAGS  = -O2 -msimd128 -ffp-contract=off -w -D_POSIX_C_SOURCE=200809L \
    -D_FILE_OFFSET_BITS=64 -ffile-prefix-map=$(B)/= -I$(PORTABLE)/include -I$(WASM_SQLITE)
WASM_FUSED  = -mrelaxed-simd

# What SQLite can do, but for threads and libraries to load, of which there are none.
WASM_SQLITE_FLAGS = -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION \
    -DSQLITE_TEMP_STORE=2 -DSQLITE_ENABLE_MATH_FUNCTIONS \
    -DSQLITE_OMIT_DEPRECATED -DSQLITE_EXTRA_INIT=digitnet_wasm_init

# malloc returns NULL where there is no more: SQLite's "out of memory", not an abort.
WASM_LINK   = -O2 -msimd128 -sALLOW_MEMORY_GROWTH=1 -sABORTING_MALLOC=0 \
    -sTOTAL_STACK=1048576
WASM_MODULE = $(WASM_LINK) -sMODULARIZE=1 -sEXPORT_NAME=digitnetModule \
    -sENVIRONMENT=web,worker,node -sNODEJS_CATCH_EXIT=0 -sNODEJS_CATCH_REJECTION=0 \
    -sFORCE_FILESYSTEM=1 -sALLOW_TABLE_GROWTH=1 \
    -sEXPORTED_FUNCTIONS=@$(WASM_OWN)/exported.json \
    -sEXPORTED_RUNTIME_METHODS=FS,UTF8ToString,stringToUTF8,lengthBytesUTF8,addFunction,removeFunction

$(WASM_SQLITE)/shell.c:
	@tests/package/sqlite.sh $(WASM_SQLITE)

$(WASM)/libraries.o: $(PORTABLE)/include/complete
	@mkdir -p $(@D)/objects
	@echo "  emcc $@"
	$(Q)cd $(@D)/objects && $(EMCC) -O2 -w \
	    -I$(abspath $(PORTABLE))/include \
	    -c $(addprefix $(abspath $(PORTABLE))/sources/,$(SOURCES_OF_LIBRARIES))
	$(Q)$(EMCC) -r -o $@ $(WASM)/objects/*.o

$(WASM)/sqlite3.o: $(WASM_SQLITE)/shell.c
	@mkdir -p $(@D)
	@echo "  emcc $@"
	$(Q)$(EMCC) $(WASM_FLAGS) $(WASM_SQLITE_FLAGS) -c -o $@ $(WASM_SQLITE)/sqlite3.c

$(WASM)/soft.o $(WASM)/fused.o: $(ONE)/digitnet.c $(ONE)/digitnet.h $(WASM_OWN)/glue.c \
    $(WASM)/sqlite3.o $(PORTABLE)/include/complete
	@echo "  emcc $@"
	$(Q)$(EMCC) $(WASM_FLAGS) $(if $(filter %/fused.o,$@),$(WASM_FUSED)) -DSQLITE_CORE \
	    -I$(ONE) -c -o $@ $(WASM_OWN)/glue.c

# What emcc links: a script and the WebAssembly beside it. The scripts of both are alike.
$(WASM)/%/digitnet.js: $(WASM)/%.o $(WASM)/sqlite3.o $(WASM)/libraries.o \
    $(WASM_OWN)/exported.json
	@mkdir -p $(@D)
	@echo "  emcc $@"
	$(Q)$(WASM_LINKER) $(WASM_MODULE) $(if $(filter fused,$*),$(WASM_FUSED)) -o $@ $(filter %.o,$^)

.SECONDARY: $(WASM)/soft/digitnet.js $(WASM)/fused/digitnet.js

WASM_PACKAGE = $(WASM)/digitnet-wasm

$(WASM_PACKAGE)/package.json: $(WASM)/soft/digitnet.js $(WASM)/fused/digitnet.js \
    $(PORTABLE)/LICENSES $(wildcard $(WASM_OWN)/*)
	@rm -rf $(@D)
	@mkdir -p $(@D)
	$(Q)cmp $(WASM)/soft/digitnet.js $(WASM)/fused/digitnet.js
	$(Q)cat $(WASM)/soft/digitnet.js $(WASM_OWN)/index.js > $(@D)/digitnet-wasm.js
	$(Q)cp $(WASM)/soft/digitnet.wasm $(@D)/digitnet-soft.wasm
	$(Q)node $(WASM_OWN)/opcodes.js $(WASM)/fused/digitnet.wasm $(@D)/digitnet-fused.wasm
	$(Q)cp $(WASM_OWN)/index.mjs $(WASM_OWN)/index.d.ts $(WASM_OWN)/README.md $(@D)
	$(Q)cp $(PORTABLE)/LICENSES $(@D)/LICENSES
	$(Q)sed 's/@VERSION@/$(VERSION)/' $(WASM_OWN)/package.json > $@

wasm: $(WASM_PACKAGE)/package.json
	$(Q)cd $(WASM_PACKAGE) && npm pack --silent --pack-destination ..

# --- the page ---------------------------------------------------------------------------

PAGE = $(B)/page
PAGE_OWN = ext/package/page

$(PAGE)/index.html: $(WASM_PACKAGE)/package.json $(wildcard $(PAGE_OWN)/*)
	@rm -rf $(PAGE)
	@mkdir -p $(PAGE)
	$(Q)cp $(WASM_PACKAGE)/digitnet-wasm.js $(WASM_PACKAGE)/*.wasm \
	    $(WASM_PACKAGE)/LICENSES $(filter-out %/index.html,$(wildcard $(PAGE_OWN)/*)) $(PAGE)
	$(Q)cp $(PAGE_OWN)/index.html $@

page: $(PAGE)/index.html

# --- tests ------------------------------------------------------------------------------

# SQLite's shell of the same objects, for Node: what runs tests/sql/fingerprint.sql.
$(WASM)/%/sqlite3.js: $(WASM)/%.o $(WASM)/sqlite3.o $(WASM)/libraries.o
	@mkdir -p $(@D)
	@echo "  emcc $@"
	$(Q)$(WASM_LINKER) $(WASM_LINK) -w $(if $(filter fused,$*),$(WASM_FUSED)) -sNODERAWFS=1 -sWASM_ASYNC_COMPILATION=0 \
	    -sENVIRONMENT=node -sEXIT_RUNTIME=1 -I$(WASM_SQLITE) -DSQLITE_THREADSAFE=0 \
	    -DSQLITE_OMIT_LOAD_EXTENSION -o $@ $(WASM_SQLITE)/shell.c $(filter %.o,$^)
	$(Q)[ $* = soft ] || node $(WASM_OWN)/opcodes.js $(@:.js=.wasm) $(@:.js=.wasm)

wasm-test: wasm $(WASM)/soft/sqlite3.js $(WASM)/fused/sqlite3.js
	@B=$(B) tests/package/wasm.sh

page-test: $(SO) page
	@B=$(B) SO=$(SO) tests/package/web.sh

.PHONY: wasm page wasm-test page-test
